"""Checks of arguments: each raises an error that names the argument, the value and the fix."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Iterable

FEW = 8
"""So many names can be read at a glance."""


def whole(name: str, value: object, at_least: int = 0, at_most: float = math.inf) -> int:
    """`value` as an int within its bounds.

    Raises
    ------
    TypeError
        If it is not a whole number.
    ValueError
        If it is below `at_least` or above `at_most`.

    Examples
    --------
    >>> whole("tp", 4, at_least=1)
    4
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name}={value!r} must be a whole number: give an int >= {at_least}")
    number = int(value)
    if number < at_least:
        raise ValueError(f"{name}={value!r} is too small: give an int >= {at_least}")
    if number > at_most:
        raise ValueError(f"{name}={value!r} is too large: give an int <= {at_most}")
    return number


def real(
    name: str,
    value: object,
    at_least: float = 0.0,
    at_most: float = math.inf,
    above: float | None = None,
) -> float:
    """`value` as a finite float within its bounds.

    Raises
    ------
    TypeError
        If it is not a real number.
    ValueError
        If it is nan, infinite or out of bounds.

    Examples
    --------
    >>> real("rate_per_s", 8, above=0), real("sigma", -0.0)
    (8.0, 0.0)
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name}={value!r} must be a number: give a float")
    try:
        number = float(value)
    except OverflowError:  # an int or a fraction beyond the largest float
        number = math.inf
    low = f"> {above:g}" if above is not None else f">= {at_least:g}"
    bounds = low if at_most == math.inf else f"{low} and <= {at_most:g}"
    too_low = number <= above if above is not None else number < at_least
    if not math.isfinite(number) or too_low or number > at_most:
        raise ValueError(f"{name}={value!r} is out of range: give a finite number {bounds}")
    return number + 0.0  # -0.0 becomes 0.0: numpy's laws refuse a negative zero


def one_of(name: str, value: object, known: Iterable[str]) -> str:
    """`value` if it is a known name.

    Raises
    ------
    ValueError
        If it is not; the message has the near matches, and all known names where they are few or
        none is near.

    Examples
    --------
    >>> one_of("engine", "macro", ("macro", "reference"))
    'macro'
    """
    names = list(known)
    if not isinstance(value, str):
        raise TypeError(f"{name}={value!r} must be a name: use one of {', '.join(names)}")
    if value in names:
        return value
    lowered = {n.lower(): n for n in names}
    typed = value.lower()
    near = [n for low, n in lowered.items() if typed and low.startswith(typed)]
    near = near or [lowered[n] for n in difflib.get_close_matches(typed, lowered, n=3, cutoff=0.5)]
    all_of_them = f"use one of {', '.join(names)}"
    fix = f"did you mean {' or '.join(near)}?" if near else all_of_them
    if near and len(names) <= FEW:
        fix += f" If not, {all_of_them}"
    raise ValueError(f"{name}={value!r} is not known: {fix}")
