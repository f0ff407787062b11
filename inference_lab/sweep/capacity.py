"""Capacity: the most load, or the fewest replicas, with which an SLO is met."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import isnan, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.physics.costs import Costs
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.disaggregated import Disaggregated
from inference_lab.serving.slo import SLO
from inference_lab.sweep.bounds import NotFound
from inference_lab.sweep.grid import checked_seeds, sweep
from inference_lab.sweep.search import Search
from inference_lab.sweep.student import student_t
from inference_lab.traffic.workload import Workload

SEEDS = range(5)
"""Of a load that is drawn, unless others are asked for."""


@dataclass(frozen=True, eq=False)
class Capacity:
    """What a search found; prints as a few lines.

    Parameters
    ----------
    slo : SLO
        What is kept.
    replicas : bool
        Whether `values` are numbers of replicas, not rate scales.
    seeds : tuple of int
        Each gave one load, the same at each point of its search.
    values : array
        Of each seed: the largest rate scale, to 2 % below, or the fewest replicas.
    load_per_s : array
        Mean rate of each seed's load at scale 1.
    beyond : dict of str to float
        By which share of the requests each limit, and all, were kept at the next point, which is
        too much; of the first seed. Empty where there is none: one replica.
    late_share : float
        By which share of the last tenth of the requests the SLO was kept; mean over the seeds.
    """

    slo: SLO
    replicas: bool
    seeds: tuple[int, ...]
    values: NDArray[np.float64]
    load_per_s: NDArray[np.float64]
    beyond: dict[str, float]
    late_share: float

    @property
    def value(self) -> float:
        """Mean rate scale over the seeds, or the replicas that are enough for each of them."""
        return float(self.values.max() if self.replicas else self.values.mean())

    @property
    def rate_per_s(self) -> float:
        """Requests a second at that value; mean over the seeds."""
        return float((self.load_per_s * (1 if self.replicas else self.values)).mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the mean rate scale after Student, or the range of the replicas.

        nan where there is one seed, so that nobody can know.
        """
        n = len(self.values)
        if n == 1:
            return nan, nan
        if self.replicas:
            return float(self.values.min()), float(self.values.max())
        error = float(self.values.std(ddof=1)) / sqrt(n) * student_t(n - 1)
        return self.value - error, self.value + error

    @property
    def is_steady(self) -> bool:
        """Whether the end of the load fares as the whole; if not, a longer one would hold less."""
        allowed = 1 - self.slo.share
        return 1 - self.late_share <= min(3 * allowed, (1 + allowed) / 2)

    def __str__(self) -> str:
        low, high = self.interval
        if self.replicas:
            found = f"{self.value:g} replicas for {self.rate_per_s:.4g} requests/s"
            spread = f"{low:g} to {high:g} over {len(self.seeds)} seeds"
        else:
            found = f"{self.value:.4g} times the load, {self.rate_per_s:.4g} requests/s"
            spread = f"95 % interval {low:.4g} to {high:.4g}, {len(self.seeds)} seeds"
        if isnan(low):
            spread = "one draw, so nobody knows how much chance is in it"
        lines = [f"{found} ({spread})", f"keep {self.slo}"]
        if self.beyond:
            more = "with one replica less" if self.replicas else "2 % beyond"
            kept = ", ".join(f"{limit} by {100 * s:.4g} %" for limit, s in self.beyond.items())
            lines.append(f"{more}: {kept}")
        if not self.is_steady:
            lines.append(
                f"of the last tenth of the requests {100 * self.late_share:.4g} % keep it: queues "
                "were growing, and a longer load would get less"
            )
        return "\n".join(lines)

    __repr__ = __str__


def capacity(
    system: Cluster | Costs,
    load: Workload | Callable[[int], Workload],
    slo: SLO,
    *,
    replicas: bool = False,
    seeds: Iterable[int] | None = None,
    jobs: int | None = None,
) -> Capacity:
    """The largest rate scale at which a cluster keeps an SLO, or the fewest replicas that do.

    By bisection. Each seed is one load, which arrives faster and faster (common random numbers), so
    the spread over the seeds is that of the load, not of the search.

    Parameters
    ----------
    system : Cluster or Replica
        With ``replicas``, a replica, or a cluster of one kind whose number is sought.
    load : Workload or callable
        One load, or ``load(seed)``.
    slo : SLO
        What is to be kept.
    replicas : bool
        Whether to seek the fewest replicas for the load as it is.
    seeds : iterable of int or None
        Of load and routers; None is one for a single load, else `SEEDS`.
    jobs : int or None
        See `inference_lab.sweep.grid.sweep`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; if there is no number to give: no request can wait
        less than it does alone, the load is too short to fill the cluster, or more load does not
        mean that fewer requests keep the SLO.

    Examples
    --------
    >>> from inference_lab import AffineReplica
    >>> one = AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.01, 0, 0), max_batch=1)
    >>> found = capacity(Cluster(one), lambda seed: Workload.poisson(1, 2000, 9, 1, seed=seed),
    ...                  SLO(ttft_s=4.0))
    >>> print(str(found).splitlines()[1])
    keep 99 % of the requests with TTFT <= 4 s
    """
    if not isinstance(slo, SLO):
        raise TypeError(f"slo={slo!r} must be an SLO: use SLO(ttft_s=0.5, tpot_s=0.05)")
    if not isinstance(replicas, bool):
        raise TypeError(f"replicas={replicas!r} must be True or False: their number is sought")
    if not isinstance(load, Workload) and not callable(load):
        raise TypeError(f"load={load!r} must be a Workload or a function of a seed")
    one_load = isinstance(load, Workload)
    seeds = checked_seeds((range(1) if one_load else SEEDS) if seeds is None else seeds)
    new = _grown(system) if replicas else None

    def searched(seed: int, start: float | None = None) -> Search:
        drawn: Any = load if one_load else load(seed)  # type: ignore[operator]
        search = Search(system, new, drawn, slo, seed)
        search.go(start)
        return search

    first = searched(seeds[0])

    def figures(seed: int) -> dict[str, float]:
        try:
            return searched(seed, first.value).figures()
        except NotFound:
            return dict.fromkeys(first.figures(), nan)

    found = [first.figures()]
    if len(seeds) > 1:
        others = sweep(figures, {}, seeds=seeds[1:], jobs=jobs, progress=False)
        found += [{name: row[name] for name in found[0]} for row in others.rows]
    for seed, each in zip(seeds, found, strict=True):
        if isnan(each["value"]):
            searched(seed, first.value)  # it says why, in this process
    columns = {name: np.array([each[name] for each in found]) for name in found[0]}
    late_share = float(columns["late_share"].mean())
    values, load_per_s = columns["value"], columns["load_per_s"]
    return Capacity(slo, replicas, seeds, values, load_per_s, first.beyond, late_share)


def _grown(system: Any) -> Callable[[int], Cluster]:
    """A cluster of so many."""
    if not isinstance(system, Cluster):
        return lambda n: Cluster(system, replicas=n)
    if isinstance(system, Disaggregated):
        raise ValueError(
            f"system={system!r} has two pools, of which either could grow: give replicas=False and "
            "seek the rate for some numbers of prefills and decodes"
        )
    if len({id(costs) for costs in system.fleet}) > 1:
        raise ValueError(f"system={system!r} has several kinds of replicas: give one kind")
    return lambda n: replace(system, replica=system.fleet[0], replicas=n)
