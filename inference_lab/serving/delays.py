"""Delays: seconds that every request spends somewhere, the same for all or drawn one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import real

Delay = float | tuple[float, float] | NDArray[np.float64]
"""A number of seconds, a (low, high) pair (uniform), or an array with an entry a request."""

LONGEST_DELAY_S = 1e6
"""Eleven days: longer delays would cost the clock its nanoseconds."""


def checked_delay(name: str, value: object) -> Delay:
    """`value` as a delay.

    Raises
    ------
    TypeError, ValueError
        If it is no number, pair or array of numbers from 0 to `LONGEST_DELAY_S`, or the pair's low
        exceeds its high.

    Examples
    --------
    >>> checked_delay("network_s", (0.01, 0.02))
    (0.01, 0.02)
    """
    if isinstance(value, tuple):
        if len(value) != 2:
            raise ValueError(f"{name}={value!r} must be a number, a (low, high) pair or an array")
        low_s, high_s = (real(name, end, at_most=LONGEST_DELAY_S) for end in value)
        if low_s > high_s:
            raise ValueError(f"{name}={value!r} must be a (low, high) pair: swap the two")
        return low_s, high_s
    flat = isinstance(value, str | bytes) or (isinstance(value, np.ndarray) and not value.ndim)
    if flat or not isinstance(value, Sequence | np.ndarray):
        return real(name, value, at_most=LONGEST_DELAY_S)
    delay_s = np.array([real(name, one, at_most=LONGEST_DELAY_S) for one in value])
    delay_s.setflags(write=False)
    return delay_s


def drawn_s(
    name: str, delay: Delay, requests: int, rng: np.random.Generator
) -> float | NDArray[np.float64]:
    """The delay of each request, or the one of all.

    Raises
    ------
    ValueError
        If an array has no entry for each request.
    """
    if isinstance(delay, tuple):
        return rng.uniform(*delay, requests)
    if isinstance(delay, np.ndarray) and len(delay) != requests:
        raise ValueError(f"{name} has {len(delay)} entries: give one for each of {requests}")
    return delay


def half_s(
    round_trip_s: float | NDArray[np.float64], which: slice | int
) -> float | NDArray[np.float64]:
    """One way of a round trip: of one request, or of several."""
    return (round_trip_s[which] if isinstance(round_trip_s, np.ndarray) else round_trip_s) / 2
