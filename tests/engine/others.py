"""Other sources for tests: whatever happens at given instants, and a loss of all that a replica
holds, after which it goes on at once."""

from math import inf

from inference_lab.serving import simulator
from inference_lab.serving.log import Log
from inference_lab.serving.two_pools import new_gateway


def simulated(engine, cluster, load, *others, seed=0, spans=False, sample_s=None):
    """A run in which other sources take part."""
    if cluster.rag is not None:
        load = cluster.rag.extended(load)
    log = Log(len(load), spans, sample_s)
    gateway = new_gateway(cluster, load, seed, log)
    return simulator.run(engine, cluster, load, gateway, log, others)


class At:
    """A source that does something at given instants."""

    def __init__(self, times_s, do):
        self.times_s, self.do = sorted(times_s), do

    @property
    def next_s(self):
        return self.times_s[0] if self.times_s else inf

    def fire(self, now_s):
        assert self.times_s.pop(0) == now_s
        self.do(now_s)


def loses(replica, at_s, noticed_s=0.0, without=None):
    """What was at a replica is sent again after a while.

    The KV-cache goes along `without` the last so many tokens; None is without all.
    """

    def make(gateway, fleet):
        lost = []

        def present(i):
            return 0 if without is None else max(0, held(fleet[replica], i) - without)

        def do(now_s):
            if now_s == at_s:
                lost.extend(fleet[replica].clear(now_s))
            if now_s == at_s + noticed_s:
                for i in lost:
                    gateway.send_again(i, now_s, present(i))

        return At({at_s, at_s + noticed_s}, do)

    return make


def held(replica, i):
    """All tokens of a sequence that has emitted some; none of one that has not."""
    if hasattr(replica, "sequences"):
        sequence = replica.sequences[i]
        return sequence.tokens if sequence.emitted else 0
    goal = replica.run.goals[i]
    return goal if goal > replica.run.prompts[i] else 0
