"""Student's t: how far a mean of few values may be off."""

from __future__ import annotations

from math import cos, pi, sin, sqrt, tan


def student_t(freedom: int, confidence: float = 0.95) -> float:
    """Two-sided quantile of Student's t with `freedom` degrees of freedom.

    Bisection of the finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4.

    Examples
    --------
    >>> [round(student_t(n), 3) for n in (1, 2, 9, 19, 1000)]
    [12.706, 4.303, 2.262, 2.093, 1.962]
    """
    low, high = 0.0, pi / 2
    for _ in range(60):
        angle = (low + high) / 2
        odd = freedom % 2
        term, total = (cos(angle) if odd else 1.0), 0.0
        for k in range(2 + odd, freedom + 1, 2):
            total += term
            term *= cos(angle) ** 2 * (k - 1) / k
        inside = sin(angle) * total
        inside = (angle + inside) * 2 / pi if odd else inside
        low, high = (angle, high) if inside < confidence else (low, angle)
    return sqrt(freedom) * tan((low + high) / 2)
