"""The marker: marks one submission after another, each exercise in a box of its own."""

from __future__ import annotations

import dataclasses
import platform
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from inference_lab.grading import answer_key, submission
from inference_lab.grading.box import Box
from inference_lab.grading.line import Lost, WarmParent
from inference_lab.grading.mark import UNDECIDED, Mark
from inference_lab.grading.news import LeftOut, Started
from inference_lab.grading.score import Judge, Score

TIME_OUTS = 2
"""After so many exercises of one submission timed out, the others get little time each."""
LITTLE = {"call_s": 1.0, "exercise_s": 5.0}
NEWER = ("SyntaxError", "ImportError", "ModuleNotFoundError", "AttributeError", "TypeError")


@dataclass(frozen=True)
class Ground:
    """What every process of a run needs to mark; an answer key's lambdas cannot be sent.

    Parameters
    ----------
    lessons : list of answer_key.Lesson
        The answer key.
    secret : bytes
        From `seeds.read`.
    draws : int
        Hidden inputs of each exercise.
    box : Box
        What confines the students' code.
    limits : submission.Limits
        What reading one submission may cost.
    """

    lessons: list[answer_key.Lesson]
    secret: bytes
    draws: int
    box: Box
    limits: submission.Limits = submission.USUAL


class Marker:
    """Marks submissions with one warm parent, which is replaced when it ends.

    Parameters
    ----------
    ground : Ground
        What to mark with.
    """

    def __init__(self, ground: Ground) -> None:
        tasks = answer_key.tasks(ground.lessons)
        self.judges = [Judge(task, ground.secret, ground.draws) for task in tasks]
        self.wanted = submission.wanted(tasks)
        self.ground = ground
        self.warm = WarmParent(ground.box)

    def close(self) -> None:
        """End the warm parent."""
        self.warm.close()

    def marks(
        self, student: str, paths: list[Path], done: Collection[str]
    ) -> Iterator[LeftOut | Started | Mark]:
        """What is left out of one submission, and its marks, each exercise being announced first.

        Parameters
        ----------
        student : str
            Whose it is.
        paths : list of Path
            What was handed in.
        done : collection of str
            Exercises that need no mark any more.
        """
        handed_in = submission.read(student, paths, self.wanted, self.ground.limits)
        if handed_in.left_out:
            yield LeftOut(student, handed_in.left_out)
        until_s = time.monotonic() + self.ground.box.submission_s
        time_outs = 0
        for judge in self.judges:
            if judge.task.exercise.id in done:
                continue
            yield Started(student, judge.task.exercise.id)
            score = self._score(handed_in, judge, until_s, time_outs)
            time_outs += score.timed_out
            yield mark_of(judge.task, student, score)

    def _score(
        self, handed_in: submission.Submission, judge: Judge, until_s: float, time_outs: int
    ) -> Score:
        if handed_in.refused:
            return Score("refused", handed_in.refused)
        answer = handed_in.answers[judge.task.exercise.id]
        if "status" in answer:
            return Score(answer["status"], answer["reason"])
        box, limit = self.ground.box, ""
        if time_outs >= TIME_OUTS:
            little = {name: min(value, getattr(box, name)) for name, value in LITTLE.items()}
            box = dataclasses.replace(box, **little)
            limit = f"after {TIME_OUTS} time-outs an exercise gets {box.exercise_s:g} s"
        left_s = until_s - time.monotonic()
        if left_s < box.exercise_s:
            box = dataclasses.replace(box, exercise_s=max(left_s, 0.0))
            limit = f"the {box.submission_s:g} s of a submission are used up"
        if left_s <= 0:
            return Score("needs a person", limit)
        score = self._boxed(answer["source"], judge, box)
        if limit and score.timed_out:
            return Score("needs a person", limit, score.detail, timed_out=True)
        return _of_person(score, answer)

    def _boxed(self, source: str, judge: Judge, box: Box) -> Score:
        """The score, with a new warm parent when the old one ended: once, then a person looks."""
        for _ in range(2):
            try:
                self.warm.box = box
                return judge.score(source, self.warm)
            except Lost as error:
                lost = str(error)
                self.warm.close()
                self.warm = WarmParent(self.ground.box)
        return Score("needs a person", "the grader's own process ended twice while it ran", lost)


def mark_of(task: answer_key.Task, student: str, score: Score) -> Mark:
    """The line of the mark sheet for a score."""
    right = task.exercise.points if score.status == "right" else 0
    points = None if score.status in UNDECIDED else right
    place = (student, task.lesson, task.exercise.id)
    return Mark(*place, points, task.exercise.points, score.status, score.reason, score.detail)


def _of_person(score: Score, answer: dict[str, str]) -> Score:
    """A failure that may lie in what the grader lacks is for a person."""
    here = platform.python_version_tuple()[:2]
    theirs = answer["python"].split(".")[:2]
    is_newer = all(map(str.isdigit, theirs)) and [*map(int, theirs)] > [*map(int, here)]
    if score.status == "raised" and is_newer and any(kind in score.reason for kind in NEWER):
        said = f"written with Python {'.'.join(theirs)}, marked with {'.'.join(here)}"
        return Score("needs a person", f"{said}; {score.reason}", score.detail)
    if answer["refused"] and score.status in ("raised", "needs a person"):
        return Score("needs a person", answer["refused"], score.detail)
    return score
