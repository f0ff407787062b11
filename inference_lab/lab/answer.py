"""Answers as plain data, and when two answers are the same."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LARGEST = 100_000
LARGEST_INTEGER_BITS = 1_000  # what a float can still be compared with


class NotPlain(TypeError):
    """The answer holds something that is neither number, text, list nor dict."""


def plain(value: Any) -> Any:
    """The value built of exact ``bool``, ``int``, ``float``, ``str``, ``None``, ``list``, ``dict``.

    Numpy scalars and arrays and tuples are taken too. Nothing of the learner's own classes
    survives, so a comparison of two plain values asks only these types.

    Parameters
    ----------
    value : object
        What an exercise function returned.

    Raises
    ------
    NotPlain
        If the value, or something in it, is none of these, or it holds more than 100,000
        items or an integer of more than 1,000 bits.
    """
    try:
        return _plain(value, [LARGEST])
    except RecursionError:
        raise NotPlain("lists nested too deeply (does one contain itself?)") from None


def _plain(value: Any, room: list[int]) -> Any:
    room[0] -= 1
    if room[0] < 0:
        raise NotPlain(f"more than {LARGEST:,} items")
    kind = type(value)
    if kind is int and value.bit_length() > LARGEST_INTEGER_BITS:
        raise NotPlain(f"an integer of more than {LARGEST_INTEGER_BITS} bits")
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is np.ndarray or isinstance(value, np.generic):
        return _plain(np.ndarray.tolist(np.asarray(value)), room)
    if kind in (list, tuple):
        return [_plain(item, room) for item in value]
    if kind is dict:
        if not all(type(key) is str for key in value):
            raise NotPlain("a dict whose keys are not all text")
        return {key: _plain(item, room) for key, item in value.items()}
    raise NotPlain(f"a value of type {kind.__name__}")


def same(answer: Any, expected: Any, relative_tolerance: float) -> bool:
    """Whether two plain values are equal, numbers within a relative tolerance.

    An expected 0 is met within the tolerance itself; nan equals nan; a bool is no number.

    >>> same(100.00001, 100, 1e-6)
    True
    >>> same([1, 2], [1, 2, 3], 1e-6)
    False
    """
    if _is_number(expected):
        return _is_number(answer) and _close(answer, expected, relative_tolerance)
    if type(answer) is not type(expected):
        return False
    if type(expected) is list:
        pairs = zip(answer, expected, strict=False)
        return len(answer) == len(expected) and all(
            same(mine, theirs, relative_tolerance) for mine, theirs in pairs
        )
    if type(expected) is dict:
        return answer.keys() == expected.keys() and all(
            same(answer[key], expected[key], relative_tolerance) for key in expected
        )
    return answer == expected


def shape_problem(answer: Any, expected: Any) -> str | None:
    """What is wrong with the kind of an answer, in words; None if only its numbers can be."""
    if answer is None and expected is not None:
        return "it returned None: does every way through it end with `return` and a value?"
    if _is_number(expected):
        if not _is_number(answer):
            return f"it returned {_kind(answer, mine=True)} where a number is asked for"
        if answer != answer and expected == expected:
            return "it returned nan (not a number): look for 0/0 or inf - inf"
        if math.isinf(answer) and not math.isinf(expected):
            return "it returned inf: is something divided by 0, or a start value never replaced?"
        return None
    if type(answer) is not type(expected):
        return f"it returned {_kind(answer, mine=True)} where {_kind(expected)} is asked for"
    if type(expected) is list:
        if len(answer) != len(expected):
            return f"it returned {len(answer)} items, but {len(expected)} are asked for"
        return _inside({f"item {i}": pair for i, pair in enumerate(zip(answer, expected))})  # noqa: B905
    if type(expected) is dict:
        if answer.keys() != expected.keys():
            return f"its keys are {sorted(answer)}, and {sorted(expected)} are asked for"
        return _inside({f"`{key}`": (answer[key], expected[key]) for key in expected})
    return None


def _inside(parts: dict[str, tuple[Any, Any]]) -> str | None:
    """The first part whose kind is wrong, in words."""
    for name, (mine, theirs) in parts.items():
        problem = shape_problem(mine, theirs)
        if mine is None and problem:
            return f"in {name} there is None: which value belongs there?"
        if problem:
            return f"in {name} {problem.replace('it returned', 'there is', 1)}"
    return None


def wrong_parts(answer: Any, expected: Any, relative_tolerance: float) -> str:
    """Which parts of a dict or list are wrong, in words; empty when all or none of them are.

    >>> wrong_parts({"mfu": 2, "error": 0}, {"mfu": 0.5, "error": 0}, 1e-6)
    '`mfu`'
    >>> wrong_parts([1, 2, 3], [1, 5, 3], 1e-6)
    'item 1 (the first is item 0)'
    """
    if type(expected) is dict:
        names = {f"`{key}`": same(answer[key], expected[key], relative_tolerance) for key in answer}
        note = ""
    elif type(expected) is list:
        pairs = enumerate(zip(answer, expected, strict=True))
        names = {f"item {i}": same(*pair, relative_tolerance) for i, pair in pairs}
        note = " (the first is item 0)"
    else:
        return ""
    wrong = [name for name, is_right in names.items() if not is_right]
    return ", ".join(wrong) + note if 0 < len(wrong) < len(names) else ""


def ratio(answer: Any, expected: Any) -> float | None:
    """answer / expected for two finite numbers other than 0, else None."""
    if not (_is_number(answer) and _is_number(expected)):
        return None
    if not (math.isfinite(answer) and math.isfinite(expected)) or 0 in (answer, expected):
        return None
    return answer / expected


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _close(answer: float, expected: float, relative_tolerance: float) -> bool:
    if answer != answer or expected != expected:
        return answer != answer and expected != expected
    if math.isinf(expected) or math.isinf(answer):
        return answer == expected
    return abs(answer - expected) <= relative_tolerance * (abs(expected) or 1.0)


def _kind(value: Any, mine: bool = False) -> str:
    a_list = "a list or tuple" if mine else "a list"  # a learner's tuple is a list by now
    names = {bool: "True or False", str: "text", list: a_list, dict: "a dict"}
    return names.get(type(value), "None" if value is None else "a number")
