"""Runs a notebook in a process of its own, with a time limit on each cell and on the whole."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

CELL_TIMEOUT_S = 60
NOTEBOOK_TIMEOUT_S = 240
NBVAL = (sys.executable, "-m", "pytest", "-p", "nbval.plugin", "-p", "no:cacheprovider", "-q")
ALONE = {"PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""nbval without other plugins, which take a second to load; and the environment for that."""

ATTEMPTS = 2  # a kernel hung now and then while the machine was busy; a second try mends that


def execute(notebook: NotebookNode, environment: dict[str, str] | None = None) -> NotebookNode:
    """The notebook with the outputs of a fresh run, in an empty folder of its own.

    Parameters
    ----------
    notebook : NotebookNode
        What to run; it is left as it is.
    environment : dict, optional
        Environment variables to set on top of the present ones.

    Raises
    ------
    ValueError
        If a cell raises without the tag ``raises-exception``, or lasts longer than 60 s.
    TimeoutError
        If the whole notebook took longer than 240 s, twice.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "given.ipynb"), Path(folder, "made.ipynb")
        Path(folder, "work").mkdir()
        nbformat.write(notebook, given)
        command = [sys.executable, "-m", __name__, str(given), str(made), str(Path(folder, "work"))]
        for _ in range(ATTEMPTS):
            finished = run_apart(command, NOTEBOOK_TIMEOUT_S, environment)
            if finished is None:
                continue
            if finished.returncode:
                raise ValueError(f"a cell failed:\n{finished.stderr[-3000:]}")
            return nbformat.read(made, as_version=4)
    raise TimeoutError(f"the notebook took longer than {NOTEBOOK_TIMEOUT_S} s, {ATTEMPTS} times")


def run_apart(
    command: list[str], timeout_s: float, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str] | None:
    """Run a command; None when it had to be ended because its time was over."""
    settings = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"} | (environment or {})
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=settings,
    ) as process:
        try:
            out, errors = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()  # the kernels end by themselves when their parent is gone
            return None
        return subprocess.CompletedProcess(command, process.returncode, out, errors)


def _main(given: str, made: str, folder: str) -> int:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    notebook = nbformat.read(given, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": folder}},
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError) as error:
        print(error, file=sys.stderr)
        return 1
    nbformat.write(notebook, made)
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
