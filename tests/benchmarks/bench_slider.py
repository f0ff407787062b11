"""Slider moved → new picture in the browser, in JupyterLab; prints one JSON line.

python tests/benchmarks/bench_slider.py
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
import jupyter
import slider

from inference_lab.cli import environment

LOADS = [*range(10, 91, 5), *range(85, 4, -5)]
PROMPTS = ("2,048 tokens", "chat trace (mean 1,162 tokens)")


def main() -> int:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return skipped("playwright is not installed (extra `browser`)")
    program = environment.chromium_program()
    if program is None:
        return skipped("no Chromium or Chrome on this machine")
    found = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]) as browser,
        jupyter.lab(browser, Path(folder), slider.CELLS) as page,
    ):
        page.wait_for_selector(slider.PICTURE)
        for prompts in PROMPTS:
            page.locator(f"{slider.VIEW} select").select_option(prompts)
            page.wait_for_function(
                f"document.querySelector({slider.PICTURE!r}).dataset.shows.endsWith({prompts!r})"
            )
            times = [slider.step_ms(page, percent) for percent in LOADS]
            found[prompts] = slider.spread(times)
    print(json.dumps({"benchmark": "slider", "requests": 2000} | found))
    return 0


def skipped(reason: str) -> int:
    print(json.dumps({"benchmark": "slider", "skipped": reason}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
