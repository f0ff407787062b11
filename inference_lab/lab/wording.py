"""Numbers as a person writes them."""

from __future__ import annotations

LARGEST_WRITTEN_OUT = 1e9


def number(value: float) -> str:
    """Three significant digits, with thousands separators up to a thousand million.

    >>> number(0.0537), number(1491.254), number(10_000), number(2.5e12)
    ('0.0537', '1,490', '10,000', '2.5e+12')
    """
    short = f"{value:.3g}"
    rounded = float(short)
    return f"{rounded:,.0f}" if 1_000 <= abs(rounded) < LARGEST_WRITTEN_OUT else short
