"""The calendar of the macro-step engine: the next event of any replica, or the next arrival."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop
from math import inf

from inference_lab.serving.arrivals import Arrivals
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.log import SERVED, TIMED_OUT, Log
from inference_lab.serving.macro.ending import end_chunks, end_steps
from inference_lab.serving.macro.least_loaded import new_chooser
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.macro.run import CostTable, Run
from inference_lab.serving.macro.schedulers import SCHEDULERS, newcomer
from inference_lab.traffic.streams import stream
from inference_lab.traffic.workload import Workload


def run(
    cluster: Cluster, workload: Workload, seed: int, progress: Callable[[int], object] | None
) -> tuple[Log, Arrivals]:
    """Simulate until the last request has ended; the same times as `reference.run`."""
    log = Log(len(workload))
    arrivals = Arrivals(workload, cluster.network_s / 2 + cluster.router_s, cluster.network_s / 2)
    shared = Run(cluster, workload, log, arrivals)
    tables = {id(costs): CostTable(costs) for costs in cluster.fleet}
    fleet = [
        MacroReplica(i, costs, tables[id(costs)], shared) for i, costs in enumerate(cluster.fleet)
    ]
    choose = new_chooser(cluster.router, workload, arrivals, fleet, stream(seed, "router"))
    schedule, events = SCHEDULERS[cluster.scheduler], shared.events
    closed = workload.concurrency is not None
    ready: list[MacroReplica] = []  # may start something when the instant is over
    in_system, last_s, area_s = 0, 0.0, 0.0
    while True:
        if events and events[0][0] <= arrivals.next_s:  # at one instant, endings come first
            now_s, index = heappop(events)
            replica = fleet[index]
            change = 0
            if replica.ends_s == now_s:  # else its stretch was cut short
                if replica.steps:
                    change -= end_steps(replica, now_s)
                if replica.chunks:
                    change -= end_chunks(replica, now_s)
                replica.ends_s = inf
                ready.append(replica)
                if change or choose.watches_queues:
                    choose.changed(replica)
            if change and closed:
                for _ in range(-change):
                    arrivals.ended(now_s)
            if change and progress:
                progress(-change)
        elif arrivals.next_s < inf:
            now_s = arrivals.next_s
            replica = fleet[choose(arrivals.next)]
            change = _receive(shared, replica, now_s)
            if change and replica.ends_s == inf:
                ready.append(replica)
            elif change and replica.steps:
                newcomer(replica, now_s)
        else:
            break
        if change:
            area_s += in_system * (now_s - last_s)
            last_s = now_s
            in_system += change
        if ready and arrivals.next_s > now_s and (not events or events[0][0] > now_s):
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
    log.kv_left = sum(r.reserved + r.context + r.occupancy().blocks(0) for r in fleet)
    return log, arrivals


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
