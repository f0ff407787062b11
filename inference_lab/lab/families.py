"""Mistakes that any exercise can meet: rounding, a constant added, an argument left unused."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable
from typing import Any

from inference_lab.lab.answer import same
from inference_lab.lab.own_cell import source_of

DIGITS = range(7)  # how far people round: from whole numbers to millionths
CONSTANT = 1e-9  # rounding noise in a difference, as a share of the numbers it is taken of
EXACT = 1e-12


def family(
    answers: list[Any], expected: list[Any], function: Callable[..., Any], given: list[str]
) -> str | None:
    """What to ask about a wrong answer that no misconception of the exercise matches.

    Parameters
    ----------
    answers, expected : list
        Plain values, one for each public input.
    function : callable
        The learner's function.
    given : list of str
        The names of the exercise's arguments.

    Returns
    -------
    str or None
        A question; None where the mistake belongs to no family.
    """
    mine, right = _numbers(answers), _numbers(expected)
    if mine is None or right is None or len(mine) != len(right) or len(mine) < 2:
        return _unused(function, given)
    if any(_equal(mine, [way(each) for each in right]) for way in _ways_to_round()):
        return "Nearly: return the number as it is, not rounded (and with `/`, not `//`)."
    unused = _unused(function, given)
    if unused:
        return unused
    apart = [m - r for m, r in zip(mine, right, strict=True)]
    noise = CONSTANT * max(abs(each) for each in (*mine, *right))
    if abs(apart[0]) > 10 * noise and max(apart) - min(apart) <= noise:
        return "Each number is off by the same amount: which constant is added, and what for?"
    return None


def other_arguments(function: Callable[..., Any], given: dict[str, Any]) -> str | None:
    """What to ask when a function does not take the exercise's arguments by their names.

    >>> other_arguments(lambda tokens: tokens, {"prompt_tokens": 1})
    'The check calls it with prompt_tokens. Keep the `def` line as it was given.'
    """
    try:
        inspect.signature(function).bind(**given)
    except TypeError:
        return f"The check calls it with {', '.join(given)}. Keep the `def` line as it was given."
    except ValueError:  # a built-in function without a signature
        return None
    return None


def _ways_to_round() -> list[Callable[[float], float]]:
    ways: list[Callable[[float], float]] = [math.floor, math.ceil]
    return ways + [lambda value, digits=digits: round(value, digits) for digits in DIGITS]


def _equal(mine: list[float], other: list[float]) -> bool:
    return same(mine, other, EXACT)


def _numbers(values: list[Any]) -> list[float] | None:
    """All numbers of numbers or lists of numbers in a row; None when something else is there."""
    flat = [each for value in values for each in (value if isinstance(value, list) else [value])]
    fine = all(type(each) in (int, float) and math.isfinite(each) for each in flat)
    return flat if fine else None


def _unused(function: Callable[..., Any], given: list[str]) -> str | None:
    """Asks about an argument that the function never reads; None where its text is unknown."""
    code = getattr(function, "__code__", None)
    try:
        tree = ast.parse(source_of(function))
    except SyntaxError:  # IPython's own lines
        return None
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and code is not None
        and (node.name, node.lineno) == (code.co_name, code.co_firstlineno)
    ]
    if not found:
        return None
    read = {node.id for node in ast.walk(found[0]) if isinstance(node, ast.Name)}
    unused = [f"`{each}`" for each in given if each not in read]
    if not unused or "locals" in read:
        return None
    return f"Your function does not use {', '.join(unused)}. Does the answer not depend on it?"
