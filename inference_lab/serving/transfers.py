"""Transfers: what moves on the fabric in one run, and what happens when it has arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isclose, prod

from inference_lab.fabric.flow import Flow
from inference_lab.fabric.flows import Flows

Then = Callable[[float], None]
"""Told the instant at which the last byte has arrived."""


class Transfers:
    """A source (see `inference_lab.serving.source`) that fires when flows end, before all others.

    Parameters
    ----------
    link_bytes_per_s : sequence of float
        Capacity of each link.

    Attributes
    ----------
    asked_bytes : list of float
        What each link was asked to carry so far, less what was dropped on its way.
    """

    def __init__(self, link_bytes_per_s: Sequence[float]) -> None:
        self._full_bytes_per_s = link_bytes_per_s
        self._flows = Flows(link_bytes_per_s)
        self._factors: dict[int, dict[object, float]] = {}
        self.asked_bytes = [0.0] * len(link_bytes_per_s)

    @property
    def next_s(self) -> float:
        """When the next flow ends."""
        return self._flows.next_s

    def fire(self, now_s: float) -> None:
        """Flows have ended."""
        for flow in self._flows.fire(now_s):
            flow.tag(now_s)  # type: ignore[operator] # what `send` was given

    def send(self, size_bytes: float, route: Sequence[int], now_s: float, then: Then) -> Flow:
        """Start a flow, and call `then` at its end."""
        for link in route:
            self.asked_bytes[link] += size_bytes
        return self._flows.add(size_bytes, route, now_s, tag=then)

    def drop(self, flow: Flow, now_s: float) -> None:
        """Its source or destination is dead: the rest of a flow never moves."""
        left_bytes = self._flows.remove(flow, now_s)
        for link in flow.route:
            self.asked_bytes[link] -= left_bytes

    def slow(self, link: int, key: object, factor: float, now_s: float) -> None:
        """A link carries its bytes in so many times the time; factors multiply."""
        self._factors.setdefault(link, {})[key] = factor
        self._set(link, now_s)

    def mend(self, link: int, key: object, now_s: float) -> None:
        """One factor holds no more."""
        del self._factors[link][key]
        self._set(link, now_s)

    def _set(self, link: int, now_s: float) -> None:
        rate = self._full_bytes_per_s[link] / prod(self._factors[link].values())
        self._flows.set_link(link, rate, now_s)

    def close(self) -> list[float]:
        """The run is over: bytes that each link has carried.

        Raises
        ------
        RuntimeError
            If bytes are not conserved, or one is still on its way.
        """
        self._flows.check()
        carried = self._flows.carried_bytes
        for link, asked in enumerate(self.asked_bytes):
            if not isclose(carried[link], asked, rel_tol=1e-6, abs_tol=1e3):
                raise RuntimeError(
                    f"bytes are not conserved on link {link}: {carried[link]} carried, {asked} sent"
                )
        return carried
