"""A mark: one line of the mark sheet."""

from __future__ import annotations

from dataclasses import dataclass

UNDECIDED = ("needs a person", "refused", "not reached")
"""Statuses whose points stay empty until a person has looked, or the run is done again."""


@dataclass(frozen=True)
class Mark:
    """How one student did one exercise.

    Parameters
    ----------
    student, lesson, exercise : str
        Whose, of which notebook, and the exercise's id.
    points : int or None
        None until a person has looked.
    possible : int
        What a right answer earns.
    status : str
        See the docstring of `inference_lab.grading`.
    reason : str
        One line on why, without hidden inputs, answers or words of the student's code: it may be
        forwarded.
    detail : str
        What else is known, for the instructor alone.
    """

    student: str
    lesson: str
    exercise: str
    points: int | None
    possible: int
    status: str
    reason: str = ""
    detail: str = ""
