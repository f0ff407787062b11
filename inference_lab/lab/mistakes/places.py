"""Where an answer is wrong that is right elsewhere, and what is special about those inputs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from inference_lab.lab.answer import same
from inference_lab.lab.call import value as written

SEVERAL = 2  # inputs on each side of a limit that is no coincidence
MOST_NAMED = 2
MANY = 5  # of so many inputs a common mark is hardly a chance
WITH_UNIT = ("_s", "bit", "byte", "flop")
FEW = 1_000  # of so many things one asks whether they divide evenly


def place(
    answers: list[Any], expected: list[Any], inputs: list[dict[str, Any]], tolerance: float
) -> str | None:
    """Which inputs are wrong while others are right, and what they alone have in common.

    Parameters
    ----------
    answers, expected : list
        Plain values, one for each public input.
    inputs : list of dict
        The keyword arguments of these inputs.
    tolerance : float
        Relative; what counts as right.

    Examples
    --------
    >>> place([1, 2], [0, 2], [{"queued": []}, {"queued": [1]}], 1e-6)
    'Right on 1 of 2 inputs. It is wrong where `queued` is empty. What should happen there?'
    """
    wrong = [not same(m, r, tolerance) for m, r in zip(answers, expected, strict=True)]
    if all(wrong) or not any(wrong):
        return None
    begins = f"Right on {wrong.count(False)} of {len(wrong)} inputs."
    if wrong.count(True) > wrong.count(False):
        return None
    found = _marked(wrong, inputs)
    if not found:
        return None
    return f"{begins} It is wrong where {' and '.join(found)}. What should happen there?"


def _marked(wanted: list[bool], inputs: list[dict[str, Any]]) -> list[str]:
    """What these inputs alone have in common; nothing if that would be too much to be true."""
    for level in (_marks(inputs), _orders(inputs), _steps(inputs)):
        found = [said for said, marked in level if marked == wanted]
        if found:
            return found if len(found) <= MOST_NAMED else []
    return []


def count(
    answers: list[Any], expected: list[Any], inputs: list[dict[str, Any]], tolerance: float
) -> str | None:
    """On how many inputs an answer is right, if on any; the check shows the first that is wrong."""
    right = [same(m, r, tolerance) for m, r in zip(answers, expected, strict=True)]
    if not any(right):
        return None
    begins = f"Right on {right.count(True)} of {len(right)} inputs"
    found = _marked(right, inputs)
    if found:
        return f"{begins}, where {' and '.join(found)}. What changes elsewhere?"
    return f"{begins}; this is the first that is wrong."


def _marks(inputs: list[dict[str, Any]]) -> Iterator[tuple[str, list[bool]]]:
    """What one argument alone is known for."""
    for name in inputs[0]:
        values = [each.get(name) for each in inputs]
        if all(type(each) is list for each in values):
            yield f"`{name}` is empty", [not each for each in values]
            yield f"`{name}` has one entry", [len(each) == 1 for each in values]
            if all(_is_number(item) for each in values for item in each):
                yield f"`{name}` has a 0", [0 in each for each in values]
                if len(inputs) >= MANY:
                    yield f"`{name}` has equal entries", [len(set(e)) < len(e) for e in values]
        elif all(map(_is_number, values)):
            for special in (0, 1):
                yield f"`{name}` is {special}", [each == special for each in values]
            yield f"`{name}` is below 0", [each < 0 for each in values]


def _orders(inputs: list[dict[str, Any]]) -> Iterator[tuple[str, list[bool]]]:
    """How two arguments of one kind lie to each other."""
    numbers = [n for n in inputs[0] if all(_is_number(each.get(n)) for each in inputs)]
    for a, b in itertools.combinations(numbers, 2):
        pairs = [(each[a], each[b]) for each in inputs]
        if a.rpartition("_")[2] == b.rpartition("_")[2] or a.split("_")[0] == b.split("_")[0]:
            yield f"`{a}` equals `{b}`", [x == y for x, y in pairs]
        if any(sign in a + b for sign in WITH_UNIT):
            continue
        for of, (one, other) in ((pairs, (a, b)), ([(y, x) for x, y in pairs], (b, a))):
            if all(type(x) is int and type(y) is int and 0 < y <= x < FEW for x, y in of):
                yield f"`{one}` is not a multiple of `{other}`", [x % y != 0 for x, y in of]


def _steps(inputs: list[dict[str, Any]]) -> Iterator[tuple[str, list[bool]]]:
    """Where an argument is large or small, if several inputs are and several are not."""
    for name in inputs[0]:
        values = [each.get(name) for each in inputs]
        if not all(map(_is_number, values)):
            continue
        for edge in sorted(set(values))[1:]:
            above = [each >= edge for each in values]
            if min(above.count(True), above.count(False)) >= SEVERAL and len(values) > 2 * SEVERAL:
                yield f"`{name}` is {written(edge)} or more", above
                yield f"`{name}` is below {written(edge)}", [not each for each in above]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)
