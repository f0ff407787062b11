"""How stills look: the design tokens as matplotlib takes them.

A part of a request has one colour in every picture; `rag`, `router` and `frontend` are hollow.
Curves that are no part are ink or grey and told apart by their line. Names stand at what they name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

from inference_lab.lab.tokens import PARTS, TOKENS, TOLD_APART, colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = 0.75  # of one CSS pixel
WIDTH_INCHES = 7.5
INK, SOFT, HAIRLINE, GROUND = (colour(name) for name in ("ink", "soft", "hairline", "ground"))
TYPE, LINE = TOKENS["type"], TOKENS["line"]

COLOURS = {part: colour(part) for part in PARTS}
"""By part, in the order in which a request meets them; the light theme's, see `still`."""

EDGE = {"edgecolor": GROUND, "linewidth": POINTS}  # a gap between neighbours
HOLLOW = {"facecolor": GROUND, "edgecolor": SOFT, "linewidth": POINTS}
LOOKS = {
    part: {"facecolor": COLOURS[part], **EDGE} if part in TOLD_APART else HOLLOW for part in PARTS
}
LOOKS |= {"another's prompt": HOLLOW}  # no part of its own: this request waits while it is read
"""How a bar of each part is filled."""

MARKERS = {"prefill": "s", "decode": "o"}
"""How a point of each part is drawn."""

LINES = (
    {"color": INK, "marker": "o"},
    {"color": INK, "marker": "s", "linestyle": (0, (4, 2)), "markerfacecolor": GROUND},
    {"color": SOFT, "marker": "^", "linestyle": (0, (1, 1.5))},
)
"""How curves that are no part are drawn: by line and marker, never by colour alone."""

RC = {
    "font.size": TYPE["label_px"] * POINTS,
    "text.color": INK,
    "axes.titlesize": TYPE["message_px"] * POINTS,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.labelsize": TYPE["label_px"] * POINTS,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": SOFT,
    "axes.linewidth": LINE["hairline_px"] * POINTS,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelsize": TYPE["tick_px"] * POINTS,
    "ytick.labelsize": TYPE["tick_px"] * POINTS,
    "xtick.major.width": LINE["hairline_px"] * POINTS,
    "ytick.major.width": LINE["hairline_px"] * POINTS,
    "lines.linewidth": LINE["curve_px"] * POINTS,
    "lines.markersize": 4.5,
    "legend.frameon": False,
    "hatch.linewidth": POINTS,
}
"""matplotlib's settings for one look."""

LIMIT = {"color": INK, "linewidth": LINE["limit_px"] * POINTS}
"""How a limit is drawn; its name stands on it."""

Drawn = tuple["Figure", str]
"""A picture and its reading."""

Arguments = ParamSpec("Arguments")


def in_style(draw: Callable[Arguments, Drawn]) -> Callable[Arguments, Drawn]:
    """A function that draws, drawing in the look of the course."""

    @functools.wraps(draw)
    def styled(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawn:
        import matplotlib.pyplot as plt

        with plt.rc_context(RC):
            return draw(*args, **kwargs)

    return styled


def new_axes(height: float) -> tuple[Figure, Axes]:
    """An empty picture of the course's width, `height` inches high."""
    import matplotlib.pyplot as plt

    with plt.rc_context(RC):
        return plt.subplots(figsize=(WIDTH_INCHES, height))


def name_end(axes: Axes, name: str, x: float, y: float, below: bool = False) -> None:
    """Write the name of a curve at its end, in place of a legend."""
    axes.annotate(
        name, (x, y), xytext=(8, 0), textcoords="offset points", va="top" if below else "center"
    )
