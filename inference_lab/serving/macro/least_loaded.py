"""Choosing a replica fast: a heap instead of a scan for the least loaded of hundreds."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush, heapreplace
from operator import attrgetter
from typing import TYPE_CHECKING

from inference_lab.serving.disaggregated import Disaggregated

if TYPE_CHECKING:
    from inference_lab.serving.cluster import Cluster
    from inference_lab.serving.macro.replica import MacroReplica

INDEX_BITS = 20
"""A load and an index are one number, the index in its last bits: enough for `MOST_REPLICAS`."""

INDEX = (1 << INDEX_BITS) - 1
GONE = -1
"""The lowest entry of a replica that left: no load is below it, so it never gets one."""


def _queued_then_outstanding(replica: MacroReplica) -> int:
    return replica.queued_tokens << INDEX_BITS | replica.outstanding


KEYS: dict[str, Callable[[MacroReplica], int]] = {
    "outstanding": attrgetter("outstanding"),
    "queued_tokens": _queued_then_outstanding,
}
"""A load as one whole number."""


class LeastLoaded:
    """The living replica with the smallest load, the lowest index among equals.

    A heap with lazy deletion of one number, ``load << 20 | index``, for each replica: an entry that
    is at most its load. A load that grew is put right when its entry comes to the top; one that
    fell below its lowest entry gets a new one at once.

    Parameters
    ----------
    load : str
        What says how loaded a replica is: ``"outstanding"``, or ``"queued_tokens"`` and among
        equals the outstanding.
    fleet : list of MacroReplica
        All replicas; they live until `left` is told.
    """

    def __init__(self, load: str, fleet: list[MacroReplica]) -> None:
        self._load, self._fleet = KEYS[load], fleet
        self.watches_queues = load == "queued_tokens"
        self._lowest = list(range(len(fleet)))
        self._heap = self._lowest.copy()

    def __call__(self, i: int) -> MacroReplica:
        """The replica for the next request, whichever it is."""
        heap, fleet, load = self._heap, self._fleet, self._load
        while True:
            lowest = heap[0]
            index = lowest & INDEX
            replica = fleet[index]
            actual = load(replica) << INDEX_BITS | index
            if lowest == actual:
                return replica
            heapreplace(heap, actual)  # never lower: who fell was told, and has a lower entry
            self._lowest[index] = actual

    def changed(self, replica: MacroReplica) -> None:
        """The load of a replica may have fallen."""
        index = replica.index
        actual = self._load(replica) << INDEX_BITS | index
        if actual < self._lowest[index]:
            self._lowest[index] = actual
            heappush(self._heap, actual)
            if len(self._heap) > 8 * len(self._fleet):
                self._heap = sorted(key for key in self._lowest if key >= 0)

    def left(self, replica: MacroReplica) -> None:
        """A replica takes no more requests."""
        self._lowest[replica.index] = GONE
        self._heap = sorted(key for key in self._lowest if key >= 0)

    def joined(self, replica: MacroReplica) -> None:
        """A replica takes requests, again or for the first time."""
        self._lowest[replica.index] = self._load(replica) << INDEX_BITS | replica.index
        heappush(self._heap, self._lowest[replica.index])


LOADS = {"least_outstanding": "outstanding", "least_queued_tokens": "queued_tokens"}
"""Routers that choose the least of one attribute."""


def new_loads(cluster: Cluster, fleet: list[MacroReplica]) -> LeastLoaded | None:
    """A heap for a router that is the least of one true attribute; None for others."""
    if isinstance(cluster, Disaggregated):  # whose routers see a part of the fleet each
        return None
    router = cluster.router
    load = LOADS.get(router) if isinstance(router, str) and not cluster.report_s else None
    return None if load is None else LeastLoaded(load, fleet)
