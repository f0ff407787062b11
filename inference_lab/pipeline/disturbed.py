"""Inputs with one argument taken wrongly: as 1, in another unit, in another order."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator
from typing import Any

from inference_lab.lab.mistakes import units

Inputs = list[dict[str, Any]]
Way = Callable[[Any], Any]

BITS = (8.0, 1 / 8)
LIKE = ("byte", "bit", "_s", "_ms", "flop")
WITH_UNITS = sorted({e for t in (1e3, 1e6, 1e9) for e in (t, 1 / t)})
OF_NUMBERS: dict[str, Way] = {
    "as 0": lambda x: 0,
    "as 1": lambda x: 1,
    "more": lambda x: x + 1,
    "less": lambda x: x - 1,
    "times 2": lambda x: 2 * x,
    "times 0.5": lambda x: x / 2,
    "upside": lambda x: 1 / x,
    "square": lambda x: x * x,
    "rest": lambda x: 1 - x,
    "minus": lambda x: -x,
    "cut": int,
}
OF_LISTS: dict[str, Way] = {
    "sorted": sorted,
    "descending": lambda x: sorted(x, reverse=True),
    "reversed": lambda x: x[::-1],
    "no first": lambda x: x[1:],
    "no last": lambda x: x[:-1],
    "only first": lambda x: x[:1],
    "only last": lambda x: x[-1:],
    "distinct": lambda x: [each for at, each in enumerate(x) if each not in x[:at]],
    "added up": lambda x: list(itertools.accumulate(x)),
    "gaps": lambda x: [b - a for a, b in itertools.pairwise([0, *x])],
    "each max": lambda x: [max(x)] * len(x),
    "each min": lambda x: [min(x)] * len(x),
    "each mean": lambda x: [statistics.fmean(x)] * len(x),
    "each sum": lambda x: [sum(x)] * len(x),
    "each first": lambda x: [x[0]] * len(x),
    "each 0": lambda x: [0] * len(x),
    "each 1": lambda x: [1] * len(x),
    "each more": lambda x: [each + 1 for each in x],
    "each less": lambda x: [each - 1 for each in x],
    "moved": lambda x: [x[0], *x[:-1]],
    "from 0": lambda x: [0, *x[:-1]],
    "transposed": lambda x: [list(each) for each in zip(*x, strict=True)],
}


def disturbed(public: Inputs) -> Iterator[tuple[tuple[str, tuple[str, ...]], Inputs]]:
    """Each way to take an argument wrongly, with all public inputs taken in that way.

    A kind is one of `lab.mistakes.neighbours.KINDS`, with the arguments that it is about.

    Parameters
    ----------
    public : list of dict
        The public inputs; none of them is changed.

    Examples
    --------
    >>> ways = dict(disturbed([{"batch": 3, "gpus": 2}]))
    >>> ways["as 1", ("batch",)], ways["swapped", ("batch", "gpus")]
    ([{'batch': 1, 'gpus': 2}], [{'batch': 2, 'gpus': 3}])
    """
    for name in public[0]:
        values = [each[name] for each in public]
        kind = _kind(values)
        ways = {int: OF_NUMBERS, float: OF_NUMBERS, list: OF_LISTS}.get(kind, {})
        for said, way in ways.items():
            yield from _each((said, (name,)), public, name, way)
        if kind in (int, float):
            for factor in _factors(name, values):
                yield from _each((f"times {factor:.12g}", (name,)), public, name, _times(factor))
        if values[0] != values[-1]:
            yield ("first", (name,)), [each | {name: values[0]} for each in public]
    for a, b in itertools.permutations(public[0], 2):
        kinds = {_kind([each[name] for each in public]) for name in (a, b)}
        if len({float if kind is int else kind for kind in kinds}) == 1 and _alike(a, b):
            if a < b:
                yield ("swapped", (a, b)), [e | {a: e[b], b: e[a]} for e in public]
            yield ("instead", (a, b)), [each | {b: each[a]} for each in public]


def _alike(a: str, b: str) -> bool:
    """Whether two arguments could be taken for each other: they share a word, or have no unit."""
    plain = not any(sign in name for name in (a, b) for sign in LIKE)
    return plain or bool(set(a.split("_")) & set(b.split("_")))


def _each(
    slip: tuple[str, tuple[str, ...]], public: Inputs, name: str, way: Way
) -> Iterator[tuple[tuple[str, tuple[str, ...]], Inputs]]:
    try:
        yield slip, [each | {name: way(each[name])} for each in public]
    except (ArithmeticError, TypeError, ValueError, IndexError):
        return  # not every list can be taken so


def _times(factor: float) -> Way:
    return lambda x: x * factor


def _factors(name: str, values: list[Any]) -> list[float]:
    """The units that an argument may be mistaken in; a plain count has none."""
    if "byte" in name or "bit" in name:
        binary = [e for b in units.BINARY_OVER_DECIMAL[:3] for e in (b, 1 / b)]
        return [*BITS, *WITH_UNITS, *binary]
    if any(sign in name for sign in LIKE):
        return WITH_UNITS
    return [100.0, 0.01] if any(type(each) is float for each in values) else []


def _kind(values: list[Any]) -> type | None:
    kinds = {type(each) for each in values}
    if kinds <= {int, float}:
        return float if float in kinds else int
    return list if kinds == {list} else None
