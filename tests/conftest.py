"""What tests of several parts need: data that is not shipped, and a browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inference_lab.pipeline import environment

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public traces, catalogs and measurements that the project does not ship."""
    named = os.environ.get("INFERENCE_LAB_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if named and not folder.is_dir():
        pytest.fail(f"INFERENCE_LAB_DATA names {folder}, which is no folder")
    if not folder.is_dir():
        pytest.skip("needs the traces: ../shared/data is absent and INFERENCE_LAB_DATA is not set")
    return folder


@pytest.fixture(scope="session")
def browser():
    """A Chromium without a window, driven by playwright."""
    reason = "a browser test; `python lab.py test-all` installs playwright"
    sync_api = pytest.importorskip("playwright.sync_api", reason=reason)
    program = environment.chromium_program()
    if program is None:
        pytest.skip("a browser test, and this machine has no Chromium or Chrome")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()
