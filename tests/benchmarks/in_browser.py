"""What a benchmark in a browser needs: a Chromium, or a line that says why there is none."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
import jupyter
import slider

from inference_lab.cli import environment

__all__ = ["jupyter", "measured", "slider"]


def measured(name: str, measure: Callable[[Any, Path], dict], **about: Any) -> int:
    """Print the JSON line of a benchmark: what it measured, or why it was skipped.

    Parameters
    ----------
    name : str
        Of the benchmark.
    measure : callable
        Takes a playwright browser and an empty folder, and returns what it measured.
    **about
        What else the line should say.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return skipped(name, "playwright is not installed (extra `browser`)")
    program = environment.chromium_program()
    if program is None:
        return skipped(name, "no Chromium or Chrome on this machine")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]) as browser,
    ):
        found = measure(browser, Path(folder))
    print(json.dumps({"benchmark": name} | about | found))
    return 0


def skipped(name: str, reason: str) -> int:
    """Print the line of a benchmark that could not run."""
    print(json.dumps({"benchmark": name, "skipped": reason}))
    return 0
