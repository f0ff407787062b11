"""The calendar of the macro-step engine: the next event of any replica, or of any other source."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop
from math import inf
from operator import attrgetter

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.gateway import Gateway
from inference_lab.serving.log import Log
from inference_lab.serving.macro import memory
from inference_lab.serving.macro.candidates import narrow
from inference_lab.serving.macro.chain_cache import ChainCache
from inference_lab.serving.macro.chains import Chains
from inference_lab.serving.macro.cost_table import CostTable
from inference_lab.serving.macro.gaps import longest_gaps_s, tell_all
from inference_lab.serving.macro.kinds import macro_kinds
from inference_lab.serving.macro.least_loaded import new_loads
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.macro.run import Run
from inference_lab.serving.prefix_cache import pinned, prefix_caches
from inference_lab.serving.source import MakeSource, Source
from inference_lab.serving.tenants import queue_maker
from inference_lab.traffic.workload import Workload


def run(
    cluster: Cluster, workload: Workload, gateway: Gateway, log: Log, others: Sequence[MakeSource]
) -> None:
    """Simulate until nothing is due any more; the same times as `reference.run`."""
    shared = Run(workload, gateway, log)
    kinds = {id(costs): costs for costs in cluster.fleet}
    tables = {
        kind: CostTable(costs, workload, *cluster.service(costs)) for kind, costs in kinds.items()
    }
    caches = prefix_caches(cluster, workload, Chains, ChainCache)
    for i, cache in enumerate(caches):
        if cache is not None:
            cache.bit = 1 << i
    new_queue = queue_maker(cluster, workload)
    new = macro_kinds(cluster, log.spans is not None)
    fleet = [
        new[i](i, costs, tables[id(costs)], shared, new_queue(), caches[i])
        for i, costs in enumerate(cluster.fleet)
    ]
    shared.loads = new_loads(cluster, fleet)
    if shared.loads is not None and shared.loads.watches_queues:
        shared.queue_loads = shared.loads
    gateway.open(fleet, shared.loads)
    narrow(gateway, shared, caches)
    _go(shared, fleet, [make(gateway, fleet) for make in others])
    log.max_itl_s = longest_gaps_s(shared, fleet)
    if log.spans is not None:
        tell_all(shared, fleet, log.spans)  # type: ignore[arg-type] # they are recorded
    log.kv_left = sum(memory.held(r, 0) + r.context for r in fleet) + pinned(caches)


def _go(shared: Run, fleet: list[MacroReplica], others: list[Source]) -> None:
    """From instant to instant; at each, ends of iterations, other sources, gateway, scheduling."""
    gateway, events, ready, gave_up = shared.gateway, shared.events, shared.ready, shared.gave_up
    last_first = others[::-1]
    while True:
        source: Source = gateway
        due_s = gateway.next_s
        for other in last_first:
            other_s = other.next_s
            if other_s <= due_s:  # the first of equals
                source, due_s = other, other_s
        now_s, index = events[0]
        if now_s <= due_s:
            if now_s == inf:
                return
            heappop(events)
            replica = fleet[index]
            if replica.next_s == now_s:
                replica.fire(now_s)
            elif not ready:  # its stretch was cut short, and nobody waits for the end of an instant
                continue
        else:
            gateway.now_s = now_s = due_s
            source.fire(now_s)
        if ready and now_s < gateway.next_s and now_s < events[0][0]:
            if others:
                if now_s == min(source.next_s for source in others):
                    continue
                ready.sort(key=attrgetter("index"), reverse=True)  # alone, they do not see it
            while ready:
                replica = ready.pop()
                if replica.next_s == inf:
                    replica.schedule(replica, now_s)
                    if gave_up:
                        shared.scheduled_s = now_s
                        gateway.gave_up(gave_up, now_s)
                        gave_up.clear()
                        if shared.loads is not None:
                            shared.loads.changed(replica)
