"""The calendar of the macro-step engine: the next event of any replica, or the next arrival."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop
from math import inf

from inference_lab.serving.arrivals import Arrivals
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.log import SERVED, TIMED_OUT, Log
from inference_lab.serving.macro.ending import end_chunks, end_steps
from inference_lab.serving.macro.gaps import longest_gaps_s
from inference_lab.serving.macro.least_loaded import new_chooser
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.macro.run import CostTable, Run
from inference_lab.serving.macro.schedulers import SCHEDULERS
from inference_lab.traffic.streams import stream
from inference_lab.traffic.workload import Workload


def run(
    cluster: Cluster, workload: Workload, seed: int, progress: Callable[[int], object] | None
) -> tuple[Log, Arrivals]:
    """Simulate until the last request has ended; the same times as `reference.run`."""
    log = Log(len(workload))
    arrivals = Arrivals(workload, cluster.network_s / 2 + cluster.router_s, cluster.network_s / 2)
    shared = Run(cluster, workload, log, arrivals)
    kinds = {id(costs): costs for costs in cluster.fleet}
    tables = {kind: CostTable(costs, workload) for kind, costs in kinds.items()}
    fleet = [
        MacroReplica(i, costs, tables[id(costs)], shared) for i, costs in enumerate(cluster.fleet)
    ]
    choose = new_chooser(cluster.router, workload, arrivals, fleet, stream(seed, "router"))
    (schedule, newcomer), events = SCHEDULERS[cluster.scheduler], shared.events
    watches_queues = choose.watches_queues
    watched = workload.concurrency is not None or progress is not None
    ready: list[MacroReplica] = []  # may start something when the instant is over
    in_system, last_s, area_s = 0, 0.0, 0.0
    while True:
        now_s, index = events[0]
        if now_s <= arrivals.next_s:  # at one instant, endings come first
            if now_s == inf:
                break
            heappop(events)
            replica = fleet[index]
            change = 0
            if replica.ends_s == now_s:  # else its stretch was cut short
                if replica.steps:
                    change -= end_steps(replica, now_s)
                if replica.chunks:
                    change -= end_chunks(replica, now_s)
                replica.ends_s = inf
                ready.append(replica)
                if change or watches_queues:
                    choose.changed(replica)
                if change and watched:
                    _tell(arrivals, -change, now_s, progress)
        else:
            now_s = arrivals.next_s
            replica = fleet[choose(arrivals.next)]
            change = _receive(shared, replica, now_s)
            if change and replica.ends_s == inf:
                ready.append(replica)
            elif change and replica.steps:
                newcomer(replica, now_s)
        if change:
            area_s += in_system * (now_s - last_s)
            last_s = now_s
            in_system += change
        if ready and now_s < arrivals.next_s and now_s < events[0][0]:
            for replica in ready:
                if replica.ends_s == inf:
                    schedule(replica, now_s)
                    if shared.gave_up:
                        area_s += in_system * (now_s - last_s)
                        last_s = now_s
                        in_system -= _let_go(shared, now_s)
                        choose.changed(replica)
            ready.clear()
    log.area_s = area_s
    log.max_itl_s = longest_gaps_s(shared, fleet)
    log.kv_left = sum(r.reserved() + r.context + r.occupancy().blocks(0) for r in fleet)
    return log, arrivals


def _tell(
    arrivals: Arrivals, ended: int, now_s: float, progress: Callable[[int], object] | None
) -> None:
    """So many requests have ended: their users may send the next ones, and somebody may watch."""
    for _ in range(ended):
        arrivals.ended(now_s)
    if progress is not None:
        progress(ended)


def _receive(shared: Run, replica: MacroReplica, now_s: float) -> int:
    """Hand the next request to its replica; returns 1 if it is queued there, else 0."""
    log, arrivals = shared.log, shared.arrivals
    i = arrivals.next
    arrivals.advance()
    log.routed_s[i] = now_s
    if shared.deadline_s is not None:
        shared.deadline_s[i] = arrivals.sent_s[i] + shared.cluster.timeout_s
    outcome = replica.arrive(i)
    if outcome != SERVED:
        log.outcome[i] = outcome
        arrivals.ended(now_s)
        return 0
    log.replica[i] = replica.index
    return 1


def _let_go(shared: Run, now_s: float) -> int:
    """Write down the requests whose clients had given up; returns how many."""
    log, gave_up = shared.log, shared.gave_up
    for i in gave_up:
        log.outcome[i] = TIMED_OUT
        log.gave_up_s[i] = now_s
        shared.arrivals.ended(now_s)
    shared.gave_up = []
    return len(gave_up)
