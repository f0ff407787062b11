"""The report: marks.csv, totals.csv and report.json, which may be forwarded.

None of them holds a hidden input, an answer or a word that a student's code said; those are in the
folder ``private`` beside them.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from inference_lab.grading import names
from inference_lab.grading.mark import Mark

NO_ISOLATION = "# isolation: off; the code graded here ran unconfined\n"
STOPPED = "# stopped: this run did not reach every exercise\n"
MARKS = ("student", "lesson", "exercise", "points", "possible", "status", "reason")
TOTALS = ("student", "points", "possible")


def write(out: Path, marks: Sequence[Mark], about: dict[str, Any]) -> list[Path]:
    """Write the three files and return where they are.

    A file that someone else put there meanwhile is kept, and ours gets a number. Without isolation,
    or when the run was stopped, each CSV file begins with a comment line that says so.
    """
    shown = names.told_apart(dict.fromkeys(mark.student for mark in marks))
    first = NO_ISOLATION if about["isolation"] == "off" else ""
    first += "" if about["complete"] else STOPPED
    lines = [
        (
            *(names.cell(shown[mark.student]), mark.lesson, mark.exercise, mark.points),
            *(mark.possible, mark.status, names.cell(mark.reason)),
        )
        for mark in marks
    ]
    of_totals = [(names.cell(shown[student]), *rest) for student, *rest in totals(marks)]
    entries = [
        {name: getattr(mark, name) for name in MARKS[:-1]}
        | {"student": shown[mark.student], "detail": names.shown(mark.reason)}
        for mark in marks
    ]
    return [
        _put(out / "marks.csv", first + _csv(MARKS, lines)),
        _put(out / "totals.csv", first + _csv(TOTALS, of_totals)),
        _put(out / "report.json", json.dumps(about | {"marks": entries}, indent=1) + "\n"),
    ]


def _all_points(marks: list[Mark]) -> int | None:
    given = [mark.points for mark in marks if mark.points is not None]
    return sum(given) if len(given) == len(marks) else None


def totals(marks: Iterable[Mark]) -> list[tuple[str, int | None, int]]:
    """Student, points and possible points; no points for one who needs a person."""
    of_student: dict[str, list[Mark]] = {}
    for mark in marks:
        of_student.setdefault(mark.student, []).append(mark)
    return [
        (
            student,
            _all_points(theirs),
            sum(mark.possible for mark in theirs),
        )
        for student, theirs in of_student.items()
    ]


def _csv(columns: Sequence[str], lines: Iterable) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(lines)
    return text.getvalue()


def _put(path: Path, text: str) -> Path:
    """Write a file under a name that is free, in one step."""
    half = path.with_name(f".{path.name}.new")
    half.write_text(text, encoding="utf-8", newline="")
    number, free = 1, path
    while True:
        try:
            free.touch(exist_ok=False)  # taken: a rename alone would replace another's file
            break
        except FileExistsError:
            number += 1
            free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    os.replace(half, free)
    return free
