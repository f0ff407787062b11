"""Mistakes that any exercise can meet: rounding, a factor, a summand, an argument left unused."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from inference_lab.lab.answer import same
from inference_lab.lab.mistakes import units
from inference_lab.lab.mistakes.factors import added, by_one, constant, of_quantities
from inference_lab.lab.mistakes.forms import form, unrounded
from inference_lab.lab.mistakes.series import Series
from inference_lab.lab.own_cell import definition
from inference_lab.lab.wording import number

DIGITS = range(7)  # how far people round: from whole numbers to millionths
WHOLE = 2.0**53  # floats from here on are whole, rounded or not
CONSTANT = 1e-9  # rounding noise in a difference, as a share of the numbers it is taken of
EXACT = 1e-12  # relative; a rounded number is that very number


def simple(one: Series, names: list[str]) -> str | None:
    """What to ask about numbers that are the right ones but for a rounding or one factor.

    Parameters
    ----------
    one : Series
        The numbers beside the right ones.
    names : list of str
        Of the exercise's function and arguments.
    """
    return rounded(one) or unrounded(one) or constant(one, names)


def composed(one: Series) -> str | None:
    """What to ask about numbers that an argument, or two, or a constant takes away from right."""
    return by_one(one) or _shifted(one) or of_quantities(one) or added(one) or form(one)


def partly(one: Series, names: list[str]) -> str | None:
    """What to ask about the wrong numbers of an answer that is right elsewhere."""
    wrong = one.wrong()
    if wrong is None:
        return None
    said = constant(wrong, names) or of_quantities(wrong) or added(wrong)
    if said is None:
        return None
    said = said.replace(", on every input", "").replace("On every input your", "Your")
    right, said = len(one.mine) - len(wrong.mine), f"{said[0].lower()}{said[1:]}"
    return f"Right in {right} of {len(one.mine)} numbers. Of the others alone: {said}"


def rounded(one: Series) -> str | None:
    """What to ask about the right numbers, rounded."""
    if any(_equal(one, way) for way in _ways_to_round()):
        if not one.mine.any():
            return "Each number is 0. Is it rounded away (with `//`?), or compared with itself?"
        return "Nearly: return the number as it is, not rounded (and with `/`, not `//`)."
    if np.any(one.right % 1) and np.all(one.mine % 1 == 0) and np.abs(one.mine).max() < WHOLE:
        for factor in units.known():
            if any(
                _equal(one, lambda x, way=way, factor=factor: way(x * factor))
                for way in _ways_to_round()[:3]
            ):
                return f"Each number is {units.size(factor)}, and rounded. Return it as it is."
    return None


def _shifted(one: Series) -> str | None:
    apart = one.mine - one.right
    noise = CONSTANT * np.maximum(np.abs(one.mine), np.abs(one.right)).max()
    if abs(apart[0]) <= 10 * noise or np.ptp(apart) > noise:
        return None
    side = "large" if apart[0] > 0 else "small"
    return (
        f"Each number is too {side} by the same amount, {number(abs(apart[0]))}: "
        "which constant is added or missing, and what for?"
    )


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


def _equal(one: Series, way: Callable[[float], float]) -> bool:
    return same(one.mine.tolist(), [way(each) for each in one.right.tolist()], EXACT)


def unused(function: Callable[..., Any], given: list[str]) -> str | None:
    """Asks about an argument that the function never reads; None where its text is unknown."""
    found = definition(function)
    if found is None:
        return None
    read = {node.id for node in ast.walk(found) if isinstance(node, ast.Name)}
    unused = [f"`{each}`" for each in given if each not in read]
    if not unused or "locals" in read:
        return None
    return f"Your function does not use {', '.join(unused)}. Doesn't the answer depend on it?"
