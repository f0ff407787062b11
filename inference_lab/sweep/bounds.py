"""Bounds: the largest scale, or the fewest, at which something still holds, by bisection.

Bisection alone would believe anything: it never looks twice at what it has left behind. So both
searches try a point well on each side of what they found, and give no number if what they saw
is not "yes up to here, and no beyond".
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, sqrt

PRECISION = 1.02
"""Of a scale: it holds there, and no more at this many times it."""

APART = 1.15
"""Sides that are tried, and steps of a search that begins near: clear of the chance in a p99."""

NEAR = 0.04
"""A point that was tried so near, as a part of it, will do."""

FARTHEST = 2.0**20
"""Nobody looks for more, or less, than this many times the start."""


class NotFound(ValueError):
    """There is no bound to tell."""


def largest(holds: Callable[[float], bool], start: float = 1.0, step: float = 2.0) -> float:
    """The largest scale at which something holds, to `PRECISION`.

    Raises
    ------
    NotFound
        If it holds, or fails, wherever one looks, or holds again beyond where it failed.

    Examples
    --------
    >>> 2.94 < largest(lambda scale: scale <= 3) <= 3
    True
    """
    tried = _Tried(holds)
    low = high = start
    if tried(start):
        while tried(high := high * step):
            low = high
            if high > FARTHEST * start:
                raise NotFound(f"it holds even at {high:.4g}")
    else:
        while not tried(low := low / step):
            high = low
            if low < start / FARTHEST:
                raise NotFound(f"it fails even at {low:.4g}")
    while high / low > PRECISION:
        middle = sqrt(low * high)
        low, high = (middle, high) if tried(middle) else (low, middle)
    tried.near(low / APART)
    tried.near(high * APART)
    tried.check(rising=False)
    return low


def fewest(holds: Callable[[int], bool], at_most: int, start: int = 1) -> int:
    """The fewest, from 1 on, with which something holds.

    Raises
    ------
    NotFound
        If it fails with `at_most`, or fails again with more than the fewest.

    Examples
    --------
    >>> fewest(lambda n: n * n >= 50, at_most=100)
    8
    """
    tried = _Tried(holds)
    low, high = 0, start
    while not tried(high):
        if high >= at_most:
            raise NotFound(f"it fails even with {high}")
        low, high = high, min(2 * high, at_most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if tried(middle) else (middle, high)
    for more in (-2, 1, 2):  # round robin may do better with odd numbers than with even ones
        tried(max(1, high + more))
    tried.check(rising=True)
    return high


class _Tried:
    """What was seen where; each point once."""

    def __init__(self, holds: Callable) -> None:
        self._holds, self._seen = holds, {}

    def __call__(self, point: float) -> bool:
        if point not in self._seen:
            self._seen[point] = self._holds(point)
        return self._seen[point]

    def near(self, point: float) -> None:
        """Try a point, unless one within 4 % of it was."""
        if not any(abs(log(point / seen)) < NEAR for seen in self._seen):
            self(point)

    def check(self, rising: bool) -> None:
        """Along the points there is one change."""
        points = sorted(self._seen, reverse=not rising)  # from where it should fail on
        first = next(p for p in points if self._seen[p])
        again = [p for p in points[points.index(first) :] if not self._seen[p]]
        if again:
            raise NotFound(f"it holds at {first:.4g}, and fails again at {again[0]:.4g}")
