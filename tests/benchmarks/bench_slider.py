"""Slider moved → new picture in the browser, in JupyterLab; prints one JSON line.

python tests/benchmarks/bench_slider.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from in_browser import jupyter, measured, slider

LOADS = [*range(10, 91, 5), *range(85, 4, -5)]
PROMPTS = ("2,048 tokens", "chat trace (mean 1,162 tokens)")


def measure(browser: Any, folder: Path) -> dict:
    found = {}
    with jupyter.lab(browser, folder, slider.CELLS) as page:
        page.wait_for_selector(slider.PICTURE)
        for prompts in PROMPTS:
            page.locator(f"{slider.VIEW} select").select_option(prompts)
            page.wait_for_function(
                f"document.querySelector({slider.PICTURE!r}).dataset.shows.endsWith({prompts!r})"
            )
            times = [slider.step_ms(page, percent) for percent in LOADS]
            found[prompts] = slider.spread(times)
    return found


if __name__ == "__main__":
    sys.exit(measured("slider", measure, requests=2000))
