"""A JupyterLab on loopback, and notebooks of it in a headless Chromium."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

COURSE = Path(__file__).parents[2] / "course"
LESSONS = tuple(sorted(path.name[:2] for path in COURSE.glob("[0-9][0-9]_*.ipynb")))
START_S = 90
RUN_S = 180  # for a whole lesson on a busy machine; idle it takes 8
ANSWER_S = 10  # a run that shows nothing after that was lost
SCREEN = {"width": 1200, "height": 1000}
KERNEL = ".jp-KernelName:has-text('ipykernel')"  # what it shows once there is one
NO_NEWS = {"@jupyterlab/apputils-extension/notification": {"fetchNews": "false"}}
PROMPTS = "[...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')]"
STARTED = PROMPTS + r".some(prompt => /\[[\d*]+\]/.test(prompt.textContent))"
FINISHED = PROMPTS + r".every(prompt => /\[\d+\]/.test(prompt.textContent))"


@contextmanager
def lab(browser: Any, folder: Path, cells: list[str]) -> Iterator[Any]:
    """A playwright page that shows a notebook of these code cells, all of them run.

    Parameters
    ----------
    browser : playwright Browser
        Where the page opens.
    folder : Path
        An empty folder; settings and the notebook go there.
    cells : list of str
        Sources of the code cells.
    """
    (folder / "work").mkdir()
    written(folder / "work" / "view.ipynb", cells)
    with (
        server(folder, folder / "work") as address,
        browser.new_context(viewport=SCREEN) as context,
    ):
        page = opened(context, address, "view.ipynb")
        run_all(page, len(cells))
        yield page


def written(path: Path, cells: list[str]) -> None:
    """Write a notebook of these code cells, not run."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, path)


def opened(context: Any, address: str, notebook: str) -> Any:
    """A page of the context that shows a notebook of the server, with its kernel ready."""
    page = context.new_page()
    name = notebook.removesuffix(".ipynb")  # a workspace of its own, so that pages stay apart
    page.goto(address.format(path=f"/lab/workspaces/{name}/tree/{notebook}"))
    # Run All before the kernel is there would open the dialog "Select Kernel".
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=START_S * 1e3)
    page.wait_for_selector(KERNEL, timeout=START_S * 1e3)
    return page


def run_all(page: Any, cells: int) -> None:
    """Run all code cells to the end, of which there are so many."""
    run(page, lambda: choose(page, "Run", "Run All Cells"))
    finished = f"{FINISHED} && {PROMPTS}.length === {cells}"  # JupyterLab adds cells bit by bit
    page.wait_for_function(finished, timeout=RUN_S * 1e3)


def run(page: Any, order: Callable[[], None]) -> None:
    """Order a first run; it is lost now and then while the kernel starts: order it again."""
    from playwright.sync_api import TimeoutError

    for attempt in range(3):
        order()
        try:
            page.wait_for_function(STARTED, timeout=ANSWER_S * 1e3)
            return
        except TimeoutError:
            if attempt == 2:
                raise


@contextmanager
def theme(page: Any, name: str) -> Iterator[None]:
    """The page in JupyterLab's theme ``"Light"`` or ``"Dark"``; light again afterwards."""

    def change(name: str) -> None:
        if page.locator(f"body[data-jp-theme-name='JupyterLab {name}']").count() == 0:
            choose(page, "Settings", "Theme", f"JupyterLab {name}")
            done = f"body[data-jp-theme-name='JupyterLab {name}']"
            page.wait_for_selector(done, state="attached")

    try:
        change(name)
        yield
    finally:
        change("Light")


def choose(page: Any, menu: str, *entries: str) -> None:
    """Click through a menu of JupyterLab."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    for entry in entries:
        page.locator(f".lm-Menu-itemLabel:text-is('{entry}')").click()


@contextmanager
def server(folder: Path, root: Path) -> Iterator[str]:
    """A JupyterLab that serves `root`; its address, with a place for a path.

    Parameters
    ----------
    folder : Path
        Where it keeps its settings and its log.
    root : Path
        The folder of notebooks.
    """
    for name, content in NO_NEWS.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    own = {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_TOKEN": token,
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--allow-root"]
    command += ["--LabApp.extension_manager=readonly", f"--ServerApp.root_dir={root}"]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}{{path}}?token={token}"
    try:
        _wait_for(address.format(path="/api"), process, folder / "server.log")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
