"""Kinds of replicas of the macro-step engine: with a queue that shares fairly or not, with spans or
without, in one pool or two."""

from __future__ import annotations

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.disaggregated import Disaggregated
from inference_lab.serving.fair import Fair
from inference_lab.serving.macro.fair_replica import FairReplica, RecordedFairReplica
from inference_lab.serving.macro.pools import DecodeReplica, PrefillReplica
from inference_lab.serving.macro.recorded import RecordedReplica
from inference_lab.serving.macro.replica import MacroReplica


class RecordedPrefill(RecordedReplica, PrefillReplica):
    """Only prefills, and keeps spans."""

    def fire(self, now_s: float) -> None:
        """End the running iteration."""
        told = len(self.again)
        super().fire(now_s)
        if not self.gives_first:
            del self.again[told:]  # the tokens travel, and are told where they are given


class RecordedDecode(RecordedReplica, DecodeReplica):
    """Decodes what it is handed, and keeps spans."""

    def admit(self) -> tuple[int, int]:
        """Start the head of the queue: who has to wait for its KV-cache does not join yet."""
        return DecodeReplica.admit(self)

    def join_all(self, now_s: float) -> None:
        """Those whose KV-cache is here decode from now on."""
        run = self.run
        for i in self.here:
            self.spans.join(i, self.index, now_s)
            if self.gives_first and run.goals[i] - 1 > run.prompts[i]:
                last_s = run.last_token_s[i]
                self.again.append((i, last_s, now_s - last_s))
        super().join_all(now_s)


class FairPrefill(FairReplica, PrefillReplica):
    """Only prefills, and shares fairly."""


class RecordedFairPrefill(RecordedPrefill, FairPrefill):
    """The same, and it keeps spans."""


KINDS = {
    (False, False): (MacroReplica, PrefillReplica, DecodeReplica),
    (False, True): (RecordedReplica, RecordedPrefill, RecordedDecode),
    (True, False): (FairReplica, FairPrefill, DecodeReplica),
    (True, True): (RecordedFairReplica, RecordedFairPrefill, RecordedDecode),
}
"""By whether the queue shares fairly, and whether spans are kept: the replica of a cluster, and
those of two pools."""


def macro_kinds(cluster: Cluster, recorded: bool) -> list[type[MacroReplica]]:
    """The kind of each replica of a cluster."""
    alone, prefill, decode = KINDS[isinstance(cluster.queue, Fair), recorded]
    if not isinstance(cluster, Disaggregated):
        return [alone] * len(cluster.fleet)
    return [prefill] * cluster.prefills + [decode] * cluster.decodes
