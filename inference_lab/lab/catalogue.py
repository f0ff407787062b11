"""The exercises as the notebooks see them: plain data in ``exercises/NN.json``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from inference_lab.lab.notice import WrongType, WrongValue

SHIPPED = Path(__file__).parent / "exercises"
FOLDER_VARIABLE = "INFERENCE_LAB_EXERCISES"


def folder() -> Path:
    """Where the exercise files lie.

    The environment variable ``INFERENCE_LAB_EXERCISES`` names another folder; the build of a
    checkout that is not the installed one sets it.
    """
    return Path(os.environ.get(FOLDER_VARIABLE) or SHIPPED)


def lessons() -> list[str]:
    """The numbers of the lessons that have an exercise file, such as ``["00", "05"]``."""
    return sorted(path.stem for path in folder().glob("[0-9][0-9].json"))


def of_lesson(number: str) -> list[dict[str, Any]]:
    """All exercises of a lesson, in their order; a lesson without any has none.

    Parameters
    ----------
    number : str
        The lesson, such as ``"05"`` or ``"5"``.
    """
    return _content(number).get("exercises", [])


def unit(prediction_id: str) -> str | None:
    """The unit in which a lesson asks for a prediction; None if no lesson does."""
    number = prediction_id.partition(".")[0]
    return _content(number).get("units", {}).get(prediction_id)


def _content(number: str) -> dict[str, Any]:
    path = folder() / f"{number.zfill(2)}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def entry(exercise_id: str) -> dict[str, Any]:
    """One exercise: its checks, misconceptions and hints.

    Parameters
    ----------
    exercise_id : str
        Lesson and number, such as ``"5.1"``.

    Raises
    ------
    TypeError
        If `exercise_id` is no text.
    ValueError
        If no exercise has this id; the message names those that exist.
    """
    if not isinstance(exercise_id, str):
        raise WrongType(f'exercise_id must be text such as "5.1", not {exercise_id!r}')
    entries = of_lesson(exercise_id.partition(".")[0])
    for candidate in entries:
        if candidate["id"] == exercise_id:
            return candidate
    known = ", ".join(each["id"] for each in entries)
    fix = f"write one of: {known}" if known else 'write lesson and number, such as "5.1"'
    raise WrongValue(f"exercise_id {exercise_id!r} is not known; {fix}")
