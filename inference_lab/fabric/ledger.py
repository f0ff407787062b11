"""What links have carried, counted in two ways: by rate and time, and by the sizes of flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ulp

from inference_lab.fabric.flow import Flow

LAST_BYTE = 1.0
"""A flow has ended when less than this is left: what remains then is rounding of the clock."""


class Ledger:
    """The bytes of a fabric's links, and whether both ways of counting them agree.

    Parameters
    ----------
    links : int
        How many.

    Attributes
    ----------
    carried_bytes : list of float
        What each link has carried, by rate and time, as of the last change of each flow.
    """

    def __init__(self, links: int) -> None:
        self.carried_bytes = [0.0] * links
        self._delivered_bytes = [0.0] * links  # the same, by the sizes of flows that have gone
        self._offered_bytes = [0.0] * links  # what it could have carried until `_since_s`
        self._since_s = [0.0] * links
        self._gone = 0

    def write_off(self, route: Iterable[int], moved_bytes: float) -> None:
        """A flow has gone, and so much of it was moved."""
        self._gone += 1
        for link in route:
            self._delivered_bytes[link] += moved_bytes

    def offer(self, link: int, bytes_per_s: float, now_s: float) -> None:
        """A link could carry this rate until now; from now on it is another."""
        self._offered_bytes[link] += bytes_per_s * (now_s - self._since_s[link])
        self._since_s[link] = now_s

    def check(self, live: Iterable[Flow], link_bytes_per_s: Sequence[float], now_s: float) -> None:
        """Bytes are conserved on every link, and none carried more than it can.

        Parameters
        ----------
        live : iterable of Flow
            On their way.
        link_bytes_per_s : sequence of float
            Present capacities.
        now_s : float
            The time until which the links could carry.

        Raises
        ------
        RuntimeError
            If they are not: the bookkeeping is broken.
        """
        moved = self._delivered_bytes.copy()
        for flow in live:
            for link in flow.route:
                moved[link] += flow.size_bytes - flow.left_bytes
        for link, carried in enumerate(self.carried_bytes):
            tick_bytes = link_bytes_per_s[link] * ulp(now_s)
            slack = (LAST_BYTE + tick_bytes) * (1 + self._gone) + 1e-9 * carried
            seconds = now_s - self._since_s[link]
            most = self._offered_bytes[link] + link_bytes_per_s[link] * seconds
            if abs(carried - moved[link]) > slack or carried > most + slack:
                raise RuntimeError(
                    f"bytes are not conserved on link {link}: {carried} by rate and time, "
                    f"{moved[link]} by the flows, {most} at most"
                )
