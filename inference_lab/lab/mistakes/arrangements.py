"""Wrong lists that hold the right numbers: in another order, added up, one too few or too many."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable
from typing import Any

from inference_lab.lab.answer import same
from inference_lab.lab.mistakes.units import EXACT

ONE_OF_LIST: dict[str, Callable[[list[float]], float]] = {
    "the last": lambda items: items[-1],
    "the first": lambda items: items[0],
    "the largest": max,
    "the smallest": min,
    "the sum": sum,
    "the mean": statistics.fmean,
    "the number": len,
}
WAYS: dict[str, Callable[[list[float]], list[float]]] = {
    "in reverse order": lambda items: items[::-1],
    "sorted": sorted,
    "sorted, the largest first": lambda items: sorted(items, reverse=True),
    "added up one after the other": lambda items: list(itertools.accumulate(items)),
    "each less the one before": lambda items: [b - a for a, b in zip([0, *items], items)],  # noqa: B905
    "without the first": lambda items: items[1:],
    "without the last": lambda items: items[:-1],
    "moved on by one place": lambda items: [items[-1], *items[:-1]],
    "moved back by one place": lambda items: [*items[1:], items[0]],
    "without those that are 0": lambda items: [each for each in items if each],
    "each only once": lambda items: list(dict.fromkeys(items)),
}


def arrangement(answers: list[Any], expected: list[Any]) -> str | None:
    """What to ask about lists with the right numbers in a wrong arrangement, or one in a list.

    Parameters
    ----------
    answers, expected : list
        Plain values, one for each public input.
    """
    if all(map(_numbers, expected)):
        return _of_lists(answers, expected)
    if all(type(each) in (int, float) for each in expected) and all(map(_numbers, answers)):
        for said, way in ONE_OF_LIST.items():
            if _all(way, answers, expected):
                return f"A number is asked for: it is {said} of your list. Return that alone."
    return None


def _of_lists(answers: list[Any], expected: list[Any]) -> str | None:
    if all(type(each) in (int, float) for each in answers):
        for said, way in ONE_OF_LIST.items():
            if _all(way, expected, answers):
                return f"You return {said} of the list that is asked for. Where are the others?"
        return None
    if not all(type(each) is list for each in answers):
        return None
    if same(answers, [[each] for each in expected], EXACT):
        return "The right list, in one more list: remove one pair of brackets."
    if not all(map(_numbers, answers)):
        return None
    for said, way in WAYS.items():
        if _all(way, expected, answers):
            return f"Your list has the right numbers, {said}. What is asked for?"
    if same([sorted(m) for m in answers], [sorted(r) for r in expected], EXACT):
        return "Your list has the right numbers in another order. Which order is asked for?"
    for said, part in (("first", slice(1, None)), ("last", slice(None, -1))):
        if same([mine[part] for mine in answers], expected, EXACT):
            return f"Right but for one number too many, the {said}. Where does it come from?"
    return None


def _all(way: Callable[[list[float]], Any], lists: list[Any], others: list[Any]) -> bool:
    return all(lists) and same([way(each) for each in lists], others, EXACT)


def _numbers(value: Any) -> bool:
    return type(value) is list and all(type(each) in (int, float) for each in value)
