"""Exercises that are played: an experiment calls the function many times, and one number counts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from inference_lab.lab.answer import plain

DRIVERS = ("leaf_borders",)


def number(driver: str, function: Callable[..., Any], inputs: dict[str, Any]) -> float:
    """What a function reaches in the experiment of this name, in per cent of a plain one.

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

    Examples
    --------
    >>> from inference_lab.experiments.placement import leaf_by_leaf
    >>> number("leaf_borders", leaf_by_leaf, {"jobs": 100, "seed": 0})
    100.0
    """
    from inference_lab.experiments.placement import leaf_borders, leaf_by_leaf

    if driver != "leaf_borders":
        raise ValueError(f"driver={driver!r} is not known: use one of {', '.join(DRIVERS)}")

    @functools.wraps(function)
    def answered(**given: Any) -> Any:
        return plain(function(**given))

    return 100 * leaf_borders(answered, **inputs) / leaf_borders(leaf_by_leaf, **inputs)
