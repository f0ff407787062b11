"""The answer key: the exercises of a course with their reference solutions."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference_lab.lab.exercise import Exercise, PolicyExercise
from inference_lab.pipeline.reference import reference


@dataclass(frozen=True)
class Lesson:
    """What an answer key holds of one lesson, in plain text: what is sent to who marks.

    Parameters
    ----------
    name : str
        Such as ``"05_the_latency_that_matters"``.
    definitions : Path
        Its ``exercises_NN.py``.
    cells, stubs : dict
        By exercise: the solved cell, and the cell as learners get it.
    worked : frozenset of str
        Exercises that the course shows solved.
    """

    name: str
    definitions: Path
    cells: dict[str, str]
    stubs: dict[str, str]
    worked: frozenset[str]


@dataclass(frozen=True)
class Task:
    """One exercise that carries points.

    Parameters
    ----------
    lesson : str
        Name of the lesson's notebook without its ending, such as
        ``"05_the_latency_that_matters"``.
    exercise : Exercise or PolicyExercise
        Its definition.
    reference : callable
        The function of the solution region.
    stub : str
        The cell as learners get it.
    """

    lesson: str
    exercise: Exercise | PolicyExercise
    reference: Callable[..., Any]
    stub: str = ""

    @property
    def function(self) -> Exercise:
        """The definition, where a function is asked for."""
        if not isinstance(self.exercise, Exercise):
            raise TypeError(f"exercise {self.exercise.id} asks for a policy: use .policy")
        return self.exercise

    @property
    def policy(self) -> PolicyExercise:
        """The definition, where a policy is asked for."""
        if not isinstance(self.exercise, PolicyExercise):
            raise TypeError(f"exercise {self.exercise.id} asks for a function: use .function")
        return self.exercise


def read(folder: Path) -> list[Task]:
    """The tasks of an answer key, in the order of lessons and exercises; `tasks` of `lessons`."""
    return tasks(lessons(folder))


def lessons(folder: Path) -> list[Lesson]:
    """The lessons of an answer key that have exercises. None of its code is run.

    Parameters
    ----------
    folder : Path
        Holds ``NN_name.py`` and ``exercises_NN.py``.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it holds no exercise, or is not one lesson for each ``exercises_NN.py``.
    """
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} is not there: run this in a checkout, or give --answer-key"
        )
    found = []
    for definitions in sorted(folder.glob("exercises_[0-9][0-9].py")):
        number = definitions.stem[-2:]
        sources = sorted(folder.glob(f"{number}_*.py"))
        if len(sources) != 1:
            raise ValueError(f"{folder}: {len(sources)} files {number}_*.py, one is needed")
        found.append(_lesson(sources[0], definitions))
    if not found:
        raise ValueError(f"{folder}: no exercise found; it must hold NN_name.py, exercises_NN.py")
    return found


def _lesson(path: Path, definitions: Path) -> Lesson:
    # Only here: who marks is sent a lesson, and starts in two thirds of the time without these.
    from inference_lab.pipeline import answers, sides, source

    notebook = source.read(path)
    everything = answers.references(notebook)
    notebook.cells = [cell for cell in notebook.cells if "worked" not in source.tags(cell)]
    cells = answers.references(notebook)
    stubs = {identity: sides.strip(cell, identity) for identity, cell in cells.items()}
    return Lesson(path.stem, definitions, cells, stubs, frozenset(everything) - frozenset(cells))


def tasks(key: Sequence[Lesson]) -> list[Task]:
    """The tasks of some lessons, in their order.

    The code of an answer key is the instructor's and is run here. Exercises that the course shows
    solved (tag ``worked``) and lessons without an ``exercises_NN.py`` carry no points.

    Raises
    ------
    ValueError
        If there is none, or an exercise without a cell or a working reference.
    """
    found = []
    for lesson in key:
        for exercise in runpy.run_path(str(lesson.definitions))["EXERCISES"]:
            if exercise.id in lesson.worked:
                continue
            if exercise.id not in lesson.cells:
                raise ValueError(f"{lesson.name}: no exercise cell for {exercise.id}")
            solution = reference(exercise, lesson.cells[exercise.id])
            found.append(Task(lesson.name, exercise, solution, lesson.stubs[exercise.id]))
    if not found:
        raise ValueError("no exercise of the answer key carries points")
    return found
