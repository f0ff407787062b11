"""The cluster view: script per frame, size of its log, cell run -> first frame; one JSON line.

python tests/benchmarks/bench_cluster_view.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from in_browser import jupyter, measured
from slider import spread

import inference_lab as il
from inference_lab.lab.replay import TICK_S
from inference_lab.lab.views import replay

PLAYED_MS = 4000
REQUESTS = 10_000
ROUTERS = ["round_robin", "least_queued_tokens"]
CASES = {"64 replicas": (64, 36.0), "16 replicas with cells": (16, 18.0)}  # replicas, rate_scale
SETUP = """import inference_lab as il
from inference_lab.lab.views import replay
llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
replica = il.Replica(llama, h100, tp=4, stack="vllm-2025")
load = il.Workload.like("azure-2023-conv", rate_scale=9, requests=2000, seed=0)
cluster = il.Cluster(replica, replicas=8)
replay(cluster, load, routers=["random"])"""
TIMES = 5
# From the key to the count of the last cell, which comes when it has run, and to its picture.
FIRST = """
() => {
  window.took = new Promise((resolve, reject) => {
    let key = 0, ran = 0, drawn = 0;
    addEventListener("keydown", () => (key ||= performance.now()), { capture: true });
    setTimeout(() => reject(new Error("no picture in 30 s")), 30000);
    const look = () => {
      const cell = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")].at(-1);
      const count = cell.querySelector(".jp-InputPrompt").textContent;
      if (/\\[\\d+\\]/.test(count)) ran ||= performance.now();
      if (cell.querySelector(".cluster-view")?.dataset.shows) drawn ||= performance.now();
      if (ran && drawn) resolve([ran - key, drawn - key]);
      else requestAnimationFrame(look);
    };
    look();
  });
}
"""


def view(replicas: int, rate_scale: float) -> object:
    """A run of 10,000 requests under two policies."""
    llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
    replica = il.Replica(llama, h100, tp=4, stack="vllm-2025")
    load = il.Workload.like("azure-2023-conv", rate_scale=rate_scale, requests=REQUESTS, seed=0)
    cluster = il.Cluster(replica, replicas=replicas)
    return replay(cluster, load, ROUTERS)


def frames(browser: object, shown: object, folder: Path) -> dict:
    """Script in each frame while it plays, and how much is in the picture.

    ``cpu`` is the time of the page's thread: other programs of a busy machine do not lengthen it.
    """
    path = shown.save_html(folder / "page.html")
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.goto(path.as_uri())
    page.wait_for_selector(".cluster-view[data-shows]")
    page.get_by_role("button", name="Speed 1", exact=True).click()
    page.get_by_role("button", name="Play").click()
    trace = folder / "trace.json"
    browser.start_tracing(page=page, path=trace, categories=["devtools.timeline"])
    page.wait_for_timeout(PLAYED_MS)
    browser.stop_tracing()
    page.get_by_role("button", name="Pause").click()
    now_s = float(page.locator(".cluster-view").get_attribute("data-shows")) / 1e3
    page.close()
    events = json.loads(trace.read_text("utf-8"))["traceEvents"]
    whole = [event for event in events if "tdur" in event]  # the last one may be cut off
    frames = [event for event in whole if event["name"] == "FireAnimationFrame"]
    flying = [
        int(((log["queued"] * TICK_S <= now_s) & (log["finish"] * TICK_S > now_s)).sum())
        for log in (side.log for side in shown.sides)
    ]
    return {
        "requests_in_flight": flying,
        "frames": len(frames),
        "cpu": _spread_ms([frame["tdur"] for frame in frames]),
        "wall": _spread_ms([frame["dur"] for frame in frames]),
    }


def _spread_ms(took_us: list[int]) -> dict:
    took_ms = np.array(took_us) / 1e3
    return {
        "median_ms": round(float(np.median(took_ms)), 2),
        "p99_ms": round(float(np.percentile(took_ms, 99)), 2),
    }


def first_frames(browser: object, folder: Path) -> dict:
    """From the key to the end of the cell and to its first picture, each time a new view."""
    with jupyter.lab(browser, folder, [SETUP]) as page:
        took = []
        for _ in range(TIMES):
            page.locator(".jp-Notebook .jp-CodeCell .cm-content").last.click()
            page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(1500)
            page.locator(".jp-Notebook .jp-CodeCell .cm-content").last.click()
            page.keyboard.type("replay(cluster, load)")
            page.evaluate(FIRST)
            page.keyboard.press("Control+Enter")
            took.append(page.evaluate("window.took"))
    ran, drawn = zip(*took, strict=True)
    return {
        "key_to_cell_ran": spread(ran),
        "key_to_first_frame": spread(drawn),
        "cell_ran_to_first_frame": spread([b - a for a, b in took]),
    }


def measure(browser: Any, folder: Path) -> dict:
    found = {}
    for name, (replicas, rate_scale) in CASES.items():
        shown = view(replicas, rate_scale)
        found[name] = frames(browser, shown, folder)
        found[name]["log_kB"] = [
            round(len(json.dumps(side.log.packed())) / 1e3) for side in shown.sides
        ]
    lab = folder / "lab"
    lab.mkdir()
    return found | first_frames(browser, lab)


if __name__ == "__main__":
    sys.exit(measured("cluster_view", measure, requests=REQUESTS))
