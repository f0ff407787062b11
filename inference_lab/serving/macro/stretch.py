"""A stretch: decode steps of one batch with no event between them, and their time in closed form.

Step k of a stretch (k = 0, 1, ...) takes ``start + slope (context + k batch)`` seconds: an
arithmetic series.
"""

from __future__ import annotations

from math import ceil, inf, sqrt

from inference_lab.physics.costs import Line

Regime = tuple[float, float, float]
"""A line, and the context from which another one holds: seconds, seconds a token, tokens."""


def duration_s(steps: int, first_s: float, growth_s: float) -> float:
    """Seconds of the first `steps` steps, when one takes `first_s` and each next one `growth_s`
    more.

    Examples
    --------
    >>> duration_s(3, 0.5, 0.25) == 0.5 + 0.75 + 1.0
    True
    """
    return steps * (first_s + (steps - 1) * growth_s / 2)


def first_end(now_s: float, start_s: float, first_s: float, growth_s: float) -> tuple[int, float]:
    """Fewest steps, at least one, of a stretch from `start_s` that end at `now_s` or later, and
    when they do.

    The root of a quadratic, then put right for its rounding.

    Examples
    --------
    >>> first_end(1.25, 0.0, 0.5, 0.25), first_end(1.26, 0.0, 0.5, 0.25)
    ((2, 1.25), (3, 2.25))
    """
    seconds = now_s - start_s
    linear = first_s - growth_s / 2.0
    root = linear + sqrt(linear * linear + 2.0 * growth_s * seconds)
    steps = (ceil(2.0 * seconds / root) or 1) if root > 0.0 else 1
    ends_s = start_s + steps * (first_s + (steps - 1) * growth_s / 2)  # as in `duration_s`
    while ends_s < now_s:
        steps += 1
        ends_s = start_s + duration_s(steps, first_s, growth_s)
    while steps > 1 and (before_s := start_s + duration_s(steps - 1, first_s, growth_s)) >= now_s:
        steps, ends_s = steps - 1, before_s
    return steps, ends_s


def envelope(lines: tuple[Line, ...]) -> tuple[Regime, ...]:
    """The largest of some lines, regime by regime, from no context on.

    Examples
    --------
    >>> envelope(((2.0, 0.0), (1.0, 0.5)))
    ((2.0, 0.0, 2.0), (1.0, 0.5, inf))
    """
    start, slope = max(lines)
    regimes = []
    while steeper := [line for line in lines if line[1] > slope]:
        crossings = [((start - line[0]) / (line[1] - slope), -line[1], line) for line in steeper]
        until, _, line = min(crossings)
        regimes.append((start, slope, until))
        start, slope = line
    return (*regimes, (start, slope, inf))
