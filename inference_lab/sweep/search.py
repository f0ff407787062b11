"""A search: one load at several rates, or on several numbers of replicas, against an SLO."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, nan
from typing import Any

import numpy as np

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.result import Result
from inference_lab.serving.simulator import simulate
from inference_lab.serving.slo import SLO
from inference_lab.sweep.bounds import APART, NotFound, fewest, largest
from inference_lab.traffic.workload import Workload

LATE = 10
"""The last request in ten is looked at alone: while queues still grow, it fares worse."""


class Search:
    """See the module.

    Parameters
    ----------
    system : Cluster or Replica
        What is loaded.
    grown : callable or None
        ``grown(n)`` is a cluster of n replicas, if their number is sought.
    load : Workload
        The requests.
    slo : SLO
        What is to be kept.
    seed : int
        Of the runs.

    Raises
    ------
    TypeError, ValueError
        If the load is no open workload, or so short that the share is all of it.
    """

    def __init__(
        self,
        system: Any,
        grown: Callable[[int], Cluster] | None,
        load: Workload,
        slo: SLO,
        seed: int,
    ) -> None:
        if not isinstance(load, Workload):
            raise TypeError(f"load(seed={seed}) returned {load!r}: return a Workload")
        if load.concurrency is not None:
            raise ValueError(f"load={load!r} is a closed loop, which has no rate: give an open one")
        if slo.share < 1 and len(load) * (1 - slo.share) < 1 - 1e-9:
            raise ValueError(
                f"share={slo.share!r} of {len(load)} requests is all of them: give a load of at "
                f"least {ceil(1 / (1 - slo.share) - 1e-9)}, better ten times as many"
            )
        self.system, self.grown, self.load, self.slo, self.seed = system, grown, load, slo, seed
        self.value = nan
        self.shares: dict[float, dict[str, float]] = {}
        self.late: dict[float, float] = {}

    def go(self, start: float | None) -> None:
        """Search, from the value of another seed on if there is one."""
        if start is None:
            self._check_alone()
        try:
            if self.grown is not None:
                self.value = fewest(self.holds, 2 * len(self.load), round(start or 1))
            elif start is None:
                self.value = largest(self.holds)
            else:
                self.value = largest(self.holds, start, APART)
        except NotFound as reason:
            what = "replicas" if self.grown is not None else "times the load"
            raise NotFound(
                f"slo={self.slo!r} has no bound in {what} with seed {self.seed}: {reason}; give "
                "another load (longer, or not all at once) or another SLO"
            ) from None

    def holds(self, point: float) -> bool:
        """Whether the SLO is kept at a rate scale, or with so many replicas."""
        if self.grown is not None:
            run = simulate(self.grown(int(point)), self.load, self.seed)
        else:
            faster = replace(self.load, arrival_s=self.load.arrival_s / point)
            run = simulate(self.system, faster, self.seed)
        met = self.slo.met(run)
        self.late[point] = float(met[-max(1, len(met) // LATE) :].mean())
        self.shares[point] = self._shares(run)
        return bool(met.mean() >= self.slo.share)

    def _shares(self, run: Result) -> dict[str, float]:
        kept = dict(zip(self.slo.kept_by, self.slo.kept(run), strict=True))
        if len(kept) > 1:
            kept["both"] = self.slo.met(run)
        return {limit: float(by.mean()) for limit, by in kept.items()}

    def _check_alone(self) -> None:
        """No request is ever quicker than alone: one user who sends one after the other."""
        system = self.system if self.grown is None else self.grown(1)
        alone = replace(self.load, arrival_s=np.zeros(len(self.load)), concurrency=1)
        run = simulate(system, alone, self.seed)
        share = self.slo.met(run).mean()
        if share < self.slo.share:
            kept = [f"{limit} by {100 * by:.4g} %" for limit, by in self._shares(run).items()]
            raise NotFound(
                f"slo={self.slo!r} cannot be met at any rate: with every request alone in the "
                f"cluster {100 * share:.4g} % keep it ({', '.join(kept)}; "
                f"{100 * run.served.mean():.4g} % are served at all): give longer limits, a lower "
                "share, or quicker replicas"
            )

    def figures(self) -> dict[str, float]:
        """What is kept of a seed."""
        times_s = self.load.arrival_s
        span_s = float(times_s[-1] - times_s[0])
        per_s = (len(times_s) - 1) / span_s if span_s else nan
        return {"value": self.value, "late_share": self.late[self.value], "load_per_s": per_s}

    @property
    def beyond(self) -> dict[str, float]:
        """The shares at the nearest point that is too much."""
        if self.grown is not None:
            return self.shares.get(self.value - 1, {})
        return self.shares[min(point for point in self.shares if point > self.value)]
