"""One self-contained page of a view: it draws without a kernel and asks no other address."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{
  margin: 0; padding: 24px 20px; background: light-dark(#ffffff, #111111);
  color: light-dark(#222222, #eeeeee); font: 14px/1.5 system-ui, sans-serif;
}}
main {{ max-width: 1900px; margin: 0 auto; }}
h1 {{ margin: 0 0 12px; font-size: 20px; font-weight: 600; }}
{css}
.lab-view.lab-view {{ max-width: none; padding-inline: 0; color-scheme: light dark; }}
</style>
</head>
<body>
<main><h1>{title}</h1><div id="view"></div></main>
<script type="application/json" id="state">{state}</script>
<script type="module">
{script}
const state = JSON.parse(document.getElementById("state").textContent);
const model = {{ get: (name) => state[name], on() {{}}, off() {{}} }};
render({{ model, el: document.getElementById("view") }});
// Nothing else here wants the keys: they reach the picture before it is clicked, but those that
// scroll a page still scroll it.
document.addEventListener("keydown", (event) => {{
  if (event.target !== document.body || /^(Arrow(Up|Down)|Home|End)$/.test(event.key)) return;
  const picture = document.querySelector("#view canvas[tabindex]");
  const unheard = picture?.dispatchEvent(new KeyboardEvent("keydown", event)) ?? true;
  if (!unheard) event.preventDefault();
}});
</script>
</body>
</html>
"""


def page(script: str, css: str, state: dict[str, Any], title: str) -> str:
    """A page that draws a view from what Python has put into it.

    Parameters
    ----------
    script : str
        The module of the view; it defines ``render``.
    css : str
        Its style sheet.
    state : dict
        What the script gets from its model, as JSON can hold it.
    title : str
        Above the view and in the title of the page.
    """
    held = json.dumps(state, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    return PAGE.format(title=html.escape(title), css=css, state=held, script=script)


def checked(path: str | Path) -> Path:
    """A path where a page can be written.

    Raises
    ------
    ValueError
        If the name does not end in ``.html``, or its folder does not exist.
    """
    path = Path(path)
    if path.suffix != ".html":
        raise ValueError(f"{path} must end in .html: it is written as a web page")
    if not path.parent.is_dir():
        raise ValueError(f"{path}: there is no folder {path.parent}; make it first")
    return path
