"""A browser with lessons in it, as a learner has them: from my_course, run to their end."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inference_lab.cli import environment
from inference_lab.workbook.folder import start

sys.path.insert(0, str(Path(__file__).parent))
import jupyter

COUNTS = jupyter.PROMPTS + ".map((prompt) => Number(prompt.textContent.match(/\\d+/)))"


@dataclass(frozen=True)
class Lesson:
    """A lesson in the browser that was run: the count of each code cell of its page then, its cells
    as they are committed, and what the page asked for."""

    number: str
    page: Any
    counts: list
    cells: list
    requests: list

    def tagged(self, tag):
        """The places of the code cells with this tag, among the code cells."""
        code = [cell for cell in self.cells if cell["cell_type"] == "code"]
        return [i for i, cell in enumerate(code) if tag in cell["metadata"].get("tags", [])]


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


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The address of a JupyterLab, which takes seconds to start, and the folder that it serves."""
    folder = tmp_path_factory.mktemp("lab")
    start(jupyter.COURSE, folder / "my_course")
    with jupyter.server(folder, folder / "my_course") as address:
        yield address, folder / "my_course"


@pytest.fixture(scope="session")
def context(browser):
    """Where pages of JupyterLab open: its scripts, of ten megabytes, are loaded once."""
    with browser.new_context(viewport=jupyter.SCREEN) as context:
        yield context


@pytest.fixture(scope="session")
def lessons(context, served):
    """Opens a lesson by its number, once: one browser, one page for each lesson."""
    address, _ = served
    known, requests = {}, []
    context.on("request", lambda request: requests.append(request.url))
    context.on("page", lambda p: p.on("websocket", lambda ws: requests.append(ws.url)))

    def lesson(number):
        if number not in known:
            (path,) = jupyter.COURSE.glob(f"{number}_*.ipynb")
            page = jupyter.opened(context, address, path.name)
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            jupyter.run_all(page, sum(cell["cell_type"] == "code" for cell in cells))
            counts = page.evaluate(COUNTS)
            known[number] = Lesson(number, page, counts, cells, requests)
        known[number].page.bring_to_front()
        return known[number]

    return lesson


@pytest.fixture(params=jupyter.LESSONS)
def lesson(request, lessons):
    """Each lesson in its turn."""
    return lessons(request.param)
