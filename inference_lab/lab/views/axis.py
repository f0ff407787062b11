"""Axes that end at a round number."""

from __future__ import annotations

import math

NICE = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)  # ends of an axis that leave a round number at its half


def axis_end(longest: float) -> float:
    """The first nice number that is not below `longest`.

    >>> axis_end(1425)
    1500.0
    """
    unit = 10.0 ** math.floor(math.log10(longest))
    return next(end * unit for end in NICE if end * unit >= longest)
