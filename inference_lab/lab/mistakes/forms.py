"""Wrong numbers that are the right ones in another form: upside down, squared, taken from 1."""

from __future__ import annotations

import numpy as np

from inference_lab.lab.mistakes.factors import built_of
from inference_lab.lab.mistakes.series import Numbers, Series
from inference_lab.lab.mistakes.units import EXACT


def form(one: Series) -> str | None:
    """What to ask about numbers that follow from the right ones alone, or not at all from them."""
    mine, right = one.mine, one.right
    if _constant(right) or len(mine) < 2:
        return None
    if _constant(mine):
        return "Your function gives the same number for every input. What should it depend on?"
    if np.all(right >= 0) and np.any(mine < 0) and _equal(np.maximum(mine, 0), right):
        return "Right where your number is not negative. What should it be where there is nothing?"
    for made, asked in _forms(right):
        if made is not None and _equal(mine, made):
            return asked
    with np.errstate(all="ignore"):
        product = mine * right
    if np.all(product != 0) and _constant(product):
        return (
            "Your numbers are small where the right ones are large, exactly in proportion. "
            "Is the fraction upside down?"
        )
    whole = mine + right
    if _constant(whole):
        return (
            f"Your number and the right one add up to {whole[0]:g}. Is it the rest that you count?"
        )
    for said, values in one.quantities.items():
        if _equal(whole, values) and not _constant(values):
            return f"Your number and the right one add up to {said}. Is it the rest that you count?"
    return built_of(one)


def unrounded(one: Series) -> str | None:
    """What to ask about numbers that only lack the rounding to whole ones, and perhaps a bound."""
    if np.any(one.right % 1) or not np.any(one.mine % 1):
        return None
    if np.array_equal(np.floor(one.mine), one.right):
        return "Your numbers are right once they are rounded down. How many whole ones are there?"
    if np.array_equal(np.floor(np.maximum(one.mine, 0)), one.right):
        return (
            "Your numbers are right once they are rounded down and those below 0 are 0. "
            "How many whole ones are there, and what is the least?"
        )
    return None


def _forms(right: Numbers) -> list[tuple[Numbers | None, str]]:
    positive = bool(np.all(right > 0))
    with np.errstate(all="ignore"):
        return [
            (right**2, "Your numbers are the squares of the right ones. What is counted twice?"),
            (
                np.sqrt(right) if positive else None,
                "Your numbers are the square roots of the right ones. What does the root do there?",
            ),
            (
                np.log(right) if positive else None,
                "Your numbers are the logarithms of the right ones. Which of them is asked for?",
            ),
        ]


def _equal(mine: Numbers, other: Numbers) -> bool:
    return bool(np.all(np.abs(mine - other) <= EXACT * np.maximum(np.abs(mine), np.abs(other))))


def _constant(values: Numbers) -> bool:
    return bool(np.ptp(values) <= EXACT * np.abs(values).max())
