"""Figures that say what they show."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from inference_lab.lab.notice import WrongType, WrongValue

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 100


def show(fig: Figure, reads: str, alt: str | None = None) -> None:
    """Display a matplotlib figure as a PNG and print its reading below.

    The picture's text twin (`text/plain`) and the alt text in the output's metadata are `alt`.
    An export with ``jupyter nbconvert --to html --template classic`` hands it to screen readers.
    JupyterLab 4 and nbconvert's default template set no alt text on output images, so the
    printed reading is what a screen reader finds there: let it say all that the picture shows.

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
        When `fig` is no figure.
    ValueError
        When `reads` is empty.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display
    from matplotlib.figure import Figure

    if not isinstance(fig, Figure):
        raise WrongType(f"fig must be a matplotlib Figure, not {fig!r}: pass fig, not the axes")
    if not isinstance(reads, str) or not reads.strip():
        raise WrongValue(f"reads must say what the figure shows, not {reads!r}")
    alt = alt or reads
    picture = {"image/png": png(fig), "text/plain": alt}
    display(picture, metadata={"image/png": {"alt": alt}}, raw=True)
    plt.close(fig)
    print(reads)


def png(fig: Figure) -> bytes:
    """The figure as PNG; the same figure gives the same bytes on one machine."""
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=DOTS_PER_INCH, bbox_inches="tight")
    return buffer.getvalue()
