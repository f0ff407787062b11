"""The gateway: where requests are sent, routed, refused, sent again, and counted; the same object
serves both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from itertools import chain
from math import inf, isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.serving.choice import Asked
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.delays import drawn_s, half_s
from inference_lab.serving.door import Door
from inference_lab.serving.log import KV_CAPACITY, SERVED, TIMED_OUT, Log
from inference_lab.serving.router import new_router
from inference_lab.traffic.request import Request
from inference_lab.traffic.streams import stream
from inference_lab.traffic.workload import Workload

SEND = -2
"""In place of an index: a user of a closed loop is about to send. At one instant, that is first."""


class Gateway:
    """A source (see `inference_lab.serving.source`) that fires once for each request.

    The requests of an open workload are drawn and sorted by the instant at which they reach the
    router before the run, so they may overtake each other; what is born in the run (a closed loop's
    next request, a request that is routed again) waits in a heap.

    Parameters
    ----------
    cluster : Cluster
        For its router, delays and limits.
    workload : Workload
        The requests.
    seed : int
        Of the delays and of the router's random choices.
    log : Log
        What became of each request is written there.
    progress : callable or None
        Told how many requests have just ended, served or not.

    Attributes
    ----------
    next_s : float
        When the next request is sent or reaches the router; infinity if none is on the way.
    now_s : float
        The present instant, for views that change while nothing fires.
    sent_s : list of float
        When each request left its client, as far as that is known, in the order of sending.
    deadline_s : list of float or None
        When the client of each request gives up; infinity once its prefill has begun. None if
        clients never do.
    network_s : float or array
        The round trip of each request, half on the way in, half on the way out.
    present : dict of int to int
        Of requests on their way or waiting, the tokens whose KV-cache is there.
    living : list of replicas
        Those that a router is shown, in the order of the fleet.
    in_system, area_s : int, float
        Requests that were routed and have not ended, and the integral of their number over time.
    """

    # fmt: off
    __slots__ = (
        "_born", "_choose", "_closed", "_cluster", "_door", "_fleet", "_heard", "_last_s",
        "_limited", "_log", "_most_blocks", "_next", "_on_the_way", "_planned", "_progress",
        "_rng", "_spans", "_workload", "area_s", "deadline_s", "in_system", "living", "network_s",
        "next_s", "now_s", "present", "sent_s",
    )
    # fmt: on

    def __init__(
        self,
        cluster: Cluster,
        workload: Workload,
        seed: int,
        log: Log,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        n = len(workload)
        self._cluster, self._workload, self._log, self._progress = cluster, workload, log, progress
        self._fleet = cluster.fleet
        self._rng, self._spans = stream(seed, "router"), log.spans
        self.network_s = drawn_s("network_s", cluster.network_s, n, stream(seed, "network"))
        self._closed = workload.concurrency is not None
        self._heard = self._closed or progress is not None or log.spans is not None
        first = workload.arrival_s[: workload.concurrency] if self._closed else workload.arrival_s
        self.sent_s: list[float] = first.tolist()
        self._on_the_way = iter(self._plan(first))
        self.next_s, self._next = self._planned = next(self._on_the_way)
        self._born: list[tuple[float, int]] = []
        self._door = Door(cluster, workload, self.sent_s)
        self._limited, self._most_blocks = self._door.limited, self._door.most_blocks
        self.deadline_s = self._door.deadline_s
        self.present: dict[int, int] = {}
        self.living: list[Any] = []
        self._choose: Callable[[int], Any] = self._not_open
        self.now_s = self._last_s = self.area_s = 0.0
        self.in_system = 0

    def _plan(self, sent_s: NDArray[np.float64]) -> Iterable[tuple[float, int]]:
        """When each request reaches the router, sorted by that, then by index."""
        on_the_way_s = half_s(self.network_s, slice(len(sent_s))) + self._cluster.router_s
        reach_s = sent_s + on_the_way_s
        if isinstance(on_the_way_s, np.ndarray):
            order = np.argsort(reach_s, kind="stable")
            times, indices = reach_s[order].tolist(), order.tolist()
        else:
            # A closed loop's list grows while it runs; an open one's need not be kept twice.
            times = reach_s.tolist() if on_the_way_s or self._closed else self.sent_s
            indices = range(len(times))
        return zip(chain(times, (inf,)), chain(indices, (-1,)), strict=True)

    @staticmethod
    def _not_open(i: int) -> Any:
        raise RuntimeError("the gateway has no fleet yet: open it first")

    def open(self, fleet: Sequence[Any], choose: Callable[[int], Any] | None = None) -> None:
        """Let requests in to a fleet; `choose` may be a faster way to follow the router."""
        self.living.extend(fleet)
        if choose is None:
            route = new_router(self._cluster.router)
            choose = Asked(route, self.request, self.living, self._rng)
        self._choose = choose

    def request(self, i: int) -> Request:
        """What a router may see of request `i`."""
        return self._workload.request(i, self.sent_s[i])

    def fire(self, now_s: float) -> None:
        """Send what is due, or route the one request that is due."""
        i = self._next
        if self._born:
            self._take()
            if i == SEND:
                self._send(now_s)
                return
        else:
            self.next_s, self._next = next(self._on_the_way)
        replica, log = self._choose(i), self._log
        if i in log.retries:  # it is in the system already
            if self._most_blocks[i] > replica.blocks:
                log.tokens -= replica.emitted(i)  # in vain
                self._end([i], KV_CAPACITY, now_s)
                return
        else:
            log.routed_s[i] = now_s
            if self._limited or self._most_blocks[i] > replica.blocks:
                outcome = self._door.refusal(i, replica)
                if outcome != SERVED:
                    log.outcome[i] = outcome
                    self._over([i], now_s)
                    return
            self.area_s += self.in_system * (now_s - self._last_s)
            self._last_s = now_s
            self.in_system += 1
        log.replica[i] = replica.index
        replica.push(i, now_s)

    def _beside_s(self, i: int) -> float:
        """Seconds that a request which was served spends beside the engine."""
        served = self._log.outcome[i] == SERVED
        return self._fleet[self._log.replica[i]].frontend_s if served else 0.0

    def _send(self, now_s: float) -> None:
        """A user of a closed loop sends the next request, if there is one left."""
        i = len(self.sent_s)
        if i < len(self._workload):
            self.sent_s.append(now_s)
            way_in_s = float(half_s(self.network_s, i)) + self._cluster.router_s
            self._bear(now_s + way_in_s, i)

    def send_again(self, i: int, at_s: float, present: int = 0) -> None:
        """Request `i` is at no replica any more: it is routed again, `router_s` after `at_s`.

        It stays in the system, and no limit refuses it but the KV-cache of a smaller replica. The
        KV-cache of `present` tokens goes with it: they need no prefill.
        """
        log, router_s = self._log, self._cluster.router_s
        self.present.pop(i, None)
        if present:
            self.present[i] = present
        log.retries[i] = log.retries.get(i, 0) + 1
        if router_s and isnan(log.first_token_s[i]):
            log.part("router")[i] += router_s
        self._bear(at_s + router_s, i)

    def _bear(self, at_s: float, i: int) -> None:
        """Something that was not planned is due at a time."""
        if not self._born:  # so far, the next two numbers were all that was kept of the plan
            self._planned = (self.next_s, self._next)
        heappush(self._born, (at_s, i))
        self.next_s, self._next = min(self._planned, self._born[0])

    def _take(self) -> None:
        """Go on from what is due now: the lesser head; of equals in time SEND, then by index."""
        if self._born[0] < self._planned:
            heappop(self._born)
        else:
            self._planned = next(self._on_the_way)
        self.next_s, self._next = min([self._planned, *self._born[:1]])

    def ended(self, requests: Sequence[int], now_s: float) -> None:
        """These have got their last token at their replica."""
        self.area_s += self.in_system * (now_s - self._last_s)
        self._last_s = now_s
        self.in_system -= len(requests)
        if self._heard:
            self._over(requests, now_s)

    def gave_up(self, requests: Sequence[int], now_s: float) -> None:
        """Their turn came, and their clients were gone."""
        self._end(requests, TIMED_OUT, now_s)

    def _end(self, requests: Sequence[int], outcome: int, now_s: float) -> None:
        """They leave the system without their last token."""
        for i in requests:
            self._log.outcome[i] = outcome
            self._log.unserved_s[i] = now_s
            self._log.first_token_s[i] = nan
        self.area_s += self.in_system * (now_s - self._last_s)
        self._last_s = now_s
        self.in_system -= len(requests)
        self._over(requests, now_s)

    def _over(self, requests: Sequence[int], now_s: float) -> None:
        """Tell whoever waits for an ending, served or not."""
        if self._spans is not None:
            for i in requests:
                self._spans.leave(i, now_s)
        if self._closed:
            for i in requests:
                self._bear(now_s + float(half_s(self.network_s, i)) + self._beside_s(i), SEND)
        if self._progress is not None:
            self._progress(len(requests))
