"""One run: a folder of submissions in, records as they come, a report at the end."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inference_lab.grading import answer_key, report, seeds, submission
from inference_lab.grading.answer_key import Task
from inference_lab.grading.box import Box
from inference_lab.grading.crew import Crew
from inference_lab.grading.mark import Mark
from inference_lab.grading.marking import Ground, mark_of
from inference_lab.grading.news import Died, LeftOut, Started
from inference_lab.grading.records import Records, check_free
from inference_lab.grading.score import Score

DIED = Score("needs a person", "the grader's process ended while it marked this exercise")
NOT_REACHED = Score("not reached", "the run was stopped before this exercise")


@dataclass(frozen=True)
class Graded:
    """What a run came to.

    Parameters
    ----------
    marks : list of Mark
        By student and exercise.
    about : dict
        What the report says beside the marks.
    files : list of Path
        The report's files.
    """

    marks: list[Mark]
    about: dict[str, Any]
    files: list[Path]


def grade(
    submissions: Path,
    out: Path,
    seed_file: Path,
    key_folder: Path,
    draws: int,
    box: Box,
    limits: submission.Limits = submission.USUAL,
) -> Graded:
    """Mark every submission and write the report.

    Ctrl-C ends the marking at once: the report is written with what is there.

    Parameters
    ----------
    submissions : Path
        Holds ``NAME.zip`` or ``NAME/`` for each student.
    out : Path
        The report's folder; absent or empty.
    seed_file : Path
        Holds the secret, 16 bytes or more; it is used for one run.
    key_folder : Path
        Holds ``NN_name.py`` and ``exercises_NN.py``.
    draws : int
        Hidden inputs of each exercise.
    box : Box
        What confines the students' code.
    limits : submission.Limits
        What reading one submission may cost.

    Raises
    ------
    ValueError, FileNotFoundError
        If an argument is wrong, or this machine lacks a part of the box.
    RuntimeError
        If no code can be marked here; never a student's fault.
    """
    if draws < 1:
        raise ValueError(f"--draws {draws}: at least one hidden input is needed")
    if box.missing():
        raise ValueError(
            f"student code cannot be confined here; missing: {', '.join(box.missing())}. "
            "--no-isolation grades without, only for code that you trust"
        )
    check_free(out)
    secret = seeds.read(seed_file)
    lessons = answer_key.lessons(key_folder)
    tasks = answer_key.tasks(lessons)
    students, ignored = submission.find(submissions)
    seeds.use(seed_file, out)
    records = Records(out)
    ground = Ground(lessons, secret, draws, box, limits)
    marks: dict[tuple[str, str], Mark] = {}
    left_out: dict[str, list[str]] = {}
    broken = None
    complete = False
    try:
        _mark_all(ground, students, tasks, marks, left_out, records)
        complete = True
    except KeyboardInterrupt:
        pass
    except RuntimeError as error:
        broken = error
    about = {
        "isolation": "on" if box.files and box.system_calls else "off",
        "complete": complete,
        "seed_fingerprint": seeds.fingerprint(secret),
        "seed": "used for this run alone; the next run needs a new one",
        "hidden_inputs": draws,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "ignored_files": ignored,
        "left_out": dict(sorted(left_out.items())),
    }
    ordered = _in_order(students, tasks, marks)
    files = report.write(out, ordered, about)
    records.close()
    if broken:
        raise broken
    return Graded(ordered, about, files)


def _mark_all(
    ground: Ground,
    students: dict[str, list[Path]],
    tasks: Sequence[Task],
    marks: dict[tuple[str, str], Mark],
    left_out: dict[str, list[str]],
    records: Records,
) -> None:
    """Fill `marks`, `left_out` and the records with what the crew tells."""
    from tqdm import tqdm

    with (
        Crew(ground, students) as crew,
        tqdm(
            total=len(students) * len(tasks), unit="exercise", disable=not sys.stderr.isatty()
        ) as progress,
    ):
        for news in crew.news():
            if isinstance(news, Started):
                records.started(news.student, news.exercise)
                continue
            if isinstance(news, LeftOut):
                left_out[news.student] = news.files
                continue
            found = [news] if isinstance(news, Mark) else _lost(news, tasks, marks)
            for mark in found:
                marks[mark.student, mark.exercise] = mark
                records.marked(mark)
                progress.update()


def _lost(news: Died, tasks: Sequence[Task], marks: dict[tuple[str, str], Mark]) -> list[Mark]:
    """The marks of what a dead process leaves without one."""
    return [
        mark_of(task, news.student, DIED)
        for task in tasks
        if news.exercise in (None, task.exercise.id)
        and (news.student, task.exercise.id) not in marks
    ]


def _in_order(
    students: dict[str, list[Path]], tasks: Sequence[Task], marks: dict[tuple[str, str], Mark]
) -> list[Mark]:
    return [
        marks.get((student, task.exercise.id)) or mark_of(task, student, NOT_REACHED)
        for student in sorted(students)
        for task in tasks
    ]
