"""A JupyterLab on loopback with one notebook open in a headless Chromium."""

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

START_S = 90
RUN_S = 60
SCREEN = {"width": 1200, "height": 1000}
KERNEL = ".jp-KernelName:has-text('ipykernel')"  # what it shows once there is one
NO_NEWS = {"@jupyterlab/apputils-extension/notification": {"fetchNews": "false"}}


@contextmanager
def lab(browser: Any, folder: Path, cells: list[str], theme: str = "Light") -> Iterator[Any]:
    """A playwright page that shows a notebook of these code cells, all of them run.

    Parameters
    ----------
    browser : playwright Browser
        Where the page opens.
    folder : Path
        An empty folder; settings and the notebook go there.
    cells : list of str
        Sources of the code cells.
    theme : str
        ``"Light"`` or ``"Dark"``.
    """
    settings = NO_NEWS | {"@jupyterlab/apputils-extension/themes": {"theme": f"JupyterLab {theme}"}}
    for name, content in settings.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    (folder / "work").mkdir()
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, folder / "work" / "view.ipynb")
    with _server(folder) as address, browser.new_page(viewport=SCREEN) as page:
        page.goto(address.format(path="/lab/tree/view.ipynb"))
        # Run All before the kernel is there would open the dialog "Select Kernel".
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=START_S * 1e3)
        page.wait_for_selector(KERNEL, timeout=START_S * 1e3)
        _run_all(page)
        yield page


@contextmanager
def _server(folder: Path) -> Iterator[str]:
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
    command += [f"--ServerApp.root_dir={folder / 'work'}"]
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


def _run_all(page: Any) -> None:
    """Run All is lost now and then while the kernel starts: try until all cells have a count."""
    from playwright.sync_api import TimeoutError

    done = "![...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
    done += r".some(prompt => !/\[\d+\]/.test(prompt.textContent))"
    for attempt in range(3):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        try:
            page.wait_for_function(done, timeout=RUN_S * 1e3 / 3)
            return
        except TimeoutError:
            if attempt == 2:
                raise
