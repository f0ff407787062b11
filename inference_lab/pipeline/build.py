"""Builds a lesson: from its one source to the solved notebook, the course's and the answers."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from inference_lab.lab.catalogue import FOLDER_VARIABLE
from inference_lab.pipeline import answers
from inference_lab.pipeline.clean import clean
from inference_lab.pipeline.project import Lesson
from inference_lab.pipeline.sides import solved, unsolved
from inference_lab.pipeline.source import read
from inference_lab.workbook.execute import execute


def build(lesson: Lesson) -> list[Path]:
    """Make and write a lesson's two notebooks and its exercise file; building twice is once.

    Parameters
    ----------
    lesson : Lesson
        Its source is ``solutions/NN_name.py``, its exercises ``solutions/exercises_NN.py``.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ValueError
        If the source or the exercises break a rule of the authoring guide, or a cell fails.
    TimeoutError
        If a notebook does not end.
    """
    source = read(lesson.source)
    sides = {lesson.solved: solved(source), lesson.course: unsolved(source)}
    answers.write(lesson.answers, answers.answers(lesson, sides[lesson.solved]))
    setting = {FOLDER_VARIABLE: str(lesson.answers.parent.resolve())}
    made = {}
    for path, notebook in sides.items():
        try:
            made[path] = clean(execute(notebook, setting))
        except ValueError as error:
            raise ValueError(f"{path.parent.name}/{path.name}: {error}") from None
    for path, notebook in made.items():
        write(path, notebook)
    return [*made, lesson.answers]


def write(path: Path, notebook: NotebookNode) -> None:
    """Write a notebook in the one layout that Jupyter itself uses."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
