"""Flows on a fabric: bytes on their way, at the rates that max-min fairness gives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, ulp

from inference_lab.checks import real
from inference_lab.fabric.flow import Flow
from inference_lab.fabric.ledger import LAST_BYTE, Ledger
from inference_lab.fabric.max_min import MANY_FLOWS, shares

_TIE = 1 - 1e-9
"""Rates within this of each other count as equal when it is asked which of them can change."""


class Flows:
    """The flows of a fabric on one clock: a source of events, with `next_s` and `fire`.

    Rates change when a flow is added, ends or is taken away, or a link changes; all changes of one
    instant are shared out once, before time goes on. Between two changes every flow keeps its rate,
    so that a flow alone on its links ends at exactly start + bytes / rate.

    Parameters
    ----------
    link_bytes_per_s : sequence of float
        Capacity of each link, such as `LeafSpine.link_bytes_per_s`.

    Raises
    ------
    TypeError, ValueError
        If a capacity is not above 0; in the methods, if an argument is out of range, the clock
        would go back, or an end would be jumped over.

    Notes
    -----
    After an end only flows at least as fast as the ended one can change: progressive filling
    reaches every lower rate before it could notice the difference. After a start the bound is the
    least equal share on the new flow's links, after a change of a link its own equal share.

    Examples
    --------
    >>> flows = Flows([100.0])
    >>> first, second = flows.add(1000, (0,), now_s=0), flows.add(3000, (0,), now_s=0)
    >>> flows.next_s, flows.fire(20.0) == [first], flows.next_s, flows.fire(40.0) == [second]
    (20.0, True, 40.0, True)
    """

    def __init__(self, link_bytes_per_s: Sequence[float]) -> None:
        self.link_bytes_per_s = [
            real(f"link_bytes_per_s[{i}]", rate, above=0) for i, rate in enumerate(link_bytes_per_s)
        ]
        self.now_s = 0.0
        self._ledger = Ledger(len(self.link_bytes_per_s))
        self.carried_bytes = self._ledger.carried_bytes
        """What each link has carried, by rate and time, as of the last change of each flow."""
        self._live: dict[Flow, None] = {}  # in order of their starts
        self._crossing = [0] * len(self.link_bytes_per_s)
        self._new: list[Flow] = []
        self._level = inf  # flows slower than this keep their rates
        self._stale = False
        self._next_s = inf

    def __len__(self) -> int:
        return len(self._live)

    def __iter__(self) -> Iterator[Flow]:
        return iter(self._live)

    def add(
        self,
        size_bytes: float,
        route: Sequence[int],
        now_s: float,
        most_bytes_per_s: float = inf,
        tag: object = None,
    ) -> Flow:
        """Start a flow; without links it moves at `most_bytes_per_s`, or at once."""
        size = real("size_bytes", size_bytes)
        if most_bytes_per_s != inf:
            real("most_bytes_per_s", most_bytes_per_s, above=0)
        path = tuple(route)
        if len(set(path)) < len(path) or not all(0 <= i < len(self._crossing) for i in path):
            raise ValueError(
                f"route={path!r} must name links from 0 to {len(self._crossing) - 1}, each once"
            )
        self._turn_to(now_s)
        flow = Flow(size, path, most_bytes_per_s, tag, self.now_s, self.now_s, size)
        self._live[flow] = None
        self._new.append(flow)
        self._stale = True
        for link in path:
            self._crossing[link] += 1
        return flow

    def remove(self, flow: Flow, now_s: float) -> float:
        """Take a flow away before its end; returns the bytes that it had left."""
        self._turn_to(now_s)
        if flow not in self._live:
            raise ValueError("flow is not on its way: it has ended, or was taken away before")
        flow.settle(self.now_s, self.carried_bytes)
        self._forget(flow, flow.size_bytes - flow.left_bytes)
        return flow.left_bytes

    def set_link(self, link: int, bytes_per_s: float, now_s: float) -> None:
        """Give a link another capacity from now on; a factor of a fault, and back again."""
        rate = real("bytes_per_s", bytes_per_s, above=0)
        if not 0 <= link < len(self._crossing):
            raise ValueError(f"link={link!r} must be from 0 to {len(self._crossing) - 1}")
        self._turn_to(now_s)
        before = self.link_bytes_per_s[link]
        self._ledger.offer(link, before, self.now_s)
        self.link_bytes_per_s[link] = rate
        if self._crossing[link]:
            self._level = min(self._level, min(rate, before) / self._crossing[link])
            self._stale = True

    @property
    def next_s(self) -> float:
        """When the next flow ends; ``inf`` if none is on its way."""
        if self._stale:
            self._share()
        return self._next_s

    def fire(self, now_s: float) -> list[Flow]:
        """End the flows that have less than one byte left, in order of their starts."""
        self._turn_to(now_s)
        if self._stale:
            self._share()
        ended = [
            flow
            for flow in self._live
            if flow.end_s <= now_s or (flow.end_s - now_s) * flow.bytes_per_s < LAST_BYTE
        ]
        for flow in ended:
            flow.settle(self.now_s, self.carried_bytes)
            tick_bytes = flow.bytes_per_s * ulp(now_s)  # an end is rounded to the clock
            if flow.left_bytes > LAST_BYTE + tick_bytes + 1e-9 * flow.size_bytes:
                raise RuntimeError(f"bytes are not conserved: {flow.left_bytes} left at an end")
            self._forget(flow, flow.size_bytes)
            flow.left_bytes, flow.end_s = 0.0, now_s
        return ended

    def check(self) -> None:
        """Bytes are conserved on every link, and none carried more than it can.

        Raises
        ------
        RuntimeError
            If they are not: the bookkeeping is broken.
        """
        self._ledger.check(self._live, self.link_bytes_per_s, self.now_s)

    def _turn_to(self, now_s: float) -> None:
        """Let time go on to an instant, with the rates that hold until then."""
        if now_s == self.now_s:
            return
        next_s = self.next_s
        if not self.now_s <= now_s <= next_s:
            raise ValueError(
                f"now_s={now_s!r} must be from {self.now_s} to {next_s}: fire each end in turn"
            )
        self.now_s = now_s

    def _forget(self, flow: Flow, moved_bytes: float) -> None:
        del self._live[flow]
        self._stale = True
        if flow.end_s == inf:  # added in this instant
            self._new.remove(flow)
        else:
            self._level = min(self._level, flow.bytes_per_s)
        for link in flow.route:
            self._crossing[link] -= 1
        self._ledger.write_off(flow.route, moved_bytes)

    def _common_rate(self) -> float | None:
        """The rate of all few flows if the narrowest equal share on its way is the same for each.

        No link is full below it, and at it each flow has one that is: nobody gets less or more.
        """
        capacities, crossing, common = self.link_bytes_per_s, self._crossing, None
        if len(self._live) >= MANY_FLOWS:
            return None
        for flow in self._live:
            share = flow.most_bytes_per_s
            for link in flow.route:
                equal = capacities[link] / crossing[link]
                if equal < share:  # `min` takes twice as long
                    share = equal
            if common is not None and share != common:
                return None
            common = share
        return common

    def _share(self) -> None:
        """Rates for all that can have changed, and the next end."""
        common = self._common_rate()
        if common is None:
            self._fill()
        else:
            for flow in self._live:
                if flow.bytes_per_s != common:
                    self._set(flow, common)
        self._new, self._level, self._stale = [], inf, False
        self._next_s = min([flow.end_s for flow in self._live], default=inf)

    def _set(self, flow: Flow, rate: float) -> None:
        flow.settle(self.now_s, self.carried_bytes)
        flow.bytes_per_s, flow.end_s = rate, self.now_s + flow.left_bytes / rate

    def _fill(self) -> None:
        """Rates by progressive filling, of flows that can have changed."""
        capacities, crossing = self.link_bytes_per_s, self._crossing
        level = self._level
        for flow in self._new:
            level = min(level, flow.most_bytes_per_s)
            for link in flow.route:
                level = min(level, capacities[link] / crossing[link])
        level *= _TIE
        moving, steady = [], []
        for flow in self._live:
            if flow.bytes_per_s >= level or flow.end_s == inf:
                moving.append(flow)
            else:
                steady.append((flow.route, flow.bytes_per_s))
        routes = [flow.route for flow in moving]
        rates = shares(capacities, routes, [flow.most_bytes_per_s for flow in moving], steady)
        for flow, rate in zip(moving, rates, strict=True):
            if rate != flow.bytes_per_s:
                self._set(flow, rate)
