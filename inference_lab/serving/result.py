"""The result of a run: what was measured, one array a column.

TTFT: a request leaves its client until its first token reaches the client. TPOT: (E2E - TTFT) /
(output tokens - 1), nan for a single token. ITL: one gap between two tokens. Goodput: requests
that meet both SLOs (a nan TPOT counts as met) divided by the time from the first arrival to the
last finish.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import FEW, real, whole
from inference_lab.serving.columns import as_table, of_some
from inference_lab.serving.slo import SLO
from inference_lab.serving.summary import TPOT_SLO_S, TTFT_SLO_S, Summary, summarized

Column = NDArray[np.float64]


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
    preempted : array of int
        How often each lost its KV-cache for want of memory, and was prefilled again.
    cached_tokens : array of int
        Tokens of each prompt that were not computed: found in the prefix cache, or on the host.
    retries : array of int
        How often each went back to the gateway.
    prefill_replica : array of int or None
        With two pools, where each ran or waited last for its prefill; -1 for none.
    link_bytes : array or None
        What each link of the fabric has carried, in the order of its ``link_bytes_per_s``; with a
        link for each replica of two pools, what each has sent, then what each has received.
    training_steps_s : array or None
        How long each step of the training job took.
    held_by : dict of str to array of bool
        By `inference_lab.serving.log.LIMITS`: whether it kept a request waiting that was first in
        its queue, and with it all behind.
    spans : structured array or None
        See `inference_lab.serving.spans.SPAN`, if they were asked for.
    itl_s : array or None
        With the spans, every gap between two tokens: ``output_tokens - 1`` for each request that
        was served, one after the other.
    samples : structured array or None
        See `inference_lab.serving.samples.SAMPLE`, if they were asked for.
    tenant : array of object, or None
        Whose each request is, if the workload says so.

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
    preempted: NDArray[np.int64]
    retries: NDArray[np.int64]
    cached_tokens: NDArray[np.int64]
    held_by: dict[str, NDArray[np.bool_]]
    spans: NDArray[np.void] | None = None
    itl_s: Column | None = None
    samples: NDArray[np.void] | None = None
    tenant: NDArray[np.object_] | None = None
    prefill_replica: NDArray[np.int64] | None = None
    link_bytes: Column | None = None
    training_steps_s: Column | None = None

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
    def rate_limited(self) -> int:
        """Requests over the limit of their tenant."""
        return int((self.outcome == "rate_limited").sum())

    @property
    def preemptions(self) -> int:
        """How often a sequence lost its KV-cache for want of memory."""
        return int(self.preempted.sum())

    @property
    def tenants(self) -> list[Any]:
        """Each tenant once, in the order of their first requests."""
        return [] if self.tenant is None else list(dict.fromkeys(self.tenant))

    def of_tenant(self, tenant: Any) -> Result:
        """The same run as one tenant saw it: its requests alone, without spans.

        Raises
        ------
        ValueError
            If it sent no request.

        Examples
        --------
        >>> from inference_lab import AffineReplica, Cluster, Workload, simulate
        >>> one = AffineReplica(prefill_s=(0.2, 0, 0), decode_s=(0.03, 0, 0))
        >>> two = {"prompt_tokens": [9, 9], "output_tokens": [1, 1], "tenant": ["ann", "bob"]}
        >>> result = simulate(Cluster(one), Workload.from_arrays(arrival_s=[0, 0], **two))
        >>> {tenant: float(result.of_tenant(tenant).ttft_s.max()) for tenant in result.tenants}
        {'ann': 0.2, 'bob': 0.4}
        """
        if self.tenant is None or tenant not in self.tenants:
            known = ", ".join(map(repr, self.tenants[:FEW])) or "none: give the workload tenant="
            raise ValueError(f"tenant={tenant!r} sent no request: use one of the tenants {known}")
        return of_some(self, np.array([each == tenant for each in self.tenant]))

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
        return as_table(self)

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
            return of_some(self, slice(skip, None)).summary(ttft_slo_s, tpot_slo_s, 0, count_failed)
        if not isinstance(count_failed, bool):
            raise TypeError(f"count_failed={count_failed!r} must be True or False")
        return summarized(self, ttft_slo_s, tpot_slo_s, count_failed)
