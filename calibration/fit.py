"""Fits: positive constants that minimise the mean absolute error of the logarithm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

Constants = dict[str, float]


def fit(error: Callable[[Constants], float], start: Mapping[str, float], steps: int) -> Constants:
    """Constants near `start` with a small error, by a simplex on their logarithms, restarted once.

    Nelder and Mead, The Computer Journal 7 (1965), doi:10.1093/comjnl/7.4.308.

    Parameters
    ----------
    error : callable
        What to minimise, a function of the constants.
    start : dict
        First guess; all positive.
    steps : int
        Moves of the simplex.
    """
    names = list(start)

    def objective(point: np.ndarray) -> float:
        return error(dict(zip(names, np.exp(point).tolist(), strict=True)))

    first = np.log(np.array(list(start.values())))
    best = _simplex(objective, first, 0.2, steps - steps // 3)
    best = _simplex(objective, best, 0.1, steps // 3)
    return dict(zip(names, np.exp(best).tolist(), strict=True))


def _simplex(
    objective: Callable[[np.ndarray], float], first: np.ndarray, size: float, steps: int
) -> np.ndarray:
    """The best corner after so many moves of a simplex around a point."""
    simplex = [first] + [first + size * row for row in np.eye(len(first))]
    values = [objective(point) for point in simplex]
    for _ in range(steps):
        order = np.argsort(values, kind="stable")
        simplex, values = [simplex[i] for i in order], [values[i] for i in order]
        centre = np.mean(simplex[:-1], axis=0)
        worst = simplex[-1]
        trial = 2 * centre - worst
        value = objective(trial)
        if value < values[0]:
            further = 3 * centre - 2 * worst
            if (better := objective(further)) < value:
                trial, value = further, better
        elif value >= values[-2]:
            trial = (centre + worst) / 2
            value = objective(trial)
        if value < values[-1]:
            simplex[-1], values[-1] = trial, value
        else:
            simplex = [(point + simplex[0]) / 2 for point in simplex]
            values = [values[0]] + [objective(point) for point in simplex[1:]]
    return simplex[int(np.argmin(values))]


def log_error(pairs: Iterable[tuple[float, float]]) -> float:
    """Mean absolute logarithm of predicted over measured."""
    return float(np.mean([abs(np.log(predicted / measured)) for predicted, measured in pairs]))


def percent_error(pairs: Iterable[tuple[float, float]]) -> float:
    """Median absolute percentage error."""
    errors = [abs(predicted / measured - 1) for predicted, measured in pairs]
    return 100 * float(np.median(errors))


def halves(rows: list, seeds: int) -> Iterator[tuple[list, list]]:
    """Rows in two random halves, each in turn the seen one, as many times over as there are
    seeds."""
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(rows)).tolist()
        one, other = ([rows[i] for i in order[start::2]] for start in (0, 1))
        yield one, other
        yield other, one
