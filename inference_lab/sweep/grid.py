"""Sweeps: one function over a grid of points, on every core or on a Dask cluster."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import whole

START_S = 2.0
"""What processes cost before they help: 1.7 s until two of them have started and imported this."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a sweep measured; prints as a table of means over the seeds.

    Parameters
    ----------
    grid : dict of str to tuple
        The values along each axis.
    seeds : tuple of int
        The last axis.
    measures : dict of str to array
        Each of the shape of the grid, with the seeds last.
    """

    grid: dict[str, tuple]
    seeds: tuple[int, ...]
    measures: dict[str, NDArray[np.float64]]

    def __getitem__(self, measure: str) -> NDArray[np.float64]:
        return self.measures[measure]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One dict for each run, in the order of the grid: the rows of a data frame."""
        columns = {name: values.ravel().tolist() for name, values in self.measures.items()}
        return [
            {**point, **{name: column[i] for name, column in columns.items()}}
            for i, point in enumerate(_points(self.grid, self.seeds))
        ]

    def __str__(self) -> str:
        means = [values.mean(axis=-1).ravel() for values in self.measures.values()]
        table = [[*self.grid, *self.measures]]
        for i, values in enumerate(product(*self.grid.values())):
            table.append([*map(str, values), *(f"{mean[i]:.4g}" for mean in means)])
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(str.rjust, row, widths)) for row in table]
        return "\n".join([*lines, f"means over {len(self.seeds)} seeds"])

    __repr__ = __str__


def sweep(
    function: Callable[..., float | Mapping[str, float]],
    grid: Mapping[str, Sequence],
    *,
    seeds: Iterable[int] = (0,),
    jobs: int | None = None,
    progress: bool = True,
) -> Sweep:
    """Run a function at each point of a grid, with the same seeds at each point.

    Parameters
    ----------
    function : callable
        ``function(**point, seed=seed)`` returns a number, which is named ``value``, or a dict of
        numbers.
    grid : dict of str to sequence
        The values of each argument; the last one varies fastest.
    seeds : iterable of int
        Equal seeds mean equal arrivals, so points can be compared in pairs.
    jobs : int or None
        Processes. 1 stays in this process. None begins here and goes on with one a core, once what
        is left would take longer than starting them (`START_S`). Within
        ``joblib.parallel_config("dask")`` runs are tasks of the Dask cluster.
    progress : bool
        Show a bar.

    Returns
    -------
    Sweep
        The same whatever the number of jobs.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind.
    RuntimeError
        If the function raises or returns something else; the message names the point.

    Examples
    --------
    >>> found = sweep(lambda x, seed: x + seed, {"x": [10, 20]}, seeds=[1, 2], jobs=1,
    ...               progress=False)
    >>> found["value"]
    array([[11., 12.],
           [21., 22.]])
    >>> found.rows[2]
    {'x': 20, 'seed': 1, 'value': 21.0}
    """
    if not callable(function):
        raise TypeError(f"function={function!r} must be a function of the grid's names and seed")
    axes, seeds = _checked_grid(grid), checked_seeds(seeds)
    if jobs is not None:
        whole("jobs", jobs, at_least=1)
    if not isinstance(progress, bool):
        raise TypeError(f"progress={progress!r} must be True or False")
    points = _points(axes, seeds)
    runs = _runs(function, points, jobs)
    if progress:
        from tqdm.auto import tqdm

        runs = tqdm(runs, total=len(points), desc="sweep", unit=" runs", leave=False)
    found = []
    for point, measured in zip(points, runs, strict=True):
        if found and measured.keys() != found[0].keys():
            raise RuntimeError(
                f"the function returned {', '.join(measured)} at {_named(point)}, but "
                f"{', '.join(found[0])} before: return the same names at each point"
            )
        found.append(measured)
    shape = (*map(len, axes.values()), len(seeds))
    measures = {name: np.array([m[name] for m in found]).reshape(shape) for name in found[0]}
    return Sweep(axes, seeds, measures)


def _runs(function: Callable, points: list[dict[str, Any]], jobs: int | None) -> Iterable:
    if jobs == 1:
        return (_run(function, point) for point in points)
    from joblib import Parallel, delayed
    from joblib.parallel import BACKENDS, DEFAULT_BACKEND, get_active_backend

    def spread(points: list[dict[str, Any]]) -> Iterable:
        n_jobs = -1 if jobs is None else min(jobs, len(points))
        parallel = Parallel(n_jobs=n_jobs, return_as="generator")
        return parallel(delayed(_run)(function, point) for point in points)

    backend = get_active_backend()[0]
    if jobs is None and backend.nesting_level:  # a run of another sweep: the cores are taken
        return _runs(function, points, jobs=1)
    if jobs is None and isinstance(backend, BACKENDS[DEFAULT_BACKEND]):
        return _here_first(function, points, spread)
    return spread(points)


def _here_first(
    function: Callable, points: list[dict[str, Any]], spread: Callable[[list], Iterable]
) -> Iterable:
    """One run after the other, until so much is left that it is worth spreading."""
    from joblib import cpu_count

    saved = 1 - 1 / cpu_count()
    began_s = perf_counter()
    for done, point in enumerate(points, 1):
        yield _run(function, point)
        left_s = (perf_counter() - began_s) / done * (len(points) - done)
        if left_s * saved > START_S:
            yield from spread(points[done:])
            return


def _run(function: Callable, point: dict[str, Any]) -> dict[str, float]:
    try:
        measured = function(**point)
    except Exception as error:  # of any kind: it is the caller's function
        raise RuntimeError(f"at {_named(point)}: {type(error).__name__}: {error}") from error
    if not isinstance(measured, Mapping):
        measured = {"value": measured}
    for name, value in measured.items():
        if not isinstance(value, numbers.Real) or name in point:
            raise RuntimeError(
                f"at {_named(point)}: the function returned {name}={value!r}; return a number, or "
                "a dict of numbers whose names are not those of the grid"
            )
    return {name: float(value) for name, value in measured.items()}


def _points(axes: Mapping[str, Sequence], seeds: Sequence[int]) -> list[dict[str, Any]]:
    names = [*axes, "seed"]
    return [dict(zip(names, values, strict=True)) for values in product(*axes.values(), seeds)]


def _named(point: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in point.items())


def _checked_grid(grid: Mapping[str, Sequence]) -> dict[str, tuple]:
    if not isinstance(grid, Mapping):
        raise TypeError(f"grid={grid!r} must be a dict: give each argument its list of values")
    for name, values in grid.items():
        if not isinstance(name, str) or name == "seed":
            raise ValueError(f"grid has the name {name!r}: name arguments; seeds are apart")
        is_list = isinstance(values, Sequence) and not isinstance(values, str | bytes)
        if not is_list and not (isinstance(values, np.ndarray) and values.ndim):
            raise TypeError(f"grid[{name!r}]={values!r} must be a list of values")
        if not len(values):
            raise ValueError(f"grid[{name!r}]={values!r} is empty: give at least one value")
    return {name: tuple(values) for name, values in grid.items()}


def checked_seeds(seeds: Iterable[int]) -> tuple[int, ...]:
    """Distinct seeds.

    Raises
    ------
    TypeError, ValueError
        If they are not distinct whole numbers >= 0, at least one.
    """
    try:
        seeds = tuple(seeds)
    except TypeError:
        raise TypeError(f"seeds={seeds!r} must be a list of seeds: give range(20)") from None
    checked = tuple(whole(f"seeds[{i}]", seed) for i, seed in enumerate(seeds))
    if not checked or len(set(checked)) < len(checked):
        raise ValueError(f"seeds={checked!r} must be distinct, and at least one")
    return checked
