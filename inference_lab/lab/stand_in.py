"""What stands in for a view where none can be: its still and its reading, as an output of its own.

A view without its kernel has no model, and a notebook then shows an error in its place. The
stand-in is the output before it, and a few rules of style let one of both be seen: the view as
soon as it is drawn, the stand-in otherwise. docs/interactive_charts.md tells where that was tried.
"""

from __future__ import annotations

import html

INVITATION = "Run this cell, and the picture answers as you move its controls."
RULES = """
.lab-stand-in { animation: lab-stand-in 0s 0.4s backwards; }
@keyframes lab-stand-in { from { visibility: hidden; } }
.lab-stand-in p { max-width: 90ch; margin: 4px 0 8px; font-size: 15px; line-height: 1.5; }
.lab-stand-in .lab-invitation { font-size: 13px; opacity: 0.75; }
.lab-stand-in img { max-width: 100%; }
.jp-OutputArea-child:has(.lab-stand-in):has(+ .jp-OutputArea-child .lab-view) { display: none; }
.jp-OutputArea-child:has(.lab-stand-in)
  + .jp-OutputArea-child:not(:has(.jp-OutputArea-output *)) { display: none; }
.output_container:has(.lab-stand-in):has(+ .output_container .lab-view) { display: none; }
"""
"""A view that is drawn hides its stand-in, in JupyterLab and in VS Code; one that is no more than a
line of text (it loads, or its model was not found) is hidden itself. The stand-in waits for 0.4 s,
so that it does not flash up before its view."""


def stand_in(still: str, reading: str) -> str:
    """HTML of a view's still with its reading above and an invitation below.

    >>> shown = stand_in("<img>", "3 < 4.")
    >>> shown.partition("</style>")[2].partition("<p class")[0]
    '<p>3 &lt; 4.</p><img>'
    """
    style = " ".join(RULES.split())
    return (
        f'<div class="lab-stand-in"><style>{style}</style><p>{html.escape(reading)}</p>{still}'
        f'<p class="lab-invitation">{INVITATION}</p></div>'
    )
