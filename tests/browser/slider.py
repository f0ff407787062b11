"""Moves the slider of lesson 05's view and times it; shared by the test and the benchmark."""

from __future__ import annotations

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


def step_ms(page: Any, percent: int) -> float:
    """Milliseconds from the slider's move to the new picture."""
    return page.evaluate(STEP, [percent])
