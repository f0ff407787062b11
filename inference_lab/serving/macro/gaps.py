"""Gaps: the longest pause between two tokens since any moment, for all sequences of a batch at
once."""

from __future__ import annotations

from bisect import bisect_left


class Gaps:
    """A decreasing stack: a gap hides all smaller ones before it.

    Examples
    --------
    >>> gaps = Gaps()
    >>> for gap_s in (0.3, 0.1, 0.2):
    ...     gaps.add(gap_s)
    >>> gaps.longest_since(0), gaps.longest_since(1), gaps.longest_since(3)
    (0.3, 0.2, 0.0)
    """

    __slots__ = ("_gaps_s", "_numbers", "count")

    def __init__(self) -> None:
        self.count = 0
        self._numbers: list[int] = []
        self._gaps_s: list[float] = []

    def add(self, gap_s: float) -> None:
        """Number `count` in the row of gaps."""
        gaps_s, numbers = self._gaps_s, self._numbers
        while gaps_s and gaps_s[-1] <= gap_s:
            gaps_s.pop()
            numbers.pop()
        gaps_s.append(gap_s)
        numbers.append(self.count)
        self.count += 1

    def longest_since(self, number: int) -> float:
        """The longest gap from `number` on; 0 if there is none."""
        at = bisect_left(self._numbers, number)
        return self._gaps_s[at] if at < len(self._gaps_s) else 0.0
