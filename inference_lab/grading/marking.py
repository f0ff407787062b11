"""Marks a folder of submissions: students in parallel, each exercise in a box of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import SimpleQueue, get_context
from pathlib import Path
from typing import Any

from inference_lab.grading import answer_key as pack
from inference_lab.grading import report, seeds, submission
from inference_lab.grading.box import Box
from inference_lab.grading.line import WarmParent
from inference_lab.grading.score import Judge, Score
from inference_lab.grading.submission import Submission
from inference_lab.workbook.rebuild import Missing, find_exercise

STUDENTS_A_BATCH = 5
"""One warm parent serves a batch: its start costs about as much as 20 exercises."""


@dataclass(frozen=True)
class Mark:
    """One line of the mark sheet.

    Parameters
    ----------
    student, lesson, exercise : str
        Whose, of which notebook, and the exercise's id.
    points : int or None
        None until a person has looked.
    possible : int
        What a right answer earns.
    status, detail : str
        See the docstring of `inference_lab.grading`, and one line on why.
    """

    student: str
    lesson: str
    exercise: str
    points: int | None
    possible: int
    status: str
    detail: str


def grade(
    submissions: Path, out: Path, seed_file: Path, pack_folder: Path, draws: int, box: Box
) -> list[Mark]:
    """Mark every submission and write the report.

    Parameters
    ----------
    submissions : Path
        Holds ``NAME.zip`` or ``NAME/`` for each student.
    out : Path
        The report's folder; absent or empty.
    seed_file : Path
        Holds the secret, 16 bytes or more.
    pack_folder : Path
        Holds ``NN_name.py`` and ``exercises_NN.py``.
    draws : int
        Hidden inputs of each exercise.
    box : Box
        What confines the students' code.

    Raises
    ------
    ValueError, FileNotFoundError
        When an argument is wrong, or this machine lacks a part of the box.
    """
    if draws < 1:
        raise ValueError(f"--seeds {draws}: at least one hidden input is needed")
    if box.missing():
        raise ValueError(
            f"student code cannot be confined here; missing: {', '.join(box.missing())}. "
            "--no-isolation grades without, only for code that you trust"
        )
    report.check_free(out)
    secret = seeds.read(seed_file)
    tasks = pack.read(pack_folder)
    students, ignored = submission.find(submissions)
    marks = sorted(
        _all_marks(students, (pack_folder, secret, draws, box)),
        key=lambda mark: (mark.student, [task.exercise.id for task in tasks].index(mark.exercise)),
    )
    about = {
        "isolation": "on" if box.files and box.system_calls else "off",
        "seed_fingerprint": seeds.fingerprint(secret),
        "hidden_inputs": draws,
        "ignored_files": ignored,
    }
    report.write(out, marks, about)
    return marks


def _all_marks(students: dict[str, list[Path]], ground: tuple) -> Iterator[Mark]:
    """Marks as they come, from one process for each core this one may use."""
    from tqdm import tqdm

    names = list(students)
    batches = [names[i : i + STUDENTS_A_BATCH] for i in range(0, len(names), STUDENTS_A_BATCH)]
    if len(batches) == 1:  # a process more would take longer to start than to mark
        _start(_cores()[-1], *ground)
        yield from _mark_batch(students)
        return
    context = get_context("spawn")
    cores: SimpleQueue = context.SimpleQueue()
    for core in _cores():
        cores.put(core)
    workers = min(len(_cores()), len(batches))
    with (
        ProcessPoolExecutor(workers, context, _start_worker, (cores, *ground)) as pool,
        tqdm(total=len(names), unit="student", disable=not sys.stderr.isatty()) as progress,
    ):
        work = {pool.submit(_mark_batch, {n: students[n] for n in each}): each for each in batches}
        for done in as_completed(work):
            yield from done.result()
            progress.update(len(work[done]))


def _cores() -> list[int | None]:
    """The cores that this process may use; None for each where the system does not say which."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return [None] * (os.cpu_count() or 1)


@contextmanager
def _on_one_core(core: int | None) -> Iterator[None]:
    """Keep this process and its boxes on one core, which halves the time of a decision."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _start_worker(cores: Any, *ground: Any) -> None:
    """Make a process of the pool ready to mark, on a core of its own."""
    _start(cores.get(), *ground)


def _start(core: int | None, folder: Path, secret: bytes, draws: int, box: Box) -> None:
    """Make this process ready to mark: the pack's lambdas cannot be sent to it."""
    global _judges, _box, _core
    _core = core
    _judges = [Judge(task, secret, draws) for task in pack.read(folder)]
    _box = box


def _mark_batch(students: dict[str, list[Path]]) -> list[Mark]:
    with _on_one_core(_core), WarmParent(_box) as warm:
        return [
            _mark(handed_in, judge, warm)
            for handed_in in (submission.read(*student) for student in students.items())
            for judge in _judges
        ]


def _mark(handed_in: Submission, judge: Judge, warm: WarmParent) -> Mark:
    task = judge.task
    score = _score(handed_in, judge, warm)
    right = task.exercise.points if score.status == "right" else 0
    points = None if score.status in report.UNDECIDED else right
    place = (handed_in.student, task.lesson, task.exercise.id)
    return Mark(*place, points, task.exercise.points, score.status, score.detail)


def _score(handed_in: Submission, judge: Judge, warm: WarmParent) -> Score:
    if handed_in.refused:
        return Score("refused", handed_in.refused)
    notebook = handed_in.lesson(judge.task.lesson)
    if notebook is None:
        return Score("not handed in")
    if isinstance(notebook, str):
        return Score("needs a person", notebook)
    try:
        source = find_exercise(notebook, judge.task.exercise)
    except Exception as error:  # a cell made to break its reader may raise anything
        return Score("needs a person", f"the notebook breaks its reader: {type(error).__name__}")
    if isinstance(source, Missing):
        return Score("needs a person", source.reason)
    return judge.score(source, warm)
