"""The reference solution of an exercise: the function of its solved cell, which stands alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inference_lab.lab.exercise import Exercise, PolicyExercise


def reference(exercise: Exercise | PolicyExercise, source: str) -> Callable[..., Any]:
    """The function that a solved exercise cell defines, run on its own.

    Raises
    ------
    ValueError
        If the cell alone does not run, or does not define the exercise's function.
    """
    names: dict[str, Any] = {"__name__": f"exercise_{exercise.id.replace('.', '_')}"}
    try:
        exec(compile(source, f"<solution of {exercise.id}>", "exec"), names)
    except Exception as error:
        message = f"{exercise.id}: the solved cell alone raises {type(error).__name__}: {error}"
        raise ValueError(message) from error
    if not callable(names.get(exercise.function)):
        raise ValueError(f"{exercise.id}: its cell does not define {exercise.function}")
    return names[exercise.function]
