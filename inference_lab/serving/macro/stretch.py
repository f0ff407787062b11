"""A stretch: decode steps of one batch with no event between them, and their time in closed form.

Step k of a stretch (k = 0, 1, ...) takes ``start + slope (context + k batch)`` seconds: an
arithmetic series.
"""

from __future__ import annotations

from math import ceil, sqrt

from inference_lab.physics.costs import Line


def duration_s(steps: int, first_s: float, growth_s: float) -> float:
    """Seconds of the first `steps` steps, when one takes `first_s` and each next one `growth_s`
    more.

    Examples
    --------
    >>> duration_s(3, 0.5, 0.25) == 0.5 + 0.75 + 1.0
    True
    """
    return steps * first_s + growth_s * (steps * (steps - 1) // 2)


def steps_reaching(now_s: float, start_s: float, first_s: float, growth_s: float) -> int:
    """Fewest steps, at least one, of a stretch from `start_s` that end at `now_s` or later.

    The root of a quadratic, then put right for its rounding.

    Examples
    --------
    >>> steps_reaching(1.25, 0.0, 0.5, 0.25), steps_reaching(1.26, 0.0, 0.5, 0.25)
    (2, 3)
    """
    seconds = now_s - start_s
    linear = first_s - growth_s / 2
    root = linear + sqrt(linear * linear + 2 * growth_s * seconds)
    steps = max(1, ceil(2 * seconds / root)) if root > 0 else 1
    while steps > 1 and start_s + duration_s(steps - 1, first_s, growth_s) >= now_s:
        steps -= 1
    while start_s + duration_s(steps, first_s, growth_s) < now_s:
        steps += 1
    return steps


def regime(lines: tuple[Line, ...], context: int, batch: int, steps: int) -> tuple[Line, int]:
    """The line that holds at `context`, and for how many of the next `steps` steps it does."""
    now = max(lines, key=lambda line: (line[0] + line[1] * context, line[1]))
    for start, slope in lines:
        if slope > now[1]:
            crossing = (now[0] - start) / (slope - now[1])
            steps = min(steps, max(1, ceil((crossing - context) / batch)))
    return now, steps
