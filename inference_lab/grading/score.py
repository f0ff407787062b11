"""Scores one exercise: inputs to the boxed code, its answers against the reference."""

from __future__ import annotations

import builtins
import json
import statistics
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from inference_lab.grading import hidden
from inference_lab.grading.answer_key import Task
from inference_lab.grading.hidden import Question, Trial
from inference_lab.grading.line import Child, Stopped, WarmParent
from inference_lab.grading.policy import BoxedRouter
from inference_lab.lab import scenario
from inference_lab.lab.answer import NotPlain, plain
from inference_lab.lab.exercise import Exercise, PolicyExercise
from inference_lab.traffic.streams import stream

LONGEST_SHOWN = 150
POLICY_MARGIN = 0.05
"""A policy's median over its hidden runs may be this much above the ratio asked for. Public runs
are exactly those of the check, hidden ones scatter: in exercise 1.3 a best-of-three router needs
0.75 and has 0.62 to 0.71 in public, 0.65 to 0.71 over 24 hidden seeds; the nearest wrong one, the
better of two, has a median of 0.81 there."""
REFUSED = {
    "module": "it imports a module that is not there: the grader has Python's own and numpy",
    "call": "it asks for something that the grader's box does not allow, such as a file",
    "memory": "it takes more memory than the grader's box allows",
    "thread": "it starts a thread, which the grader's box does not allow",
}


@dataclass(frozen=True)
class Score:
    """How an exercise went: `status`, `reason` and `detail` as in `mark.Mark`."""

    status: str
    reason: str = ""
    detail: str = ""
    timed_out: bool = False


class Judge:
    """Knows a task's inputs and expected values, and scores any student's code.

    Parameters
    ----------
    task : Task
        The exercise and its reference.
    secret : bytes
        From `seeds.read`.
    draws : int
        Number of hidden inputs; a policy is run once for every 4 of them.
    """

    def __init__(self, task: Task, secret: bytes, draws: int) -> None:
        self.task, self.secret, self.draws = task, secret, draws

    @cached_property
    def questions(self) -> list[Question]:
        """Public and hidden inputs of a function."""
        return hidden.questions(self.task, self.secret, self.draws)

    @cached_property
    def trials(self) -> list[Trial]:
        """Public and hidden runs of a policy."""
        return hidden.trials(self.task, self.secret, self.draws)

    def score(self, source: str, warm: WarmParent) -> Score:
        """Score the source of a student's cell; only its own result can depend on it."""
        is_policy = isinstance(self.task.exercise, PolicyExercise)
        at: list[Question | Trial] = []
        try:
            return self._policy(source, warm, at) if is_policy else self._function(source, warm, at)
        except Stopped as stopped:
            if stopped.detail == f"NotImplementedError: Exercise {self.task.exercise.id}":
                return Score("not attempted", "it raises NotImplementedError")
            return _stopped(stopped, at)

    def _load(self, child: Child, source: str, **order: Any) -> None:
        child.load("__main__", source, self.task.exercise.function, **order)

    def _function(self, source: str, warm: WarmParent, at: list) -> Score:
        exercise = self.task.function
        questions = self.questions
        with warm.child() as child:
            self._load(child, source)
            for question in questions:
                at.append(question)
                answer = _value(exercise, child, question.inputs)
                if not exercise.is_right(answer, question.expected):
                    said = f"{_short(question.inputs)}: {_short(answer)}"
                    most = "at most " if exercise.play else ""
                    said += f" where {most}{_short(question.expected)} is right"
                    raise Stopped("wrong", said)
        return Score("right")

    def _policy(self, source: str, warm: WarmParent, at: list) -> Score:
        asked = self.task.policy.limits
        trials = self.trials
        of_hidden, until_s = [], time.monotonic() + warm.box.exercise_s
        for trial in trials:
            at.append(trial)
            ratios = self.ratios(trial, source, warm, until_s)
            if not trial.is_public:
                of_hidden.append(ratios)
            elif not scenario.within(ratios, asked):
                raise Stopped("wrong", self._compared(ratios))
        median = {name: statistics.median(each[name] for each in of_hidden) for name in asked}
        if not scenario.within(median, asked, POLICY_MARGIN):
            raise Stopped("wrong", self._compared(median))
        return Score("right", "", self._compared(median))

    def ratios(
        self, trial: Trial, source: str, warm: WarmParent, until_s: float
    ) -> dict[str, float]:
        """The metrics of a student's policy over those of the baseline, in one trial."""
        exercise = self.task.policy
        order: dict[str, Any] = {"seed": self.trials.index(trial)}
        if trial.is_public:  # draws what it drew in the notebook
            order["random"] = stream(trial.seed, "router").bit_generator.state
        with warm.child() as child:
            child.deadline_s = until_s
            self._load(child, source, replicas=exercise.scenario.replicas, **order)
            router = BoxedRouter(child)
            reached = scenario.run(exercise.scenario, router, trial.seed, exercise.limits)
        return scenario.ratios(reached, trial.baseline)

    def _compared(self, ratios: dict[str, float]) -> str:
        exercise = self.task.policy
        return scenario.compared(ratios, exercise.limits, exercise.baseline)


def _stopped(stopped: Stopped, at: list[Question | Trial]) -> Score:
    """The score of code that did not get through: a doubt is for a person."""
    where = f"on {at[-1].place}" if at else "when its cell was run"
    detail = f"{where}: {stopped.detail}"
    if stopped.refused in REFUSED:
        return Score("needs a person", REFUSED[stopped.refused], detail)
    reason = {
        "raised": f"raised {_kind(stopped.detail)} {where}",
        "timed out": f"{stopped.detail} {where}",
    }.get(stopped.status, f"{stopped.status} {where}")
    timed_out = stopped.status == "timed out"
    if at and not at[-1].is_public:
        reason = f"right on every public input, as `check` says; {reason}"
        return Score("needs a person", reason, detail, timed_out)
    if timed_out and len(at) != 1:  # slow, not wrong; a first call that ends stays below the limit
        before = "right until then" if at else "nothing was asked yet"
        return Score("needs a person", f"{reason}; {before}", detail, timed_out)
    return Score(stopped.status, reason, detail, timed_out)


def _kind(detail: str) -> str:
    """Python's own name of an exception; the name of another could carry a hidden input out."""
    name = detail.partition(":")[0]
    return name if hasattr(builtins, name) else "an exception of its own"


def _value(exercise: Exercise, child: Child, inputs: dict[str, Any]) -> Any:
    """What the boxed function answers, or reaches when it is played."""
    if exercise.play is None:
        return _answer(child.ask(inputs))
    try:
        return exercise.value(lambda **given: _answer(child.ask(given)), inputs)
    except ValueError as unusable:
        raise Stopped("wrong", str(unusable)) from None


def _answer(reply: dict[str, Any]) -> Any:
    """The answer in a reply, plain and of bounded size."""
    if "answer" not in reply:
        raise Stopped("no answer", "what came back holds no answer")
    try:
        return plain(reply["answer"])
    except NotPlain as error:
        raise Stopped("wrong", f"returned {error}") from None


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
