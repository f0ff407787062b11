"""Moves the slider of lesson 05's view and times it; shared by the test and the benchmarks."""

from __future__ import annotations

import statistics
from typing import Any

CELLS = [
    "import inference_lab as il\n"
    "from inference_lab.lab.views import ttft_under_load\n"
    "replica = il.Replica(\n"
    '    il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4\n'
    ")",
    "ttft_under_load(replica)",
]
VIEW = ".latency-view"
SLIDER = f"{VIEW} input[type=range]"
PICTURE = f"{VIEW} svg"

# Sets the slider as a hand would, and waits until the picture of that load has been painted.
STEP = """
async ([percent]) => {
  const root = document.querySelector(".latency-view");
  const slider = root.querySelector("input"), svg = root.querySelector("svg");
  const shows = () => svg.dataset.shows.startsWith(percent + " ");
  const start = performance.now();
  slider.value = percent;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((resolve, reject) => {
    const over = setTimeout(() => reject(new Error("no picture of load " + percent)), 10000);
    const look = () => (shows() ? (clearTimeout(over), resolve()) : requestAnimationFrame(look));
    look();
  });
  return performance.now() - start;
}
"""

# From an event to the first frame in which the picture is another.
WATCH = """
([event, drawn]) => {
  const look = () => [...document.querySelectorAll(drawn)].map((node) => node.outerHTML).join("");
  window.took = new Promise((resolve, reject) => window.addEventListener(event, () => {
    const start = performance.now(), before = look();
    setTimeout(() => reject(new Error("no other picture in 30 s")), 30000);
    const check = () => look() !== before ? resolve(performance.now() - start)
      : requestAnimationFrame(check);
    requestAnimationFrame(check);
  }, { capture: true, once: true }));
}
"""
SETTLED = "new Promise((done) => setTimeout(done, 200))"  # ms; the next key comes to a calm page


def step_ms(page: Any, percent: int) -> float:
    """Milliseconds from the slider's move to the new picture."""
    return page.evaluate(STEP, [percent])


def timed(page: Any, drawn: str, key: str) -> float:
    """Milliseconds from a key to the picture that it changes."""
    page.evaluate(WATCH, ["keydown", drawn])
    page.keyboard.press(key)
    took = page.evaluate("window.took")
    page.evaluate(SETTLED)
    return took


def spread(times: list[float]) -> dict:
    """Their number, median and range, in milliseconds."""
    return {"n": len(times)} | {
        f"{name}_ms": round(of(times), 1)
        for name, of in (("median", statistics.median), ("min", min), ("max", max))
    }
