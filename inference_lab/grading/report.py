"""The report: marks.csv, totals.csv and report.json in a new folder, all at once or not at all."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inference_lab.grading.marking import Mark

UNDECIDED = ("needs a person", "refused")
NO_ISOLATION = "# isolation: off; the code graded here ran unconfined\n"
MARKS = ("student", "lesson", "exercise", "points", "possible", "status")
TOTALS = ("student", "points", "possible")


def check_free(out: Path) -> None:
    """Refuse a report's folder that holds something.

    Raises
    ------
    ValueError
        When `out` is a file, or a folder that is not empty.
    FileNotFoundError
        When the folder around it is not there.
    """
    if out.exists() and not out.is_dir():
        raise ValueError(f"--out {out} is a file: name a new folder")
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"--out {out} is not empty: name a new folder")
    if not out.absolute().parent.is_dir():
        raise FileNotFoundError(f"{out.absolute().parent} is not there: make it first")


def write(out: Path, marks: Sequence[Mark], about: dict[str, Any]) -> None:
    """Write the three files to a folder beside `out`, which then takes its place.

    Without isolation each CSV file begins with a comment line that says so.
    """
    new = Path(tempfile.mkdtemp(prefix=".report-", dir=out.absolute().parent))
    try:
        first = NO_ISOLATION if about["isolation"] == "off" else ""
        lines = [[getattr(mark, column) for column in MARKS] for mark in marks]
        _write_csv(new / "marks.csv", first, MARKS, lines)
        _write_csv(new / "totals.csv", first, TOTALS, totals(marks))
        text = json.dumps(about | {"marks": [asdict(mark) for mark in marks]}, indent=1)
        (new / "report.json").write_text(text + "\n", encoding="utf-8")
        new.chmod(0o755)
        os.replace(new, out)
    except BaseException:
        shutil.rmtree(new)
        raise


def totals(marks: Iterable[Mark]) -> list[tuple[str, int | None, int]]:
    """Student, points and possible points; no points for one who needs a person."""
    of_student: dict[str, list[Mark]] = {}
    for mark in marks:
        of_student.setdefault(mark.student, []).append(mark)
    return [
        (
            student,
            None if any(m.points is None for m in theirs) else sum(m.points for m in theirs),
            sum(mark.possible for mark in theirs),
        )
        for student, theirs in of_student.items()
    ]


def _write_csv(path: Path, first: str, columns: Sequence[str], lines: Iterable) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(first)
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(lines)
