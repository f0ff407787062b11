"""Wrong numbers beside the right ones, and the quantities that an input offers to explain them."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
NOISE = 1e-6  # no more apart than this are the right numbers of a part that is right
TELLING = 3  # numbers that one law for all of them is no chance of
LARGE = 10  # whole numbers below this meet by chance
MOST = 200  # of a long list the first so many numbers tell all


@dataclass(frozen=True)
class Series:
    """The learner's numbers and the right ones, position by position, over all public inputs.

    Parameters
    ----------
    part : str
        The key of a dict that they are the values of; empty for answers that are no dicts.
    mine, right : numpy.ndarray
        Finite numbers, equally many.
    quantities : dict of str to numpy.ndarray
        What the inputs offer, by its name in a sentence, one value for each number.
    """

    part: str
    mine: Numbers
    right: Numbers
    quantities: dict[str, Numbers]

    def wrong(self) -> Series | None:
        """Those numbers alone that are wrong; None if all are, or too few to tell anything."""
        are_wrong = np.abs(self.mine - self.right) > NOISE * np.abs(self.right)
        by_chance = meet_by_chance(self.right.tolist())
        if np.all(are_wrong) or are_wrong.sum() < TELLING or by_chance:
            return None
        quantities = {said: values[are_wrong] for said, values in self.quantities.items()}
        return Series(self.part, self.mine[are_wrong], self.right[are_wrong], quantities)

    def within(self, said: str | None) -> str | None:
        """A sentence about these numbers, with the part of the answer that they are."""
        return f"In `{self.part}`: {said[0].lower()}{said[1:]}" if said and self.part else said


def meet_by_chance(values: list[Any]) -> bool:
    """Whether numbers are whole and so small that two unlike things may give the same ones.

    >>> meet_by_chance([3, [1, 0]]), meet_by_chance([30, 571]), meet_by_chance([0.25, 1])
    (True, False, False)
    """
    flat = [each for value in values for each in (value if type(value) is list else [value])]
    numbers = [each for each in flat if _is_finite(each)]
    whole = all(each % 1 == 0 for each in numbers)
    return whole and statistics.median(map(abs, numbers or [0])) < LARGE


def series(answers: list[Any], expected: list[Any], inputs: list[dict[str, Any]]) -> list[Series]:
    """The numbers side by side, one series for each key that is wrong in a dict; else one or none.

    Parameters
    ----------
    answers, expected : list
        Plain values, one for each public input.
    inputs : list of dict
        The keyword arguments of these inputs.
    """
    if len(answers) != len(expected):
        return []
    if all(type(each) is dict for each in [*answers, *expected]):
        if any(mine.keys() != right.keys() for mine, right in zip(answers, expected, strict=True)):
            return []
        parts = {
            key: ([each[key] for each in answers], [each[key] for each in expected])
            for key in expected[0]
        }
    else:
        parts = {"": (answers, expected)}
    found = [_one(part, *values, inputs) for part, values in parts.items()]
    return [
        each
        for each in found
        if each is not None and np.any(np.abs(each.mine - each.right) > NOISE * np.abs(each.right))
    ]


def _one(
    part: str, answers: list[Any], expected: list[Any], inputs: list[dict[str, Any]]
) -> Series | None:
    pairs, places = [], []
    for index, (mine, right) in enumerate(zip(answers, expected, strict=True)):
        in_list = type(mine) is list and type(right) is list and len(mine) == len(right)
        if not in_list:
            mine, right = [mine], [right]
        pairs += list(zip(mine, right, strict=True))
        places += [(index, at if in_list else None, len(right)) for at in range(len(right))]
    if len(pairs) < 2 or not all(_is_finite(each) for pair in pairs for each in pair):
        return None
    pairs, places = pairs[:MOST], places[:MOST]
    mine, right = np.array(pairs, dtype=float).T
    return Series(part, mine, right, _quantities(inputs, places))


def _quantities(
    inputs: list[dict[str, Any]], places: list[tuple[int, int | None, int]]
) -> dict[str, Numbers]:
    """Each number argument, the entries of a list that is as long as the answer, sums and such."""
    columns: dict[str, list[float | None]] = {}
    for row, (index, at, length) in enumerate(places):
        for name, value in inputs[index].items():
            for said, quantity in _of_argument(name, value, at, length).items():
                columns.setdefault(said, [None] * len(places))[row] = quantity
    whole: dict[tuple[float | None, ...], str] = {}
    for said, column in columns.items():
        if None not in column:
            twin = whole.get(tuple(column))
            is_another_argument = twin is not None and said.startswith("`")
            whole[tuple(column)] = f"{twin} (or {said})" if is_another_argument else twin or said
    return {said: np.array(column, dtype=float) for column, said in whole.items()}


def _of_argument(name: str, value: Any, at: int | None, length: int) -> dict[str, float]:
    if _is_finite(value):
        return {f"`{name}`": float(value)}
    if type(value) is not list:
        return {}
    found = {f"the length of `{name}`": float(len(value))}
    if value and all(map(_is_finite, value)):
        if at is not None and len(value) == length:
            found[f"the entry of `{name}`"] = float(value[at])
        found |= {
            f"the first of `{name}`": float(value[0]),
            f"the last of `{name}`": float(value[-1]),
            f"the sum of `{name}`": float(sum(value)),
            f"the largest of `{name}`": float(max(value)),
            f"the smallest of `{name}`": float(min(value)),
        }
    return found


def _is_finite(value: Any) -> bool:
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:  # an integer that no float can hold
        return False
