"""Do the committed files still say what their sources say? Told without running a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from inference_lab.lab.answer import same
from inference_lab.lab.exercise import Exercise
from inference_lab.pipeline import answers
from inference_lab.pipeline.project import Lesson
from inference_lab.pipeline.sides import solved, units, unsolved
from inference_lab.pipeline.source import read
from inference_lab.pipeline.structure import beyond

LAST_BITS = 1e-12
"""Numbers this close are the same: another numpy may round the last bit in another way."""


def drift(lesson: Lesson) -> list[str]:
    """What differs between a lesson's committed files and a build, in words; empty when nothing.

    Notebooks are compared by cell ids, types, sources and metadata (tags among it); the exercise
    file by all that needs no simulation.
    """
    source = read(lesson.source)
    expected = {lesson.solved: solved(source), lesson.course: unsolved(source)}
    found = []
    for path, notebook in expected.items():
        found += of_notebook(path, notebook)
    return found + _answers(lesson, expected[lesson.solved])


def of_notebook(path: Path, expected: NotebookNode) -> list[str]:
    """What differs between one committed notebook and that of a build."""
    name = f"{path.parent.name}/{path.name}"
    if not path.exists():
        return [f"{name} is missing"]
    committed = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    return [f"{name}: {each}" for each in _cells(committed, expected)]


def _cells(committed: NotebookNode, expected: NotebookNode) -> list[str]:
    if committed.nbformat_minor != expected.nbformat_minor:
        return [f"saved in format 4.{committed.nbformat_minor}, not 4.{expected.nbformat_minor}"]
    ids, wanted = [c.id for c in committed.cells], [c.id for c in expected.cells]
    found = [f"cell {each} is missing" for each in wanted if each not in ids]
    found += [f"cell {each} has no source" for each in ids if each not in wanted]
    if not found and ids != wanted:
        found.append("its cells stand in another order, or one stands twice")
    by_id = {cell.id: cell for cell in committed.cells}
    for cell in expected.cells:
        twin = by_id.get(cell.id, cell)
        for part in ("cell_type", "source", "metadata"):
            if twin[part] != cell[part]:
                found.append(f"cell {cell.id}: its {part} is not that of a build")
    if committed.metadata != expected.metadata:
        found.append("the notebook's metadata is not that of a build")
    return found


def _answers(lesson: Lesson, notebook: NotebookNode) -> list[str]:
    name = f"exercises/{lesson.answers.name}"
    if not lesson.answers.exists():
        return [f"{name} is missing"]
    committed = json.loads(lesson.answers.read_text(encoding="utf-8"))
    cells = answers.references(notebook)
    if committed["digest"] != answers.sources_digest(lesson, cells):
        return [f"{name}: an exercise or its solution has changed since"]
    defined = answers.definitions(lesson)
    if [each["id"] for each in committed["exercises"]] != [each.id for each in defined]:
        return [f"{name}: its exercises are not those that are defined"]
    found = []
    if committed["units"] != units(notebook):
        found.append(f"{name}: the units of the predictions are not those of a build")
    later = beyond(notebook)
    for exercise, entry in zip(defined, committed["exercises"], strict=True):
        expected = answers.describe(exercise) | {"stretch": exercise.id in later}
        if isinstance(exercise, Exercise):
            expected |= answers.computed(exercise, cells[exercise.id])
        kept = {key: entry.get(key) for key in expected}
        if not same(kept, json.loads(json.dumps(expected)), LAST_BITS):
            found.append(f"{name}: {exercise.id} is not what a build computes")
    return found
