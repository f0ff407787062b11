"""The gateway: where requests are sent, routed, refused, sent again, and counted; the same object
serves both engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan, nan
from typing import Any

from inference_lab.serving.agenda import Agenda
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.door import Door
from inference_lab.serving.limits import Limits
from inference_lab.serving.living import Living, Loads
from inference_lab.serving.log import NO_REPLICA, RATE_LIMITED, SERVED, TIMED_OUT, Log
from inference_lab.serving.reports import new_choice
from inference_lab.serving.way import Way
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
    way : Way
        The delays of each request.
    present : dict of int to int
        Of requests on their way or waiting, the tokens whose KV-cache is there.
    living : Living
        The replicas that a router is shown.
    choose : callable
        The replica for a request.
    question : int
        While a router is asked, a number of this question; 0 in between. Nothing changes during it.
    in_system, area_s : int, float
        Requests that were routed and have not ended, and the integral of their number over time.
    """

    # fmt: off
    __slots__ = (
        "_again", "_agenda", "_closed", "_cluster", "_door", "_fleet", "_heard", "_last_s",
        "_limited", "_limits", "_log", "_most_blocks", "_next", "_progress", "_rng", "_spans",
        "_stranded", "_workload", "area_s", "choose", "deadline_s", "in_system", "living",
        "next_s", "now_s", "present", "question", "sent_s", "way",
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
        self._cluster, self._workload, self._log, self._progress = cluster, workload, log, progress
        self._rng, self._spans = stream(seed, "router"), log.spans
        self.way = Way(cluster, len(workload), seed)
        self._closed = workload.concurrency is not None
        self._heard = self._closed or progress is not None or log.spans is not None
        first = workload.arrival_s[: workload.concurrency] if self._closed else workload.arrival_s
        self.sent_s: list[float] = first.tolist()
        self._agenda = Agenda(iter(self.way.plan(first, self.sent_s, copied=self._closed)))
        self.next_s, self._next = next(self._agenda.plan)
        self._door = Door(cluster, workload, self.sent_s)
        self._limited, self._most_blocks = self._door.limited, self._door.most_blocks
        self._limits = Limits(cluster.limits, workload) if cluster.limits else None
        self.deadline_s = self._door.deadline_s
        self.present: dict[int, int] = {}
        self._fleet: Sequence[Any] = ()
        self.living = Living()
        self._again: set[int] = set()  # in the system before they are routed (once more)
        self._stranded: list[int] = []
        self.choose: Callable[[int], Any] = self._not_open
        self.now_s = self._last_s = self.area_s = 0.0
        self.in_system = self.question = 0

    @staticmethod
    def _not_open(i: int) -> Any:
        raise RuntimeError("the gateway has no fleet yet: open it first")

    def open(self, fleet: Sequence[Any], loads: Loads | None = None) -> None:
        """Let requests in to a fleet; `loads` may be a faster way to follow the router."""
        self._fleet, self.living = fleet, Living(fleet, loads)
        for replica in fleet:
            replica.zone, replica.pool = replica.index % self._cluster.zones, self.living
        self.choose = new_choice(self, fleet, self._cluster, self._rng) if loads is None else loads

    def request(self, i: int) -> Request:
        """What a router may see of request `i`."""
        return self._workload.request(i, self.sent_s[i])

    def fire(self, now_s: float) -> None:
        """Send what is due, or route the one request that is due."""
        i, agenda = self._next, self._agenda
        if agenda.born:
            self.next_s, self._next = agenda.take()
            if i == SEND:
                self._send(now_s)
                return
        else:
            self.next_s, self._next = next(agenda.plan)
        log = self._log
        if self._limits is not None and i not in self._again and self._limits.over(i, now_s):
            log.outcome[i] = RATE_LIMITED
            self._over([i], now_s)
            return
        if not self.living:
            self._strand(i, now_s)
            return
        replica = self.choose(i)
        if i in self._again:  # it is in the system already
            outcome = self._door.refusal(i, replica, again=i in log.retries)
            if outcome != SERVED:
                self._end([i], outcome, now_s)
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

    def _strand(self, i: int, now_s: float) -> None:
        """No replica lives: a request waits for one that will, or ends here."""
        if i not in self._again:
            self._again.add(i)
            self._log.routed_s[i] = now_s
            self._count(1, now_s)
        if self.living.coming:
            self._stranded.append(i)
        else:
            self._end([i], NO_REPLICA, now_s)

    def look_again(self, now_s: float) -> None:
        """A replica has joined, or there is no hope for one: those who wait for it are due."""
        for i in self._stranded:
            self._bear(now_s, i)
        self._stranded.clear()

    def _count(self, more: int, now_s: float) -> None:
        """So many more requests are in the system."""
        self.area_s += self.in_system * (now_s - self._last_s)
        self._last_s = now_s
        self.in_system += more

    def _beside_s(self, i: int) -> float:
        """Seconds that a request which was served spends beside the engine."""
        served = self._log.outcome[i] == SERVED
        return self._cluster.fleet[self._log.replica[i]].frontend_s if served else 0.0

    def _send(self, now_s: float) -> None:
        """A user of a closed loop sends the next request, if there is one left."""
        i = len(self.sent_s)
        if i < len(self._workload):
            self.sent_s.append(now_s)
            self._bear(now_s + float(self.way.in_s(i)), i)

    def send_again(self, i: int, at_s: float, present: int = 0) -> None:
        """Request `i` is at no replica any more: it is routed again, `router_s` after `at_s`.

        It stays in the system, and no limit refuses it but the KV-cache of a smaller replica. The
        KV-cache of `present` tokens goes with it: they need no prefill.
        """
        log, router_s = self._log, self.way.router_s
        self._again.add(i)
        self.present.pop(i, None)
        if present:
            self.present[i] = present
        log.retries[i] = log.retries.get(i, 0) + 1
        if router_s and isnan(log.first_token_s[i]):
            log.part("router")[i] += router_s
        self._bear(at_s + router_s, i)

    def _bear(self, at_s: float, i: int) -> None:
        """Something that was not planned is due at a time."""
        self.next_s, self._next = self._agenda.bear((at_s, i), (self.next_s, self._next))

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
            self._log.tokens -= self._fleet[0].emitted(i)  # in vain
        self._count(-len(requests), now_s)
        self._over(requests, now_s)

    def _over(self, requests: Sequence[int], now_s: float) -> None:
        """Tell whoever waits for an ending, served or not."""
        if self._spans is not None:
            for i in requests:
                self._spans.leave(i, now_s)
        if self._closed:
            for i in requests:
                self._bear(now_s + self.way.back_s(i) + self._beside_s(i), SEND)
        if self._progress is not None:
            self._progress(len(requests))
