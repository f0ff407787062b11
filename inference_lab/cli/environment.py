"""What the course needs from a computer: one small check for each thing that is known to fail.

A check takes a `Machine`, says what it found, and names one fix when that is not good enough.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

OLDEST_PYTHON = (3, 11)
FREE_BYTES = 500_000_000  # a .venv takes about as much when it is made anew
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
SET_UP = "run `python lab.py` in the checkout"


@dataclass(frozen=True)
class Machine:
    """Where to look; tests name other places to see each check fail.

    Parameters
    ----------
    root : Path
        The checkout, or the folder that the command was given in.
    python : tuple of int
        Version of Python.
    prefix : Path
        The environment that runs; `ROOT/.venv` when `lab.py` made it.
    kernel : str
        Name of the kernel that notebooks ask for.
    port : int
        The port that JupyterLab tries first.
    versions : dict
        Installed version of each package, by its name in lower case.
    programs : str
        Folders to search for a browser, separated as in ``PATH``.
    """

    root: Path
    python: tuple[int, ...] = tuple(sys.version_info[:3])
    prefix: Path = Path(sys.prefix)
    kernel: str = "python3"
    port: int = 8888
    versions: dict[str, str] = field(default_factory=lambda: installed())
    programs: str = os.environ.get("PATH", "")


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Parameters
    ----------
    name : str
        What was looked at.
    ok : bool
        Whether it is as it should be.
    text : str
        What was found, in a few words.
    fix : str
        The one thing to do when it is not ok.
    required : bool
        Whether the course cannot be worked through without it.
    """

    name: str
    ok: bool
    text: str
    fix: str
    required: bool = True


def installed() -> dict[str, str]:
    """Version of each installed package, by its name in lower case with dashes."""
    return {_plain(d.name): d.version for d in metadata.distributions() if d.name}


def pins(lock: Path) -> dict[str, str]:
    """The version that a lock file wants of each package on this system and Python.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    lines = lock.read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line.rstrip(" \\")) for line in lines if line[:1].strip(" #")]
    return {
        _plain(one.name): next(iter(one.specifier)).version
        for one in wanted
        if one.marker is None or one.marker.evaluate()
    }


def python(machine: Machine) -> Finding:
    """Python is new enough."""
    found = ".".join(map(str, machine.python))
    fix = "install Python 3.11 or later, delete .venv, and run `python lab.py` with it"
    return Finding("Python", machine.python[:2] >= OLDEST_PYTHON, found, fix)


def in_step(machine: Machine) -> Finding:
    """The packages are those of the lock; required only in the .venv that `lab.py` makes."""
    own = machine.prefix.resolve() == (machine.root / ".venv").resolve()
    lock = machine.root / "requirements.lock"
    if not lock.is_file():
        return Finding("lock", False, f"no {lock.name} in {machine.root}", SET_UP, own)
    wanted = pins(lock)
    off = [name for name, version in wanted.items() if machine.versions.get(name) != version]
    text = f"{len(wanted)} packages as locked, in {machine.prefix}"
    if off:
        text = f"not as locked: {', '.join(off[:5])}{' ...' if len(off) > 5 else ''}"
    return Finding("lock", not off, text, SET_UP, own)


def packages(machine: Machine) -> Finding:
    """What the lessons import is there, and new enough."""
    needed = [Requirement(line) for line in metadata.requires("inference-lab") or ()]
    needed = [r for r in needed if r.marker is None or r.marker.evaluate({"extra": "lab"})]
    versions = {one.name: machine.versions.get(_plain(one.name)) for one in needed}
    bad = [str(r) for r in needed if (v := versions[r.name]) is None or v not in r.specifier]
    if bad:
        wanted = ", ".join(text.partition(";")[0].strip() for text in bad)
        return Finding("packages", False, f"missing or too old: {wanted}", SET_UP)
    return Finding("packages", True, ", ".join(f"{n} {v}" for n, v in versions.items()), SET_UP)


def kernel(machine: Machine) -> Finding:
    """A notebook kernel starts, belongs to this environment, and computes 1 + 1."""
    import nbformat
    from nbclient import NotebookClient

    code = "import sys; print(1 + 1, sys.prefix)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = NotebookClient(
        notebook, kernel_name=machine.kernel, timeout=60, startup_timeout=60, allow_errors=True
    )
    try:
        client.execute()
        answer = notebook.cells[0].outputs[0].get("text", "an error")
    except Exception as error:  # whatever goes wrong here is the finding
        return Finding("kernel", False, f"{type(error).__name__}: {error}", SET_UP)
    two, _, prefix = answer.strip().partition(" ")
    ok = two == "2" and Path(prefix).resolve() == machine.prefix.resolve()
    text = "starts and computes" if ok else f"answered {answer.strip()!r}"
    return Finding("kernel", ok, text, SET_UP)


def jupyterlab(machine: Machine) -> Finding:
    """JupyterLab's pages are there."""
    page = machine.prefix / "share" / "jupyter" / "lab" / "static" / "index.html"
    version = machine.versions.get("jupyterlab")
    ok = version is not None and page.is_file()
    return Finding("JupyterLab", ok, version if ok else f"no {page}", SET_UP)


def anywidget(machine: Machine) -> Finding:
    """The browser side of the moving pictures is there."""
    part = machine.prefix / "share" / "jupyter" / "labextensions" / "anywidget" / "package.json"
    version = machine.versions.get("anywidget")
    ok = version is not None and part.is_file()
    return Finding("anywidget", ok, version if ok else f"no {part}", SET_UP)


def my_course(machine: Machine) -> Finding:
    """The learner's own folder is there, holds lessons, and can be written."""
    folder = machine.root / "my_course"
    lessons = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not lessons:
        return Finding("my_course", False, f"no lesson in {folder}", SET_UP)
    locked = [path.name for path in (folder, *lessons) if not os.access(path, os.W_OK)]
    text = f"not writable: {', '.join(locked)}" if locked else f"{len(lessons)} lessons"
    return Finding("my_course", not locked, text, f"become the owner of {folder} and its files")


def disk(machine: Machine) -> Finding:
    """There is room for notebooks and for a new environment."""
    free = shutil.disk_usage(machine.root).free
    text = f"{free / 1e9:.1f} GB free"
    return Finding("disk", free >= FREE_BYTES, text, f"free {FREE_BYTES / 1e9:.1f} GB")


def port(machine: Machine) -> Finding:
    """The usual port is free; if not, JupyterLab takes one of the next."""
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", machine.port)) == 0
    text = f"{machine.port} is {'taken' if taken else 'free'}"
    fix = "nothing, or end the other JupyterLab: this one takes the next free port"
    return Finding("port", not taken, text, fix, required=False)


def browser(machine: Machine) -> Finding:
    """A Chromium and playwright, for those who run the browser tests."""
    missing = [] if "playwright" in machine.versions else ["playwright"]
    program = chromium_program(machine.programs)
    missing += [] if program else ["Chromium or Chrome"]
    text = f"not found: {', '.join(missing)}" if missing else str(program)
    fix = "only for browser tests: install Chromium and run `python lab.py test`"
    return Finding("browser tests", not missing, text, fix, required=False)


def chromium_program(path: str | None = None) -> str | None:
    """The first Chromium, Chrome or Edge in the folders of `path` (default: of ``PATH``)."""
    return next(filter(None, (shutil.which(name, path=path) for name in BROWSERS)), None)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


CHECKS = (
    python,
    in_step,
    packages,
    kernel,
    jupyterlab,
    anywidget,
    my_course,
    disk,
    port,
    browser,
)
