"""The calendar of the macro-step engine: the next event of any replica, or the next arrival."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop
from math import inf

from inference_lab.serving.arrivals import Arrivals
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.log import SERVED, TIMED_OUT, Log
from inference_lab.serving.macro.ending import end
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
    in_system, last_s, area_s = 0, 0.0, 0.0

    def enter(requests: int) -> None:
        """Requests enter the system; a negative number leaves it."""
        nonlocal in_system, last_s, area_s
        area_s += in_system * (now_s - last_s)
        last_s = now_s
        in_system += requests
        for _ in range(-requests):
            arrivals.ended(now_s)

    while True:
        now_s = arrivals.next_s
        if events and events[0][0] < now_s:
            now_s = events[0][0]
        if now_s == inf:
            break
        ready: list[MacroReplica] = []
        while events and events[0][0] == now_s:
            replica = fleet[heappop(events)[1]]
            if replica.ends_s != now_s:
                continue  # its stretch was cut short
            ready.append(replica)
            ended = end(replica)
            choose.changed(replica)
            if ended:
                enter(-ended)
                if progress:
                    progress(ended)
        while arrivals.next_s == now_s:
            i = arrivals.next
            replica = fleet[choose(i)]
            arrivals.advance()
            log.routed_s[i] = now_s
            if shared.deadline_s is not None:
                shared.deadline_s[i] = arrivals.sent_s[i] + cluster.timeout_s
            log.outcome[i] = outcome = replica.arrive(i)
            if outcome != SERVED:
                arrivals.ended(now_s)
                continue
            log.replica[i] = replica.index
            enter(1)
            if replica.ends_s == inf:
                ready.append(replica)
            elif replica.steps:
                newcomer(replica, now_s)
        for replica in ready:
            if replica.ends_s == inf:
                schedule(replica, now_s)
                if shared.gave_up:
                    for i in shared.gave_up:
                        log.outcome[i] = TIMED_OUT
                        log.gave_up_s[i] = now_s
                    enter(-len(shared.gave_up))
                    shared.gave_up.clear()
                    choose.changed(replica)
    log.area_s = area_s
    log.blocks_left = sum(
        replica.reserved + replica.occupancy.blocks(replica.decoded) for replica in fleet
    )
    return log, arrivals
