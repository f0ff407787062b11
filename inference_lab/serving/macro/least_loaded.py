"""Choosing a replica fast: a heap instead of a scan for the least loaded of hundreds."""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from operator import attrgetter

import numpy as np

from inference_lab.serving import router as routers
from inference_lab.serving.arrivals import Arrivals
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.traffic.workload import Workload


class Scan:
    """Ask the router itself for each request."""

    watches_queues = False

    def __init__(
        self,
        route: routers.Router,
        workload: Workload,
        arrivals: Arrivals,
        fleet: list[MacroReplica],
        rng: np.random.Generator,
    ) -> None:
        self.route, self.workload, self.arrivals = route, workload, arrivals
        self.fleet, self.rng = fleet, rng

    def __call__(self, i: int) -> int:
        request = self.workload.request(i, self.arrivals.sent_s[i])
        return routers.checked_choice(self.route(request, self.fleet, self.rng), len(self.fleet))

    def changed(self, replica: MacroReplica) -> None:
        """Nothing is kept."""


class LeastLoaded:
    """The replica with the smallest load, the lowest index among equals.

    A heap with lazy deletion of one number, ``load * replicas + index``, for each replica: an entry
    that is at most its load. A load that grew is put right when its entry comes to the top; one
    that fell below its lowest entry gets a new one at once.
    """

    def __init__(self, load: str, fleet: list[MacroReplica]) -> None:
        self._load, self._fleet = attrgetter(load), fleet
        self.watches_queues = load == "queued_tokens"
        self._lowest = list(range(len(fleet)))
        self._heap = self._lowest.copy()

    def __call__(self, i: int) -> int:
        heap, fleet, load = self._heap, self._fleet, self._load
        replicas = len(fleet)
        while True:
            lowest = heap[0]
            index = lowest % replicas
            actual = load(fleet[index]) * replicas + index
            if lowest == actual:
                return index
            if lowest < actual:
                heapreplace(heap, actual)
                self._lowest[index] = actual
            else:
                heappop(heap)

    def changed(self, replica: MacroReplica) -> None:
        """The load of a replica may have fallen."""
        index, replicas = replica.index, len(self._fleet)
        actual = self._load(replica) * replicas + index
        if actual < self._lowest[index]:
            self._lowest[index] = actual
            heappush(self._heap, actual)
            if len(self._heap) > 8 * replicas:
                self._heap = sorted(self._lowest)


def new_chooser(
    router: str | routers.Router,
    workload: Workload,
    arrivals: Arrivals,
    fleet: list[MacroReplica],
    rng: np.random.Generator,
) -> Scan | LeastLoaded:
    """The fastest way to follow a router."""
    loads = {"least_outstanding": "outstanding", "least_queued_tokens": "queued_tokens"}
    if isinstance(router, str) and router in loads:
        return LeastLoaded(loads[router], fleet)
    return Scan(routers.new_router(router), workload, arrivals, fleet, rng)
