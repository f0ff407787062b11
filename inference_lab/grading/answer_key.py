"""The answer key: the exercises of a course with their reference solutions."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference_lab.lab.exercise import Exercise, PolicyExercise
from inference_lab.pipeline import answers, sides, source


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
    """The tasks of an answer key, in the order of lessons and exercises.

    Its code is the instructor's and is run here. Exercises that the course shows solved (tag
    ``worked``) and lessons without an ``exercises_NN.py`` carry no points.

    Parameters
    ----------
    folder : Path
        Holds ``NN_name.py`` and ``exercises_NN.py``.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it holds no exercise, or an exercise without a cell or a working reference.
    """
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} is not there: run this in a checkout, or give --answer-key"
        )
    tasks = []
    for definitions in sorted(folder.glob("exercises_[0-9][0-9].py")):
        number = definitions.stem[-2:]
        lessons = sorted(folder.glob(f"{number}_*.py"))
        if len(lessons) != 1:
            raise ValueError(f"{folder}: {len(lessons)} files {number}_*.py, one is needed")
        tasks += _lesson(lessons[0], definitions)
    if not tasks:
        raise ValueError(f"{folder}: no exercise found; it must hold NN_name.py, exercises_NN.py")
    return tasks


def _lesson(lesson: Path, definitions: Path) -> list[Task]:
    notebook = source.read(lesson)
    everything = answers.references(notebook)
    notebook.cells = [cell for cell in notebook.cells if "worked" not in source.tags(cell)]
    cells = answers.references(notebook)
    worked = set(everything) - set(cells)
    tasks = []
    for exercise in runpy.run_path(str(definitions))["EXERCISES"]:
        if exercise.id in worked:
            continue
        if exercise.id not in cells:
            raise ValueError(f"{lesson}: no exercise cell for {exercise.id}")
        reference = answers.reference(exercise, cells[exercise.id])
        stub = sides.strip(cells[exercise.id], exercise.id)
        tasks.append(Task(lesson.stem, exercise, reference, stub))
    return tasks
