"""A browser for the tests of what learners see."""

import pytest

from inference_lab.pipeline import environment


@pytest.fixture(scope="session")
def browser():
    """A Chromium without a window, driven by playwright."""
    reason = "a browser test, and playwright (extra `browser`) is not installed"
    sync_api = pytest.importorskip("playwright.sync_api", reason=reason)
    program = environment.chromium_program()
    if program is None:
        pytest.skip("a browser test, and this machine has no Chromium or Chrome")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()
