"""What an exercise is: plain data, shared by the build, the checks in a notebook and the grader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference_lab.lab.answer import plain, same
from inference_lab.lab.played import number


@dataclass(frozen=True)
class Misconception:
    """A wrong function that learners are known to write, and what to ask them about it.

    Parameters
    ----------
    function : callable
        Takes the exercise's arguments and returns what that mistake would return.
    hint : str
        Shown when the learner's numbers equal the numbers of `function`. It asks, it does not tell.
    """

    function: Callable[..., Any]
    hint: str


@dataclass(frozen=True)
class Play:
    """How an exercise is judged that has no single right answer: by what its function reaches.

    Parameters
    ----------
    driver : str
        The experiment that calls the function, one of `inference_lab.lab.played.DRIVERS`. It gets
        the exercise's inputs and returns a number; smaller is better.
    baseline : callable
        A plain function for the same experiment.
    ratio : float
        The function must reach at most this share of the baseline's number.
    unit : str
        What the number counts, for the message.
    """

    driver: str
    baseline: Callable[..., Any]
    ratio: float
    unit: str


@dataclass(frozen=True)
class Exercise:
    """A function of random inputs: the only kind of exercise, with policies, that carries points.

    Parameters
    ----------
    id : str
        Lesson and number, such as ``"5.1"``; its cell has the id ``ex-5-1``.
    function : str
        Name of the function that the exercise cell defines.
    title : str
        A few words for tables and reports.
    public : tuple of dict
        Keyword arguments of the public checks, plain numbers, lists and dicts.
    draw : callable
        ``draw(rng: numpy.random.Generator) -> dict``: keyword arguments of one hidden check.
    misconceptions : tuple of Misconception
        Known wrong answers; pairwise different on the public inputs.
    hints : tuple of str
        The rungs of help, from a question to nearly the answer.
    points : int
        What a right answer earns.
    relative_tolerance : float
        Largest relative difference that still counts as equal, for each number of the answer.
    play : Play or None
        For an exercise that is played: its inputs are those of the experiment, and what is expected
        is a bound. Its misconceptions are recognised by what they reach.
    """

    id: str
    function: str
    title: str
    public: tuple[dict[str, Any], ...]
    draw: Callable[[np.random.Generator], dict[str, Any]]
    misconceptions: tuple[Misconception, ...] = ()
    hints: tuple[str, ...] = ()
    points: int = 1
    relative_tolerance: float = 1e-6
    play: Play | None = None

    def value(self, function: Callable[..., Any], inputs: dict[str, Any]) -> Any:
        """What a function answers, or reaches when it is played; plain data."""
        if self.play is None:
            return plain(function(**inputs))
        return number(self.play.driver, function, inputs)

    def expected(self, solution: Callable[..., Any], inputs: dict[str, Any]) -> Any:
        """The right answer; when it is played, the largest number that is good enough."""
        if self.play is None:
            return self.value(solution, inputs)
        return self.play.ratio * self.value(self.play.baseline, inputs)

    def is_right(self, value: Any, expected: Any) -> bool:
        """Whether what `value` gave meets what `expected` gave."""
        if self.play is None:
            return same(value, expected, self.relative_tolerance)
        return value <= expected


@dataclass(frozen=True)
class Scenario:
    """A cluster and a load as plain data: a policy is simulated from the shipped file alone.

    Parameters
    ----------
    replica : dict
        Keyword arguments of `inference_lab.AffineReplica`, or of `inference_lab.Replica` with
        ``llm`` and ``gpu`` as names.
    replicas : int
        Number of equal replicas.
    workload : dict
        ``{"kind": "poisson" | "like", ...}``: the arguments of `Workload.poisson` or
        `Workload.like`, without the seed.
    token_budget : int or None
        As for `inference_lab.Cluster`.
    """

    replica: dict[str, Any]
    replicas: int
    workload: dict[str, Any]
    token_budget: int | None = None


@dataclass(frozen=True)
class PolicyExercise:
    """A policy that is simulated and must beat a baseline by stated factors.

    The function is a router ``route(request, replicas, rng) -> index``. It passes a seed when, for
    each metric, ``metric(its run) <= limit * metric(the baseline's run on the same arrivals)``.

    Parameters
    ----------
    id, function, title, hints, points
        As for `Exercise`.
    scenario : Scenario
        What is simulated.
    baseline : str
        Name of the router to beat, such as ``"round_robin"``.
    limits : dict of str to float
        For each metric, a name of `scenario.METRICS`, the largest ratio to the baseline: 0.75 is a
        quarter less, 1.0 no worse.
    public_seeds : tuple of int
        Seeds of the arrivals used in the notebook.
    misconceptions : tuple of Misconception
        Known wrong policies; recognised by equal metrics.
    """

    id: str
    function: str
    title: str
    scenario: Scenario
    baseline: str
    limits: dict[str, float]
    public_seeds: tuple[int, ...] = (0,)
    misconceptions: tuple[Misconception, ...] = ()
    hints: tuple[str, ...] = ()
    points: int = 1
