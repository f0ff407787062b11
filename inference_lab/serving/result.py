"""The result of a run: what was measured, one array a column.

TTFT: a request leaves its client until its first token reaches the client. TPOT: (E2E - TTFT) /
(output tokens - 1), nan for a single token. ITL: one gap between two tokens. Goodput: requests
that meet both SLOs (a nan TPOT counts as met) divided by the time from the first arrival to the
last finish.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import real, whole
from inference_lab.serving.slo import SLO
from inference_lab.serving.summary import TPOT_SLO_S, TTFT_SLO_S, Summary, quantiles

Column = NDArray[np.float64]

BESIDE_REQUESTS = ("spans",)
"""Arrays of a result that have no entry for each request."""


@dataclass(frozen=True, eq=False)
class Result:
    """One run; arrays have one entry a request, in the order of arrival, in seconds at the client.

    Parameters
    ----------
    arrival_s : array
        When each request left its client.
    ttft_s, tpot_s, e2e_s, max_itl_s : array
        See the module; nan for a request that was not served.
    ttft_parts : dict of str to array
        By the names of `inference_lab.serving.parts.PARTS`: they sum to ``ttft_s``.
    prompt_tokens, output_tokens : array of int
        The lengths.
    replica : array of int
        Where each ran or waited; -1 for a request that was not queued.
    outcome : array of str
        One of `inference_lab.serving.log.OUTCOMES` each.
    preemptions : int
        Sequences that lost their KV-cache and were prefilled again.
    cached_tokens : array of int
        Tokens of each prompt that were not computed: found in the prefix cache, or on the host.
    retries : array of int
        How often each went back to the gateway.
    spans : structured array or None
        See `inference_lab.serving.spans.SPAN`, if they were asked for.

    Notes
    -----
    Summaries leave out requests that were not served, and count them beside.
    """

    arrival_s: Column
    ttft_s: Column
    tpot_s: Column
    e2e_s: Column
    max_itl_s: Column
    ttft_parts: dict[str, Column]
    prompt_tokens: NDArray[np.int64]
    output_tokens: NDArray[np.int64]
    replica: NDArray[np.int64]
    outcome: NDArray[np.str_]
    preemptions: int
    retries: NDArray[np.int64]
    cached_tokens: NDArray[np.int64]
    spans: NDArray[np.void] | None = None

    def __repr__(self) -> str:
        return f"Result({len(self.arrival_s):,} requests, {self.served.sum():,} served)"

    @cached_property
    def served(self) -> NDArray[np.bool_]:
        """Which requests got all their tokens."""
        return self.outcome == "served"

    @property
    def refused(self) -> int:
        """Requests that can never be served: too long for the KV-cache or the model."""
        return int(np.isin(self.outcome, ("kv_capacity", "max_model_len")).sum())

    @property
    def rejected(self) -> int:
        """Requests that met a full queue."""
        return int((self.outcome == "queue_full").sum())

    @property
    def timed_out(self) -> int:
        """Requests whose client gave up."""
        return int((self.outcome == "timed_out").sum())

    @property
    def no_replica(self) -> int:
        """Requests that found no replica alive, and none to come."""
        return int((self.outcome == "no_replica").sum())

    @property
    def duration_s(self) -> float:
        """From the first arrival to the last finish."""
        if not self.served.any():
            return 0.0
        return float(np.nanmax(self.arrival_s + self.e2e_s) - self.arrival_s.min())

    @property
    def mean_itl_s(self) -> float:
        """Over all gaps of all requests that were served; nan if there is none."""
        gaps = int((self.output_tokens[self.served] - 1).sum())
        return float(np.nansum(self.e2e_s - self.ttft_s) / gaps) if gaps else nan

    def goodput_per_s(
        self, ttft_slo_s: float = TTFT_SLO_S, tpot_slo_s: float = TPOT_SLO_S
    ) -> float:
        """Requests a second that meet both SLOs.

        Raises
        ------
        TypeError, ValueError
            If an SLO is not a positive number of seconds.
        """
        limits_s = real("ttft_slo_s", ttft_slo_s, above=0), real("tpot_slo_s", tpot_slo_s, above=0)
        met = SLO(*limits_s).met(self)
        return float(met.sum() / self.duration_s) if met.any() else 0.0

    def to_columns(self) -> dict[str, NDArray[Any]]:
        """Everything that is known of each request, one array a column, ready for a data frame.

        ``request`` counts them in the order of arrival; the parts of the TTFT are ``queue_s`` and
        so on.

        Examples
        --------
        >>> import inference_lab as il
        >>> one = il.AffineReplica(prefill_s=(0.25, 0, 0), decode_s=(0.5, 0, 0))
        >>> result = il.simulate(il.Cluster(one), il.Workload.poisson(1, 5, 512, 3))
        >>> columns = result.to_columns()
        >>> columns["request"], columns["prefill_s"]
        (array([0, 1, 2, 3, 4]), array([0.25, 0.25, 0.25, 0.25, 0.25]))
        """
        n = len(self.arrival_s)
        columns: dict[str, NDArray[Any]] = {"request": np.arange(n)}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "ttft_parts":
                columns |= {f"{name}_s": part_s for name, part_s in value.items()}
            elif field.name not in BESIDE_REQUESTS and isinstance(value, np.ndarray):
                columns[field.name] = value
        return columns

    def summary(
        self,
        ttft_slo_s: float = TTFT_SLO_S,
        tpot_slo_s: float = TPOT_SLO_S,
        warmup: int = 0,
        count_failed: bool = False,
    ) -> Summary:
        """Percentiles, throughput and goodput.

        Parameters
        ----------
        ttft_slo_s, tpot_slo_s : float
            The SLOs of the goodput.
        warmup : int
            The first so many requests are left out.
        count_failed : bool
            Whether a request that was not served counts as infinitely slow in the percentiles;
            else they are of the served ones alone.

        Raises
        ------
        TypeError, ValueError
            If an argument is out of range.
        """
        skip = whole("warmup", warmup)
        if skip >= len(self.arrival_s):
            raise ValueError(f"warmup={skip} leaves none of {len(self.arrival_s)} requests")
        if skip:
            return self._without(skip).summary(ttft_slo_s, tpot_slo_s, 0, count_failed)
        if not isinstance(count_failed, bool):
            raise TypeError(f"count_failed={count_failed!r} must be True or False")
        duration_s = self.duration_s
        served = self.served
        failed = int((~served).sum()) if count_failed else 0
        per_s = (lambda count: float(count / duration_s)) if duration_s else (lambda count: 0.0)
        return Summary(
            requests=len(self.arrival_s),
            refused=self.refused,
            rejected=self.rejected,
            timed_out=self.timed_out,
            no_replica=self.no_replica,
            retries=int(self.retries.sum()),
            preemptions=self.preemptions,
            duration_s=duration_s,
            requests_per_s=per_s(served.sum()),
            prompt_tokens_per_s=per_s(self.prompt_tokens[served].sum()),
            output_tokens_per_s=per_s(self.output_tokens[served].sum()),
            goodput_per_s=self.goodput_per_s(ttft_slo_s, tpot_slo_s),
            ttft_slo_s=float(ttft_slo_s),
            tpot_slo_s=float(tpot_slo_s),
            ttft_s=quantiles(self.ttft_s, failed),
            tpot_s=quantiles(self.tpot_s, failed),
            e2e_s=quantiles(self.e2e_s, failed),
            itl_s={"mean": self.mean_itl_s},
            max_itl_s=quantiles(self.max_itl_s, failed),
            failed=failed,
        )

    def _without(self, skip: int) -> Result:
        columns: dict[str, Any] = {
            name: value[skip:] if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
            if name != "served"
        }
        columns["ttft_parts"] = {name: part[skip:] for name, part in self.ttft_parts.items()}
        columns["spans"] = None
        return Result(**columns)
