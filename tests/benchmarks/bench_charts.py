"""Our view against the same chart as a FigureWidget of plotly, in JupyterLab; one JSON line.

python tests/benchmarks/bench_charts.py    (plotly is no dependency: install it to compare)
"""

from __future__ import annotations

import json
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
import jupyter
import reading
import slider

from inference_lab.cli import environment

FIRST_PICTURES = 3  # each in a page and a kernel of its own
KEYS = ["ArrowRight"] * 17 + ["ArrowLeft"] * 16  # load 5 to 90 % and back, in steps of 5
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

IMPORTS = """
import ipywidgets, plotly.graph_objects as go
from plotly.subplots import make_subplots
from inference_lab.lab.views import latency
"""
PLOTLY = """
def draw(load):
    point = latency.ttft_at_load(replica, load / 100, 2048, requests=2000)
    picture = latency.picture(point, [], "", 0)
    visited[load] = [bar["queue_ms"] + bar["prefill_ms"] for bar in picture["bars"]]
    with chart.batch_update():
        for trace, part in zip(chart.data, ("queue_ms", "prefill_ms")):
            trace.x = [bar[part] for bar in picture["bars"]]
        for trace, which in zip(chart.data[2:], (0, 1)):
            trace.x, trace.y = sorted(visited), [visited[x][which] for x in sorted(visited)]
    words.value = picture["reading"]
visited, chart, words = {}, go.FigureWidget(make_subplots(rows=2, cols=1)), ipywidgets.HTML()
for part in ("queue", "prefill"):
    chart.add_bar(x=[0, 0], y=["mean", "p99"], orientation="h", name=part, row=1, col=1)
for name in ("mean", "p99"):
    chart.add_scatter(name=name, mode="lines+markers", row=2, col=1)
chart.update_layout(barmode="stack", height=480, width=760, xaxis_range=[0, 1500])
chart.update_layout(xaxis2_range=[0, 100], yaxis2_range=[0, 1500])
load = ipywidgets.IntSlider(5, 5, 90, 5, description="Load")
load.observe(lambda change: draw(change["new"]), "value")
draw(5)
ipywidgets.VBox([load, chart, words])
"""
WAYS = {  # cells; what the hand holds; what changes with the load; the whole output
    "own": (slider.CELLS, slider.SLIDER, f"{slider.PICTURE} rect.part", slider.VIEW),
    "plotly": (
        [slider.CELLS[0] + IMPORTS, PLOTLY],
        ".noUi-handle",
        ".barlayer .point path",
        ".jp-OutputArea-output:has(.js-plotly-plot)",
    ),
}

FOCUSABLE = "button, a[href], input, select, [tabindex]:not([tabindex='-1'])"


def measured(browser, folder, cells, handle, drawn, output):
    """What is found for one way to draw, in a server of its own."""
    (folder / "work").mkdir(parents=True)
    first, requests = [], []
    with jupyter.server(folder, folder / "work") as address, browser.new_context() as context:
        context.on("request", lambda request: requests.append(request.url))
        for number in range(FIRST_PICTURES):
            jupyter.written(folder / "work" / f"{number}.ipynb", cells)
            page = jupyter.opened(context, address, f"{number}.ipynb")
            page.set_viewport_size(jupyter.SCREEN)
            one = page.locator(".jp-Cell .cm-content").first
            jupyter.run(page, lambda one=one: one.press("Shift+Enter"))
            page.wait_for_selector(".jp-InputPrompt:has-text('[1]:')", timeout=60_000)
            page.wait_for_selector(".jp-Cell:nth-child(2).jp-mod-active")
            first.append(slider.timed(page, drawn, "Shift+Enter"))
        page.locator(handle).focus()
        times = [slider.timed(page, drawn, key) for key in KEYS]
        found = {"first_picture": slider.spread(first), "step": slider.spread(times)}
        found["focusable"] = page.locator(output).locator(FOCUSABLE).count()
        found["barriers"] = sorted({b.split(":")[0] for b in reading.barriers(page, output)})
    hosts = {urlsplit(address).hostname for address in requests}
    return found | {"asked_elsewhere": sorted(hosts - {None, "127.0.0.1"})}


def main() -> int:
    """Measure both, or say what is missing."""
    found = {"benchmark": "charts"}
    try:
        from playwright.sync_api import sync_playwright

        found["versions"] = {p: version(p) for p in ("plotly", "anywidget", "jupyterlab")}
    except (ImportError, PackageNotFoundError) as missing:
        print(json.dumps(found | {"skipped": f"not installed: {missing}"}))
        return 0
    program = environment.chromium_program()
    if program is None:
        print(json.dumps(found | {"skipped": "no Chromium or Chrome on this machine"}))
        return 0
    arguments = ["--no-sandbox", OFFLINE]
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=arguments) as browser,
    ):
        for way, case in WAYS.items():
            found[way] = measured(browser, Path(folder) / way, *case)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
