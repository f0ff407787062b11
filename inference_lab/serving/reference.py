"""The reference engine: one iteration at a time, in the plainest code; slow, and easy to
believe."""

from __future__ import annotations

from collections.abc import Sequence as Several
from math import inf
from operator import attrgetter

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.gateway import Gateway
from inference_lab.serving.log import Log
from inference_lab.serving.plain_pools import plain_kinds
from inference_lab.serving.prefix_cache import PrefixCache, Prompts, pinned, prefix_caches
from inference_lab.serving.sequence import Sequence
from inference_lab.serving.source import MakeSource
from inference_lab.serving.tenants import queue_maker
from inference_lab.traffic.workload import Workload


def run(
    cluster: Cluster, workload: Workload, gateway: Gateway, log: Log, others: Several[MakeSource]
) -> None:
    """Simulate until nothing is due any more; see `inference_lab.serving.source`."""
    sequences = Sequences(workload, gateway)
    caches = prefix_caches(cluster, workload, Prompts, PrefixCache)
    new_queue, kinds = queue_maker(cluster, workload, attrgetter("index")), plain_kinds(cluster)
    replicas = [
        kinds[i](i, costs, cluster, gateway, log, sequences, new_queue(), caches[i])
        for i, costs in enumerate(cluster.fleet)
    ]
    gateway.open(replicas)
    sources = [*replicas, *(make(gateway, replicas) for make in others), gateway]
    while (now_s := min(source.next_s for source in sources)) < inf:
        gateway.now_s = now_s
        for source in sources:
            while source.next_s == now_s:
                source.fire(now_s)
        for replica in replicas:
            if replica.iteration is None:
                replica.start(now_s)
    log.kv_left = sum(replica.kv_cache.held for replica in replicas) + pinned(caches)


class Sequences(dict[int, Sequence]):
    """The sequence of each request, made when it first reaches a replica."""

    def __init__(self, workload: Workload, gateway: Gateway) -> None:
        self._workload, self._gateway = workload, gateway

    def __missing__(self, i: int) -> Sequence:
        lengths = int(self._workload.prompt_tokens[i]), int(self._workload.output_tokens[i])
        deadline_s = inf if self._gateway.deadline_s is None else self._gateway.deadline_s[i]
        self[i] = sequence = Sequence(i, *lengths, deadline_s)
        return sequence
