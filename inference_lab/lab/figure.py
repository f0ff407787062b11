"""Figures that say what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_lab.lab.notice import WrongType, WrongValue
from inference_lab.lab.still import still

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def show(fig: Figure, reads: str, alt: str | None = None) -> None:
    """Display a matplotlib figure in the theme of the notebook and print its reading below.

    The picture is HTML with an SVG in it that has `alt` as its alt text (see `still`);
    `text/plain` is the same text.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure; it is closed, so that it is not drawn twice.
    reads : str
        What the figure says, computed from the data: ``"p99 TTFT crosses 2 s at 6.1 req/s"``.
    alt : str, optional
        What the picture looks like; `reads` when not given.

    Raises
    ------
    TypeError
        If `fig` is no figure.
    ValueError
        If `reads` is empty.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display
    from matplotlib.figure import Figure

    if not isinstance(fig, Figure):
        raise WrongType(f"fig must be a matplotlib Figure, not {fig!r}: pass fig, not the axes")
    if not isinstance(reads, str) or not reads.strip():
        raise WrongValue(f"reads must say what the figure shows, not {reads!r}")
    alt = alt or reads
    display({"text/html": still(fig, alt), "text/plain": alt}, raw=True)
    plt.close(fig)
    print(reads)
