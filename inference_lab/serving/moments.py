"""Moments: when a fault does something, and the checks that its kinds share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inference_lab.checks import real
from inference_lab.traffic.arrivals import MOST_S

if TYPE_CHECKING:
    from inference_lab.serving.fault_calendar import FaultCalendar

LOSS, RETURN, OTHER = range(3)
"""The order of one instant: a loss that ends when another begins leaves no gap between the two."""

MOST_TIMES = 1e6
"""A factor beyond it, or below its inverse, is a slip of the pen: a replica so slow is lost, a link
so slow is cut, and one so fast has an infinite rate."""

Moment = tuple[float, int, Callable[["FaultCalendar", float], None]]
"""When, its place in the order of one instant, and what happens."""


def check_interval(from_s: Any, until_s: Any) -> None:
    """Refuse what does not end after it began, or ends after the clock does; None is never.

    Raises
    ------
    TypeError, ValueError
        If it does not, or a time is no number from 0 to `MOST_S`.
    """
    start_s = real("from_s", from_s, at_most=MOST_S)
    if until_s is not None and real("until_s", until_s, at_most=MOST_S) <= start_s:
        raise ValueError(
            f"until_s={until_s!r} is not after from_s={from_s!r}: give a later one, or None"
        )
