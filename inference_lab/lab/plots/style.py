"""One visual language: each phase of a request has one colour, fill and name in every picture.

The colours are those of Okabe and Ito (Color Universal Design, 2008), told apart with every common
colour vision; a hatch tells them apart in grey as well. Pictures have a white ground of their own,
so that they read the same in a light and in a dark notebook; views take the notebook's ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY = "#222222", "#8a8a8a"
COLOURS = {
    "network": "#56b4e9",
    "queue": "#e69f00",
    "prefill": "#0072b2",
    "KV transfer": "#cc79a7",
    "decode": "#009e73",
}
"""By phase, in the order in which a request meets them."""

LOOKS = {
    "network": {"facecolor": COLOURS["network"], "hatch": "--", "edgecolor": "#1f5f80"},
    "queue": {"facecolor": COLOURS["queue"], "hatch": "//", "edgecolor": "#5c4000"},
    "prefill": {"facecolor": COLOURS["prefill"], "edgecolor": COLOURS["prefill"]},
    "KV transfer": {"facecolor": COLOURS["KV transfer"], "hatch": "xx", "edgecolor": "#6b3557"},
    # No phase of its own: this request waits while the replica reads somebody else's prompt.
    "another's prompt": {"facecolor": "white", "hatch": "..", "edgecolor": "#555555"},
    "decode": {"facecolor": COLOURS["decode"], "edgecolor": "white"},
}
"""How a bar of each phase is filled."""

MARKERS = {"prefill": "s", "decode": "o"}
"""How a point of each phase is drawn."""

LINES = (
    {"color": INK, "marker": "s"},
    {"color": INK, "marker": "o", "linestyle": "--", "markerfacecolor": "white"},
    {"color": GREY, "marker": "^", "linestyle": ":"},
)
"""How curves that are no phase are drawn: by line and marker, never by colour alone."""

Drawn = tuple["Figure", str]
"""A picture and its reading."""


def new_axes(height: float) -> tuple[Figure, Axes]:
    """An empty picture of the course's width, `height` inches high."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(figsize=(7.5, height))
    axes.spines[["top", "right"]].set_visible(False)
    return fig, axes


def name_end(axes: Axes, name: str, x: float, y: float) -> None:
    """Write the name of a curve at its end, in place of a legend."""
    axes.annotate(name, (x, y), xytext=(8, 0), textcoords="offset points", va="bottom")
