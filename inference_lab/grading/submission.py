"""A submission: what one student handed in, read in a limited process and never trusted."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference_lab.grading import reader
from inference_lab.grading.answer_key import Task

# What may be one student's whole submission as a file: a notebook, an archive, or something that
# only a person can open.
HANDED_IN = re.compile(
    r"(\.ipynb(\.txt|\.json)?|\.tar\.(gz|bz2|xz)|\.(zip|tar|tgz|7z|rar|html?|py))( ?\(\d+\))?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Limits:
    """What reading one submission may cost; a test widens one to see its attack succeed.

    Parameters
    ----------
    memory_bytes : int
        Address space of the reader.
    cpu_s, wall_s : int
        Seconds of CPU time, and until the reader is killed.
    """

    memory_bytes: int = 512 << 20
    cpu_s: int = 10
    wall_s: int = 30

    def of_process(self) -> dict[str, int]:
        """As `resource.setrlimit` names them."""
        if sys.platform != "linux":
            return {}
        memory = {"RLIMIT_AS": self.memory_bytes, "RLIMIT_CPU": self.cpu_s}
        return memory | {"RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0, "RLIMIT_NOFILE": 64}


USUAL = Limits()


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Parameters
    ----------
    student : str
        Name of the folder, or of the file without its ending.
    answers : dict
        For each exercise a dict: either the cell's ``source`` and the ``python`` that the notebook
        says it was run with, or a ``status`` and its ``reason``.
    left_out : list of str
        Files that may have been meant to count and were not looked at.
    refused : str or None
        Why nothing of it can be read.
    """

    student: str
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    refused: str | None = None


def find(folder: Path) -> tuple[dict[str, list[Path]], list[str]]:
    """The students of a folder of submissions with their files, and what else lies there.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it holds no submission.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder: it holds NAME.zip or NAME/ each")
    students: dict[str, list[Path]] = {}
    ignored = []
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        is_folder = entry.is_dir(follow_symlinks=False) or entry.is_symlink()
        ending = HANDED_IN.search(entry.name)
        if entry.name.startswith(".") or not (is_folder or ending):
            ignored.append(entry.name)
        else:
            name = entry.name[: ending.start()] if ending and not is_folder else entry.name
            students.setdefault(name, []).append(folder / entry.name)
    if not students:
        raise ValueError(f"{folder} holds no submission: NAME.zip or NAME/ for each student")
    return students, ignored


def wanted(tasks: Sequence[Task]) -> list[dict[str, str]]:
    """What the reader is told of the exercises: nothing of it is secret."""
    return [
        {
            "lesson": task.lesson,
            "id": task.exercise.id,
            "function": task.exercise.function,
            "stub": task.stub,
        }
        for task in tasks
    ]


def read(
    student: str, paths: list[Path], tasks: list[dict[str, str]], limits: Limits
) -> Submission:
    """Read one student's submission apart; what cannot be read is said in it, never raised.

    Parameters
    ----------
    student : str
        Whose it is.
    paths : list of Path
        Its folder or file; two are refused.
    tasks : list of dict
        From `wanted`.
    limits : Limits
        What it may cost.
    """
    if len(paths) > 1:
        names = ", ".join(path.name for path in paths)
        return Submission(student, refused=f"two submissions: {names}")
    said = _run({"path": str(paths[0]), "tasks": tasks, "limits": limits.of_process()}, limits)
    return Submission(student, **said)


def _run(order: dict[str, Any], limits: Limits) -> dict[str, Any]:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", reader.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    ) as process:
        try:
            said, _ = process.communicate(json.dumps(order).encode(), limits.wall_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return {"refused": f"takes more than {limits.wall_s} s to read"}
    if -process.returncode in (signal.SIGXCPU, signal.SIGKILL):
        return {"refused": f"takes more than {limits.cpu_s} s of CPU time to read"}
    try:
        return json.loads(said)
    except ValueError:
        return {"refused": f"cannot be read: its reader ended with {process.returncode}"}
