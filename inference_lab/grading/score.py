"""Scores one exercise: hidden inputs to the boxed code, its answers against the reference."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from inference_lab.grading import seeds
from inference_lab.grading.answer_key import Task
from inference_lab.grading.line import Child, Stopped, WarmParent
from inference_lab.grading.policy import BoxedRouter
from inference_lab.lab import scenario
from inference_lab.lab.answer import NotPlain, plain, same
from inference_lab.lab.exercise import PolicyExercise

DRAWS_PER_RUN = 4
"""A hidden run of a policy simulates thousands of requests; one stands for this many draws."""
LONGEST_SHOWN = 150


@dataclass(frozen=True)
class Score:
    """How an exercise went: a status of the package's docstring, and one line on why."""

    status: str
    detail: str = ""


class Judge:
    """Knows a task's hidden inputs and expected values, and scores any student's code.

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
    def hidden(self) -> list[tuple[dict[str, Any], Any]]:
        """Inputs and expected answers, as they look after a way through JSON."""
        exercise = self.task.exercise
        pairs = []
        for draw in range(self.draws):
            drawn = exercise.draw(seeds.generator(self.secret, exercise.id, draw))
            inputs = json.loads(json.dumps(plain(drawn)))
            pairs.append((inputs, plain(self.task.reference(**copy.deepcopy(inputs)))))
        return pairs

    @cached_property
    def runs(self) -> list[tuple[int, float]]:
        """Seeds of a policy's hidden runs, and the metric that must be reached."""
        exercise = self.task.exercise
        drawn = [
            seeds.number(self.secret, exercise.id, run)
            for run in range(max(1, self.draws // DRAWS_PER_RUN))
        ]
        return [
            (seed, scenario.run(exercise.scenario, exercise.baseline, seed, exercise.metric))
            for seed in drawn
        ]

    def score(self, source: str, warm: WarmParent) -> Score:
        """Score the source of a student's cell; only its own result can depend on it."""
        is_policy = isinstance(self.task.exercise, PolicyExercise)
        try:
            return self._policy(source, warm) if is_policy else self._function(source, warm)
        except Stopped as stopped:
            if stopped.detail == f"NotImplementedError: Exercise {self.task.exercise.id}":
                return Score("not attempted")
            return Score(stopped.status, stopped.detail)

    def _load(self, child: Child, source: str, **order: Any) -> None:
        exercise = self.task.exercise
        name = f"exercise_{exercise.id.replace('.', '_')}"
        child.load(name, source, exercise.function, **order)

    def _function(self, source: str, warm: WarmParent) -> Score:
        exercise = self.task.exercise
        hidden = self.hidden
        with warm.child() as child:
            self._load(child, source)
            for draw, (inputs, expected) in enumerate(hidden):
                answer = _answer(child.ask(inputs))
                if not same(answer, expected, exercise.relative_tolerance):
                    where = f"hidden input {draw + 1} of {len(hidden)}, {_short(inputs)}"
                    said = f"{where}: {_short(answer)} where {_short(expected)} is right"
                    return Score("wrong", said)
        return Score("right")

    def _policy(self, source: str, warm: WarmParent) -> Score:
        exercise = self.task.exercise
        worst, until_s = 0.0, time.monotonic() + warm.box.exercise_s
        for run, (seed, baseline) in enumerate(self.runs):
            with warm.child() as child:
                child.deadline_s = until_s
                self._load(child, source, replicas=exercise.scenario.replicas, seed=run)
                router = BoxedRouter(child)
                reached = scenario.run(exercise.scenario, router, seed, exercise.metric)
            worst = max(worst, reached / baseline)
            if not reached <= exercise.ratio * baseline:
                said = f"{exercise.metric} is {reached / baseline:.3f} of that of"
                said += f" {exercise.baseline}; {exercise.ratio:g} or less is asked for"
                return Score("wrong", f"hidden run {run + 1} of {len(self.runs)}: {said}")
        return Score("right", f"{exercise.metric} at most {worst:.3f} of {exercise.baseline}")


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
