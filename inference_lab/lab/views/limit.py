"""A limit in a picture: the axis ends where the limit stands in its upper third."""

from __future__ import annotations

LIMIT_SHARE = 2 / 3
"""Of the axis: below it there is room to compare, above it to see by how much one fails."""


def scale_end(limit: float) -> float:
    """Where the axis of a picture with this limit ends.

    >>> scale_end(450)
    675.0
    """
    return limit / LIMIT_SHARE
