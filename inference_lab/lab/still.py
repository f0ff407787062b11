"""Stills that follow the theme: a figure as an SVG whose colours are the design tokens.

The SVG is shown as an image inside a small piece of HTML. What was tried, and where a still was
seen in both themes, stands in docs/interactive_charts.md.
"""

from __future__ import annotations

import base64
import html
import io
import re
from typing import TYPE_CHECKING

from inference_lab.lab.tokens import TOKENS, custom_property

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SAVED = {"svg.fonttype": "none", "svg.hashsalt": "inference-lab"}  # the same figure, the same text
UNSTYLED = {"#000000": "ink", "#ffffff": "ground"}  # matplotlib's own black and white
LIGHT = {
    both["light"]: name
    for group in ("parts", "neutral")
    for name, both in reversed(TOKENS[group].items())
} | UNSTYLED
SCHEME = """
.lab-still { color-scheme: light; }
[data-jp-theme-light="false"] .lab-still, .vscode-dark .lab-still { color-scheme: dark; }
"""
"""Which theme the page has: JupyterLab and nbconvert say it, and VS Code in its own way."""


def still(fig: Figure, alt: str) -> str:
    """HTML that shows a figure in the theme of the page.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Colours of the tokens' light theme, black and white change with the theme; others stay.
    alt : str
        What the picture says, for those who do not see it.
    """
    return image(svg(fig), alt)


def image(drawn: str, alt: str) -> str:
    """HTML that shows a themed SVG, which stays whole in a notebook that is not trusted."""
    source = base64.b64encode(drawn.encode()).decode()
    style = " ".join(SCHEME.split())
    return (
        f'<div class="lab-still"><style>{style}</style>'
        f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{source}"></div>'
    )


def svg(fig: Figure) -> str:
    """The figure as a transparent SVG in the page's fonts; the same figure, the same text."""
    import matplotlib.pyplot as plt

    from inference_lab.lab.plots.style import RC

    buffer = io.StringIO()
    with plt.rc_context(RC | SAVED):
        nameless = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        fig.savefig(buffer, format="svg", bbox_inches="tight", transparent=True, metadata=nameless)
    drawn = buffer.getvalue()
    return themed(drawn[drawn.index("<svg") :])


def themed(drawn: str) -> str:
    """An SVG in colours of the tokens' light theme as one that follows the theme."""
    drawn = re.sub(r"#[0-9a-f]{6}\b", _themed, drawn)
    head, rest = drawn.split(">", 1)
    return f"{head}><style>{_style(drawn)}</style>{rest}"


def _themed(found: re.Match) -> str:
    name = LIGHT.get(found.group())
    return f"var({custom_property(name)})" if name else found.group()


def _style(drawn: str) -> str:
    """The colours that are used, and the fonts of the page in place of matplotlib's."""
    known = TOKENS["parts"] | TOKENS["neutral"]
    used = [name for name in known if f"var({custom_property(name)})" in drawn]
    colours = "".join(
        f"{custom_property(name)}:light-dark({known[name]['light']},{known[name]['dark']});"
        for name in used
    )
    family = TOKENS["type"]["family"]
    return (
        f":root{{color-scheme:light dark;{colours}}}"
        f"text{{font-family:{family}!important;font-variant-numeric:tabular-nums!important}}"
    )
