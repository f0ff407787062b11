"""The records of a run: one line for each thing that happens, written when it happens.

What has been marked is on the disk whatever ends the run. An exercise is recorded as ``started``
before anything of it is run, so the last lines tell which one a run died of.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from inference_lab.grading.mark import Mark

PRIVATE, NAME = "private", "records.jsonl"


class Records:
    """Appends to ``private/records.jsonl`` in the report's folder, which it makes.

    Parameters
    ----------
    out : Path
        The report's folder; absent or empty.

    Raises
    ------
    ValueError
        If `out` is a file, or a folder that is not empty.
    FileNotFoundError
        If the folder around it is not there.
    """

    def __init__(self, out: Path) -> None:
        check_free(out)
        out.mkdir(exist_ok=True)
        (out / PRIVATE).mkdir(mode=0o700)  # fails when another run has just taken the folder
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self.file = os.open(out / PRIVATE / NAME, flags, 0o600)

    def started(self, student: str, exercise: str) -> None:
        """Record that an exercise is about to be marked."""
        self._append({"student": student, "exercise": exercise, "status": "started"})

    def marked(self, mark: Mark) -> None:
        """Record a mark."""
        self._append(asdict(mark))

    def close(self) -> None:
        """Close the file."""
        os.close(self.file)

    def _append(self, record: dict[str, object]) -> None:
        os.write(self.file, json.dumps(record).encode() + b"\n")  # one call: whole or not at all


def check_free(out: Path) -> None:
    """Refuse a report's folder that holds something; raises as `Records` does."""
    if out.exists() and not out.is_dir():
        raise ValueError(f"--out {out} is a file: name a new folder")
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"--out {out} is not empty: name a new folder")
    if not out.absolute().parent.is_dir():
        raise FileNotFoundError(f"{out.absolute().parent} is not there: make it first")
