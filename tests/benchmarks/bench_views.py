"""Control → new picture in the views of batches, goodput and the leaf; prints one JSON line.

python tests/benchmarks/bench_views.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from in_browser import jupyter, measured
from slider import spread

from inference_lab.lab.views.batch import STEPS
from inference_lab.lab.views.leaf import STEP_GBIT_PER_S, UPLINKS_GBIT_PER_S, ratio

CELLS = [
    """import inference_lab as il
from inference_lab.lab.views import batch_against_tpot, goodput_over_rate, leaf_at_work
llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
names = ("ideal", "eager-2023", "vllm-2025")
replicas = {name: il.Replica(llama, h100, tp=4, stack=name) for name in names}
""",
    "batch_against_tpot(replicas)",
    'goodput_over_rate(replicas["ideal"])',
    "leaf_at_work(ratio=8)",
]
STOPS = 20

# Does something in a view, and waits until its picture shows what it should.
STEP = """
async ([view, act, pattern]) => {
  const root = document.querySelector(view), svg = root.querySelector("svg");
  const wanted = new RegExp(pattern), start = performance.now();
  new Function("root", act)(root);
  await new Promise((resolve, reject) => {
    const over = setTimeout(() => reject(new Error("no picture of " + pattern)), 30000);
    const look = () => {
      if (!wanted.test(svg.dataset.shows)) return requestAnimationFrame(look);
      clearTimeout(over);
      resolve();
    };
    look();
  });
  return performance.now() - start;
}
"""
MOVE = 'const s = root.querySelector("input"); s.value = {}; s.dispatchEvent(new Event("input"));'
UP = """root.querySelector("[role=slider]").dispatchEvent(
  new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));"""
PRESS = 'root.querySelectorAll("button")[{}].click();'


def measure(browser: Any, folder: Path) -> dict:
    found = {}
    with jupyter.lab(browser, folder, CELLS) as page:
        page.wait_for_selector(".goodput-view svg")
        page.wait_for_selector(".batch-view svg")
        places = [*range(1, len(STEPS)), *range(len(STEPS) - 2, 0, -1)]
        for name in ("ideal", "eager-2023", "vllm-2025"):
            page.locator(".batch-view select").select_option(name)
            page.evaluate(STEP, [".batch-view", MOVE.format(0), f"^1 {name}$"])
            times = [
                page.evaluate(STEP, [".batch-view", MOVE.format(i), f"^{STEPS[i]} {name}$"])
                for i in places
            ]
            found[f"users, {name}"] = spread(times)
        uplinks = range(UPLINKS_GBIT_PER_S[0], UPLINKS_GBIT_PER_S[1] + 1, STEP_GBIT_PER_S)
        page.wait_for_selector(".leaf-view svg")
        found["uplinks of a leaf, a step"] = spread(
            [
                page.evaluate(STEP, [".leaf-view", UP, f"^{ratio(each)} true$"])
                for each in uplinks[1:]
            ]
        )
        starts, ends = [], []
        for _ in range(STOPS):
            starts.append(page.evaluate(STEP, [".goodput-view", PRESS.format(0), "running"]))
            page.wait_for_timeout(150)
            ends.append(page.evaluate(STEP, [".goodput-view", PRESS.format(1), "stopped"]))
        found |= {"run": spread(starts), "stop": spread(ends)}
        found["whole run"] = spread(
            [page.evaluate(STEP, [".goodput-view", PRESS.format(0), r"^\d+ done$"])]
        )
    return found


if __name__ == "__main__":
    sys.exit(measured("views", measure))
