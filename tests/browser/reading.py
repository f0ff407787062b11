"""Can it be read? Contrast of the views' text, and what axe-core finds in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

VIEWS = ".lab-view"
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3 (AA), text of usual size

# Parts of the page that JupyterLab 4 draws and we cannot name: whole parts that axe skips, ...
NOT_OURS = [
    ".cm-editor",  # CodeMirror gives its text field no name
    ".jp-InputPrompt",  # the count of a cell, in a pale colour
    ".jp-OutputPrompt",
    ".jp-collapseHeadingButton",  # a button without a name beside each heading
]
# ... and one fault of the element that holds all cells, where skipping would skip the notebook.
NOT_OURS_EITHER = {("aria-required-children", ".jp-WindowedPanel-viewport")}  # a feed of `div`s
# JupyterLab's style of links: no line below them, and a colour near that of the text.
OPTIONS = {"resultTypes": ["violations"], "rules": {"link-in-text-block": {"enabled": False}}}

# JupyterLab does not render cells out of sight, and its body has no height, so that axe takes all
# text for invisible and says nothing about its colours.
SHOW_ALL = """
.jp-Notebook * { content-visibility: visible !important }
body { min-height: 100vh }
"""

# Text of a view with its colour and what it stands on: the first thing painted below it.
CONTRAST = """
(views) => {
  const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, ground) => [0, 1, 2].map((i) => top[3] * top[i] + (1 - top[3]) * ground[i]);
  const light = (colour) => {
    const line = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour.map((c) => line(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const isDrawn = (node) => node instanceof SVGGeometryElement;
  const paints = (node) => {  // its colours; a pattern has several
    const style = getComputedStyle(node);
    if (!isDrawn(node)) return [rgba(style.backgroundColor)];
    const pattern = style.fill.match(/url\\("#(.+)"\\)/);
    if (!pattern) return style.fill === "none" ? [] : [rgba(style.fill)];
    const parts = [...document.getElementById(pattern[1]).children];
    return parts.map((part) => rgba(getComputedStyle(part).fill));
  };
  const grounds = (below) => {
    if (below.length === 0) return [[255, 255, 255]];
    const [first, ...rest] = below, colours = paints(first);
    if (colours.some((c) => c[3] === 1)) return colours.filter((c) => c[3] === 1);
    return grounds(rest).flatMap((g) => (colours.length ? colours.map((c) => over(c, g)) : [g]));
  };
  const ancestors = (node) => (node ? [node, ...ancestors(node.parentElement)] : []);
  const below = (node) => {
    const box = node.getBoundingClientRect();
    const stack = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const place = stack.indexOf(node);
    return place < 0 ? ancestors(node) : stack.slice(place);
  };
  const hasText = (node) => [...node.childNodes].some((c) => c.nodeType === 3 && c.data.trim());
  const found = [];
  for (const view of document.querySelectorAll(views)) {
    view.scrollIntoView({ block: "center", behavior: "instant" });
    for (const node of view.querySelectorAll(":not(option, optgroup, style, script)")) {
      const isField = node.matches("select, input:not([type=range], [type=checkbox])");
      const isText = hasText(node) || isField;
      if (!isText || node.getClientRects().length === 0) continue;
      if (node.matches(":disabled")) continue;  // WCAG asks nothing of what cannot be used now
      const style = getComputedStyle(node), isSvg = node instanceof SVGElement;
      const colour = rgba(isSvg ? style.fill : style.color);
      const under = grounds(isSvg ? below(node).slice(1) : below(node));
      const contrast = Math.min(...under.map((ground) => ratio(over(colour, ground), ground)));
      found.push({ text: (node.textContent || node.value).trim().slice(0, 60), contrast });
    }
  }
  return found;
}
"""


@contextmanager
def rendered(page: Any) -> Iterator[None]:
    """All cells of the page rendered, those out of sight too."""
    style = page.add_style_tag(content=SHOW_ALL)
    try:
        yield
    finally:
        style.evaluate("(node) => node.remove()")


def contrasts(page: Any) -> list[dict]:
    """Each text of the page's views, with its contrast to what it stands on."""
    with rendered(page):
        return page.evaluate(CONTRAST, VIEWS)


def barriers(page: Any, inside: str = ".jp-Notebook") -> list[str]:
    """What axe-core finds in a part of the page, serious or critical, and ours."""
    from axe_playwright_python.sync_playwright import Axe

    context = {"include": [[inside]], "exclude": [[part] for part in NOT_OURS]}
    with rendered(page):
        found = Axe().run(page, context=context, options=OPTIONS)
    return [
        f"{fault['id']} ({fault['impact']}): {node['target'][-1]} {node['html'][:200]}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
        if fault["impact"] in ("serious", "critical")
        and (fault["id"], node["target"][-1]) not in NOT_OURS_EITHER
    ]
