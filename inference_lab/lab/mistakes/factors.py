"""Facts about wrong numbers: which factor or which summand lies between them and the right ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from inference_lab.lab.mistakes import units
from inference_lab.lab.mistakes.series import Numbers, Series
from inference_lab.lab.mistakes.units import EXACT

POWERS = (-1, 1, -2, 2)
LAST_BITS = 1e-12  # of a number, which is what a difference can be wrong by
CLEAR = 1e5  # a difference so many times its noise can be explained
TINY = 1e-300  # the least number that can be divided by
LARGE = 10  # among numbers as large as this one more or less is no chance
MOST = 0.75  # of all numbers
MOST_NAMED = 2  # of more explanations than these, none is told

Level = tuple[Numbers, Callable[[int], str]]
"""Candidates of one kind: a row of values for each, and its name by its place."""


def constant(one: Series, names: Iterable[str]) -> str | None:
    """What to ask if every number is the right one times one constant.

    Parameters
    ----------
    one : Series
        The numbers.
    names : iterable of str
        Of the exercise's function and arguments.
    """
    factor = common_factor(one)
    if factor is None:
        return None
    if abs(factor + 1) <= EXACT:
        return "Each number has the wrong sign. Which of two numbers is taken from which?"
    if factor < 0:
        return f"Each number is {units.size(-factor)} and has the wrong sign."
    asked = units.question(factor, names)
    same = [
        said
        for said, values in one.quantities.items()
        if said.startswith("`")
        and _is_constant(values)
        and any(abs(values[0] ** power - factor) <= EXACT * factor for power in (1, -1))
    ]
    if same and factor != 1:
        there = f"{' or '.join(same[:2])} has that value here: is it in the right place?"
        asked = f"{there} Or: {asked}" if asked else there
    return f"Each number is {units.size(factor)}, on every input. {asked or units.ANY}"


def common_factor(one: Series) -> float | None:
    """The one factor between all numbers and the right ones; None if there is no such factor."""
    ratios = _ratios(one)
    return float(ratios[0]) if ratios is not None and _is_constant(ratios) else None


def of_quantities(one: Series) -> str | None:
    """What to ask if every number is the right one times or over one or two arguments."""
    ratios = _ratios(one)
    if ratios is None or _is_constant(ratios) or np.any(ratios <= 0):
        return None
    told = one.right != 0
    fits = _first(
        _factors(np.log(ratios), level)
        for level in _products({said: v[told] for said, v in one.quantities.items()})
    )
    if not fits:
        return None
    ways = [said + ("" if c == 1 else f" and {units.size(c)}") for said, c in fits]
    return (
        f"On every input your number is the right one {', or '.join(ways)}. "
        "What belongs above the fraction line, what below it, and what not at all?"
    )


def added(one: Series) -> str | None:
    """What to ask if the numbers differ by one argument, or by a product of two, everywhere."""
    apart = one.mine - one.right
    noise = LAST_BITS * np.maximum(np.abs(one.mine), np.abs(one.right))
    if np.ptp(apart) <= 10 * noise.max() or np.any((np.abs(apart) < CLEAR * noise) & (apart != 0)):
        return None
    fits = _first(_summands(apart, 10 * noise, level) for level in _amounts(one.quantities))
    if not fits:
        return None
    sides = [f"{_multiple(said, c)} too {'much' if c > 0 else 'little'}" for said, c in fits]
    return (
        f"On every input your number is exactly {', or '.join(sides)}. "
        "Should it be there, and how often?"
    )


def built_of(one: Series) -> str | None:
    """What to ask if the numbers themselves are one argument, or two multiplied or divided."""
    noise = LAST_BITS * np.abs(one.mine)
    fits = _first(_summands(one.mine, 10 * noise, level) for level in _amounts(one.quantities))
    if not fits or np.any(one.mine == 0):
        return None
    said = ", or ".join(_multiple(said, c) for said, c in fits)
    return f"Your number is exactly {said}, on every input. What else does the answer depend on?"


def by_one(one: Series) -> str | None:
    """What to ask if whole numbers are off by exactly one, on some inputs or on all of them."""
    apart = one.mine - one.right
    if np.any(one.right % 1) or set(np.abs(apart)) - {0.0, 1.0}:
        return None
    wrong = apart[apart != 0]
    is_most = len(wrong) >= MOST * len(apart) and len(wrong) > 2
    if len(set(wrong)) != 1 or not (is_most or np.median(np.abs(one.right)) >= LARGE):
        return None
    side = "many" if wrong[0] > 0 else "few"
    where = "Each number is"
    if len(wrong) < len(apart):
        where = f"{len(wrong)} of {len(apart)} numbers {'are' if len(wrong) > 1 else 'is'}"
    others = ", the others are right" if len(wrong) < len(apart) else ""
    return (
        f"{where} exactly one too {side}{others}. "
        "Where does it begin, is the last one in, and is it rounded the right way?"
    )


def _ratios(one: Series) -> Numbers | None:
    told = one.right != 0
    if np.any((one.mine == 0) != (one.right == 0)) or told.sum() < 2:
        return None
    return one.mine[told] / one.right[told]


def _is_constant(values: Numbers) -> bool:
    return bool(np.ptp(values) <= EXACT * np.abs(values).max())


def _first(levels: Iterable[list[tuple[str, float]]]) -> list[tuple[str, float]]:
    """The explanations of the plainest level that has any; none where it has too many."""
    fits = next((fits for fits in levels if fits), [])
    plain = [each for each in fits if abs(each[1]) == 1] or fits
    return plain if len(plain) <= MOST_NAMED else []


def _factors(logs: Numbers, level: Level) -> list[tuple[str, float]]:
    """The products that the logarithms are those of, each with the nice factor that remains."""
    rows, name = level
    apart = logs - np.log(rows)
    found = []
    for at in np.flatnonzero(np.ptp(apart, axis=1) <= EXACT):
        factor = units.nice(float(np.exp(apart[at].mean())))
        if factor is not None and (factor == 1 or "the " not in name(at)):
            found.append((name(at), factor))
    return found


def _summands(apart: Numbers, noise: Numbers, level: Level) -> list[tuple[str, float]]:
    """The rows that the numbers are a nice multiple of, each with that multiple."""
    rows, name = level
    at = int(np.argmax(np.abs(apart)))
    with np.errstate(all="ignore"):
        multiples = apart[at] / rows[:, at]
        hits = np.all(np.abs(apart - multiples[:, None] * rows) <= noise, axis=1)
    found = []
    for row in np.flatnonzero(hits):
        multiple = units.nice(float(multiples[row]))
        if multiple is not None and (multiple == 1 or "the " not in name(row)):
            found.append((name(row), float(np.copysign(multiple, apart[at]))))
    return found


def _multiple(said: str, factor: float) -> str:
    return said if abs(factor) == 1 else f"{abs(factor):g} x {said}"


def _products(quantities: dict[str, Numbers]) -> Iterator[Level]:
    """Quantities to powers and their products, from the plainest level to the least plain."""
    said, rows = _rows(quantities, TINY)
    for own in (True, False):  # an argument itself, then the lengths and sums of lists
        kept = [at for at, each in enumerate(said) if each.startswith("`") is own]
        yield _powers([said[at] for at in kept], rows[kept], (-1, 1))
    near = [
        (f"({s} {sign} 1)", r + (1 if sign == "+" else -1))
        for s, r in zip(said, rows, strict=True)
        for sign in "+-"
    ]
    near += [(f"(1 - {s})", 1 - r) for s, r in zip(said, rows, strict=True)]
    near = [(s, r) for s, r in near if s.lstrip("(1- ").startswith("`") and np.all(r > 0)]
    yield _powers(
        [s for s, _ in near],
        np.array([r for _, r in near]).reshape(len(near), rows.shape[1]),
        (-1, 1),
    )
    yield _powers(said, rows, (-2, 2))
    a, b = np.triu_indices(len(said), k=1)
    pairs = sorted(itertools.product(POWERS, POWERS), key=lambda both: sum(map(abs, both)))
    for p, q in pairs:
        yield (
            rows[a] ** p * rows[b] ** q,
            lambda at, p=p, q=q: f"{_power(said[a[at]], p)} and {_power(said[b[at]], q)}",
        )


def _powers(said: list[str], rows: Numbers, powers: tuple[int, ...]) -> Level:
    made = np.concatenate([rows ** float(power) for power in powers])
    return made, lambda at: _power(said[at % len(said)], powers[at // len(said)])


def _power(said: str, power: int) -> str:
    return f"{'times' if power > 0 else 'divided by'} {said}{' squared' if abs(power) == 2 else ''}"


def _amounts(quantities: dict[str, Numbers]) -> Iterator[Level]:
    """Quantities that vary, products and quotients of two, from the plainest level on."""
    said, rows = _rows(quantities, 0.0)
    for own in (True, False):
        kept = [at for at, each in enumerate(said) if each.startswith("`") is own]
        yield rows[kept], lambda at, kept=kept: said[kept[at]]
    a, b = np.triu_indices(len(said), k=1)
    for sign, word in ((1, "plus"), (-1, "minus")):
        yield (
            rows[a] + sign * rows[b],
            lambda at, word=word: f"{said[a[at]]} {word} {said[b[at]]}",
        )
    yield rows[a] * rows[b], lambda at: f"{said[a[at]]} x {said[b[at]]}"
    with np.errstate(all="ignore"):
        yield rows[a] / rows[b], lambda at: f"{said[a[at]]} / {said[b[at]]}"
        yield rows[b] / rows[a], lambda at: f"{said[b[at]]} / {said[a[at]]}"


def _rows(quantities: dict[str, Numbers], least: float) -> tuple[list[str], Numbers]:
    fine = {s: v for s, v in quantities.items() if np.all(v >= least) and np.any(v > 0)}
    width = len(next(iter(quantities.values()), []))
    return list(fine), np.array(list(fine.values())).reshape(len(fine), width)
