"""What an exercise is marked on: its public inputs, and hidden ones drawn from the secret.

Luck gives no points: for each listed misconception some hidden input is drawn on which it differs
from the right answer, and the public inputs, on which the check in the notebook rests, count too.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference_lab.grading import seeds
from inference_lab.grading.answer_key import Task
from inference_lab.lab import scenario
from inference_lab.lab.answer import plain

DRAWS_PER_RUN = 4
"""A hidden run of a policy simulates thousands of requests; one stands for this many draws."""
MOST_REDRAWS = 1_000
"""Draws beyond the asked ones, in search of inputs that tell the misconceptions apart."""


@dataclass(frozen=True)
class Question:
    """One input and its right answer, both plain data as they look after a way through JSON.

    Parameters
    ----------
    place : str
        Such as ``"hidden input 3 of 20"``.
    is_public : bool
        Whether the learner knows it from the check.
    inputs : dict
        Keyword arguments.
    expected : object
        The reference's answer.
    """

    place: str
    is_public: bool
    inputs: dict[str, Any]
    expected: Any


@dataclass(frozen=True)
class Trial:
    """One simulation of a policy.

    Parameters
    ----------
    place, is_public
        As for `Question`.
    seed : int
        Of its arrivals.
    baseline : dict of str to float
        The metrics of the router that has to be beaten.
    """

    place: str
    is_public: bool
    seed: int
    baseline: dict[str, float]


def questions(task: Task, secret: bytes, draws: int) -> list[Question]:
    """The public inputs, then `draws` hidden ones that tell every misconception apart.

    Raises
    ------
    ValueError
        If neither a public input nor one of 1,000 more draws tells a misconception from the
        reference: the exercise cannot be marked.
    """
    exercise = task.function
    public = [_asked(task, inputs) for inputs in exercise.public]
    pairs = [_drawn(task, secret, number) for number in range(draws)]
    last, more = draws - 1, draws
    for mistake in exercise.misconceptions:
        if any(_differs(task, mistake.function, pair) for pair in pairs):
            continue
        further = (_drawn(task, secret, n) for n in range(more, draws + MOST_REDRAWS))
        telling = next((pair for pair in further if _differs(task, mistake.function, pair)), None)
        if telling and last >= 0:
            pairs[last] = telling  # from the end: no draw takes the place of an earlier find
            last -= 1
        elif not any(_differs(task, mistake.function, pair) for pair in public):
            name = getattr(mistake.function, "__name__", "a misconception")
            raise ValueError(f"exercise {exercise.id}: no input tells {name} from the solution")
    return [
        Question(f"{kind} input {number} of {len(each)}", kind == "public", *pair)
        for kind, each in (("public", public), ("hidden", pairs))
        for number, pair in enumerate(each, 1)
    ]


def trials(task: Task, secret: bytes, draws: int) -> list[Trial]:
    """The public runs of a policy, then one hidden run for every 4 draws."""
    exercise = task.policy
    hidden = range(max(1, draws // DRAWS_PER_RUN))
    return [
        Trial(f"{kind} run {number} of {len(each)}", kind == "public", seed, _baseline(task, seed))
        for kind, each in (
            ("public", list(exercise.public_seeds)),
            ("hidden", [seeds.number(secret, exercise.id, run) for run in hidden]),
        )
        for number, seed in enumerate(each, 1)
    ]


def _baseline(task: Task, seed: int) -> dict[str, float]:
    exercise = task.policy
    return scenario.run(exercise.scenario, exercise.baseline, seed, exercise.limits)


def _drawn(task: Task, secret: bytes, draw: int) -> tuple[dict[str, Any], Any]:
    return _asked(task, task.function.draw(seeds.generator(secret, task.exercise.id, draw)))


def _asked(task: Task, given: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    inputs = json.loads(json.dumps(plain(given)))
    return inputs, task.function.expected(task.reference, copy.deepcopy(inputs))


def _differs(task: Task, mistake: Callable[..., Any], pair: tuple[dict[str, Any], Any]) -> bool:
    inputs, expected = pair
    try:
        value = task.function.value(mistake, copy.deepcopy(inputs))
    except Exception:  # a misconception that fails here is told apart
        return True
    return not task.function.is_right(value, expected)
