"""Comparisons: policies under the same requests, seed by seed, with confidence intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.result import Result
from inference_lab.serving.simulator import simulate
from inference_lab.sweep.grid import checked_seeds, sweep
from inference_lab.sweep.student import student_t
from inference_lab.traffic.workload import Workload


@dataclass(frozen=True)
class Difference:
    """A policy against the first one: mean difference and its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a comparison measured; prints as a table.

    Parameters
    ----------
    seeds : tuple of int
        Each gave every policy the same requests.
    values : dict of str to array
        The metric of each policy, one entry a seed; the first policy is the baseline.
    """

    seeds: tuple[int, ...]
    values: dict[str, NDArray[np.float64]]

    @property
    def baseline(self) -> str:
        """The policy that the others are compared with."""
        return next(iter(self.values))

    def difference(self, policy: str) -> Difference:
        """Mean over the seeds of the policy's value minus the baseline's, and Student's interval.

        Raises
        ------
        KeyError
            If there is no such policy.
        """
        return paired_difference(self.values[policy], self.values[self.baseline])

    def __str__(self) -> str:
        width = max(len("policy"), *map(len, self.values))
        lines = [f"{'policy':<{width}}{'mean':>12}{'difference':>12}  95 % interval"]
        for policy, values in self.values.items():
            line = f"{policy:<{width}}{values.mean():>12.4g}"
            if policy == self.baseline:
                lines.append(f"{line}{'(baseline)':>12}")
                continue
            found = self.difference(policy)
            verdict = "" if found.is_clear else "  not clear"
            lines.append(
                f"{line}{found.mean:>+12.4g}  {found.low:+.4g} to {found.high:+.4g}{verdict}"
            )
        return "\n".join([*lines, f"the same {len(self.seeds)} seeds for each policy"])

    __repr__ = __str__


def compare(
    policies: Mapping[str, Cluster],
    load: Callable[[int], Workload],
    metric: Callable[[Result], float],
    seeds: Iterable[int] = range(20),
    jobs: int | None = None,
    progress: bool = False,
) -> Comparison:
    """Compare clusters under the same requests (common random numbers).

    Parameters
    ----------
    policies : dict of str to Cluster
        At least two; the first is the baseline.
    load : callable
        ``load(seed)`` makes the requests of a seed.
    metric : callable
        ``metric(result)`` is the number to compare.
    seeds : iterable of int
        At least two; each is one pair.
    jobs, progress
        See `inference_lab.sweep.grid.sweep`: on every core, unless it is a matter of seconds. Then
        functions work on copies, so what they keep in a global stays in the other process.

    Returns
    -------
    Comparison
        The same, to the last bit, whatever the number of jobs.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or the metric is nan.
    RuntimeError
        If a run fails; the message names policy and seed.

    Examples
    --------
    >>> from inference_lab import AffineReplica
    >>> one = AffineReplica(prefill_s=(0.1, 0, 0), decode_s=(0.01, 0, 0))
    >>> print(compare(
    ...     {name: Cluster(one, 4, router=name) for name in ("random", "least_outstanding")},
    ...     load=lambda seed: Workload.poisson(30, 1000, 100, 10, seed=seed),
    ...     metric=lambda result: result.ttft_s.mean(),
    ...     seeds=range(10),
    ... ))
    policy                   mean  difference  95 % interval
    random                 0.2416  (baseline)
    least_outstanding        0.16    -0.08164  -0.09963 to -0.06364
    the same 10 seeds for each policy
    """
    if not isinstance(policies, Mapping) or len(policies) < 2:
        raise ValueError(f"policies={policies!r} must be a dict of at least two clusters by name")
    for name, cluster in policies.items():
        if not isinstance(name, str) or not isinstance(cluster, Cluster):
            raise TypeError(f"policies[{name!r}]={cluster!r} must be a Cluster with a name")
    for name, function in (("load", load), ("metric", metric)):
        if not callable(function):
            raise TypeError(f"{name}={function!r} must be a function")
    seeds = checked_seeds(seeds)
    if len(seeds) < 2:
        raise ValueError(f"seeds={seeds!r} must be at least two: one pair has no interval")

    def measure(policy: str, seed: int) -> float:
        return metric(simulate(policies[policy], load(seed), seed=seed))

    found = sweep(measure, {"policy": list(policies)}, seeds=seeds, jobs=jobs, progress=progress)
    values = dict(zip(policies, found["value"], strict=True))
    for name, column in values.items():
        if not np.isfinite(column).all():
            at = int((~np.isfinite(column)).argmax())
            raise ValueError(
                f"metric of {name!r} is {column[at]} with seed {seeds[at]}: return a finite number"
            )
    return Comparison(seeds, values)


def paired_difference(values: NDArray[np.float64], baseline: NDArray[np.float64]) -> Difference:
    """Mean of ``values - baseline`` and its 95 % interval after Student, pair by pair."""
    pairs = np.asarray(values) - np.asarray(baseline)
    error = pairs.std(ddof=1) / sqrt(len(pairs)) * student_t(len(pairs) - 1)
    return Difference(float(pairs.mean()), float(pairs.mean() - error), float(pairs.mean() + error))
