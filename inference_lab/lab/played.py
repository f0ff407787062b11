"""Exercises that are played: an experiment calls the function many times, and one number counts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from inference_lab.lab.answer import plain

if TYPE_CHECKING:
    from inference_lab.experiments.placement import Placed

DRIVERS = ("leaf_borders",)


class Reached(NamedTuple):
    """What a function reaches in an experiment, in per cent, and what it costs most there."""

    number: float
    said: str | None


def number(driver: str, function: Callable[..., Any], inputs: dict[str, Any]) -> float:
    """What a function reaches in the experiment of this name, in per cent of a plain one.

    Examples
    --------
    >>> from inference_lab.experiments.placement import leaf_by_leaf
    >>> number("leaf_borders", leaf_by_leaf, {"jobs": 100, "seed": 0})
    100.0
    """
    return _share(_placed(driver, function, inputs), inputs)


def reached(driver: str, function: Callable[..., Any], inputs: dict[str, Any]) -> Reached:
    """What a function reaches, and a fact about its run with a question.

    Smaller is better.

    Parameters
    ----------
    driver : str
        One of `DRIVERS`.
    function : callable
        Called with keyword arguments; its answers are made plain before they are looked at.
    inputs : dict
        Keyword arguments of the experiment.

    Raises
    ------
    ValueError
        If there is no such experiment, or it cannot use an answer.
    """
    placed = _placed(driver, function, inputs)
    return Reached(_share(placed, inputs), blunder(placed))


def _placed(driver: str, function: Callable[..., Any], inputs: dict[str, Any]) -> list[Placed]:
    from inference_lab.experiments.placement import placements

    if driver != "leaf_borders":
        raise ValueError(f"driver={driver!r} is not known: use one of {', '.join(DRIVERS)}")

    @functools.wraps(function)
    def answered(**given: Any) -> Any:
        return plain(function(**given))

    return list(placements(answered, **inputs))


def _share(placed: list[Placed], inputs: dict[str, Any]) -> float:
    from inference_lab.experiments.placement import crossed

    return 100 * crossed(placed) / _borders_of_leaf_by_leaf(**inputs)


@functools.lru_cache(maxsize=1024)  # the same for every answer to the same inputs
def _borders_of_leaf_by_leaf(jobs: int, seed: int) -> float:
    from inference_lab.experiments.placement import leaf_borders, leaf_by_leaf

    return leaf_borders(leaf_by_leaf, jobs=jobs, seed=seed)


def blunder(placed: list[Placed]) -> str | None:
    """The kind of mistake that costs these jobs most borders, and a question; None if none does.

    Jobs that were split although one leaf had room, or that got more leaves than they needed where
    none had. Only if there are none of these: jobs that broke into the largest gap.

    Examples
    --------
    >>> from inference_lab.experiments.placement import Placed
    >>> print(blunder([Placed(2, [1, 8, 1], [1, 0, 1]), Placed(1, [0, 8, 0], [0, 1, 0])]))
    In this run 1 of 2 jobs was split although one leaf had room enough, the first with
    hosts=2, free=[1, 8, 1]: it got [1, 0, 1]. Which leaves would you look at first?
    """
    split = [each for each in placed if each.leaves > each.fewest == 1]
    spread = [each for each in placed if each.leaves > each.fewest > 1]
    broke_in = [each for each in placed if each.broke_in]
    if sum(each.leaves for each in split) > sum(each.leaves - each.fewest for each in spread):
        which, what = split, "split although one leaf had room enough"
        asked = "Which leaves would you look at first?"
    elif spread:
        which, what = spread, "spread over more leaves than needed"
        asked = "Which gaps need the fewest leaves when none is large enough?"
    else:
        which, what = broke_in, "put into the largest gap although a smaller one had room"
        asked = "Which gap would you keep for a large job?"
    if not which:
        return None
    first, were = which[0], "was" if len(which) == 1 else "were"
    return (
        f"In this run {len(which):,} of {len(placed):,} jobs {were} {what}, the first with\n"
        f"hosts={first.hosts}, free={first.free}: it got {first.taken}. {asked}"
    )
