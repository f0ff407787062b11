"""What a check asks about a wrong answer: the most particular question that its numbers allow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from inference_lab.lab.answer import same
from inference_lab.lab.mistakes import neighbours, units
from inference_lab.lab.mistakes.arrangements import arrangement
from inference_lab.lab.mistakes.factors import common_factor
from inference_lab.lab.mistakes.families import composed, partly, rounded, simple, unused
from inference_lab.lab.mistakes.places import place
from inference_lab.lab.mistakes.repair import repair
from inference_lab.lab.mistakes.series import meet_by_chance, series


def advice(
    exercise: dict[str, Any], answers: list[Any], function: Callable[..., Any]
) -> str | None:
    """What to ask about wrong answers that no misconception of the exercise gives.

    All that is said is a fact about the numbers on the public inputs, so it is true of any
    mistake. The order is from what tells most to what tells least.

    Parameters
    ----------
    exercise : dict
        Its entry in the exercise file.
    answers : list
        Plain values, one for each public input.
    function : callable
        The learner's function.
    """
    inputs = [each["inputs"] for each in exercise["checks"]]
    right = [each["expected"] for each in exercise["checks"]]
    names = [exercise["function"], *inputs[0]]
    parts = series(answers, right, inputs)
    return (
        arrangement(answers, right)
        or next((said for one in parts if (said := one.within(simple(one, names)))), None)
        or _neighbour(exercise, answers, names, plain=True)
        or next((said for one in parts if (said := one.within(composed(one)))), None)
        or next((said for one in parts if (said := one.within(partly(one, names)))), None)
        or repair(function, exercise["checks"], exercise["relative_tolerance"])
        or _neighbour(exercise, answers, names)
        or _compound(exercise, answers, inputs, names)
        or place(answers, right, inputs, exercise["relative_tolerance"])
        or unused(function, [name for name in inputs[0] if name not in exercise.get("spare", ())])
    )


def known_mistake(known: list[dict[str, Any]], answers: list[Any], tolerance: float) -> str | None:
    """The hint of the misconception whose values the answers are; None if they are of none."""
    for mistake in known:
        if same(answers, mistake["values"], tolerance):
            return mistake["hint"]
    return None


def _neighbour(
    exercise: dict[str, Any], answers: list[Any], names: list[str], plain: bool = False
) -> str | None:
    mark = neighbours.fingerprint(answers)
    entry = exercise.get("neighbours", {}).get(mark) if mark else None
    if entry is None or (plain and not neighbours.is_plain(entry)):
        return None
    return neighbours.told(entry, names)


def _compound(
    exercise: dict[str, Any], answers: list[Any], inputs: list[dict[str, Any]], names: list[str]
) -> str | None:
    """A known mistake or a slip, and a factor, a rounding or a bound on top of it."""
    if meet_by_chance(answers):
        return None
    for mistake in exercise["misconceptions"]:
        for one in series(answers, mistake["values"], inputs):
            factor = common_factor(one)
            if not one.part and factor and factor > 0 and units.nice(factor):
                return f"{mistake['hint']} {_on_top(factor, names)}"
            if not one.part and rounded(one):
                return f"{mistake['hint']} And a second thing: your number is rounded."
    tolerance = exercise["relative_tolerance"]
    for way, asked in SECOND.items():
        other = _each(answers, way)
        if other is not None and other != answers and not meet_by_chance(other):
            said = known_mistake(exercise["misconceptions"], other, tolerance)
            said = said or _neighbour(exercise, other, names, plain=True)
            if said:
                return f"{said} And a second thing: {asked}"
    for factor in units.known():
        scaled = _each(answers, lambda number, factor=factor: number / factor)
        said = scaled and _neighbour(exercise, scaled, names, plain=True)
        if said:
            return f"{said} {_on_top(factor, names)}"
    return None


SECOND: dict[Callable[[float], float], str] = {
    lambda number: max(0, number): "can the number be below 0?",
    math.floor: "how many whole ones are there?",
    lambda number: max(0, math.floor(number)): "how many whole ones are there, and can it be less?",
    lambda number: number - 1: "with that, each number is still one too many.",
    lambda number: number + 1: "with that, each number is still one too few.",
    lambda number: 1 - number: "with that, it is still the rest that you count, 1 less the number.",
    lambda number: 1 / number: "with that, the fraction is still upside down.",
    lambda number: -number: "with that, each number still has the wrong sign.",
}
"""What could be wrong besides: the way back from it, and what to ask about it."""


def _on_top(factor: float, names: list[str]) -> str:
    asked = units.question(factor, names) or units.ANY
    return f"And a second thing: with that, each number is still {units.size(factor)}. {asked}"


def _each(answers: list[Any], way: Callable[[float], float]) -> list[Any] | None:
    """Each number of the answers, changed; None where something else is in them."""
    try:
        return [[way(one) for one in each] if type(each) is list else way(each) for each in answers]
    except (TypeError, ArithmeticError, ValueError):
        return None
