"""Results: what a run measured, one array a column, and their summary.

TTFT: a request leaves its client until its first token reaches the client. TPOT: (E2E - TTFT) /
(output tokens - 1),
nan for a single token. ITL: one gap between two tokens. Goodput: requests that meet both SLOs (a
nan TPOT counts as
met) divided by the time from the first arrival to the last finish.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import real, whole

Column = NDArray[np.float64]

TTFT_SLO_S = 2.0
TPOT_SLO_S = 0.2
"""The p99 limits of the server scenario for Llama-2-70B: MLPerf Inference rules, version 4.0."""

PERCENTILES = (50, 90, 99)


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
    def duration_s(self) -> float:
        """From the first arrival to the last finish."""
        if not self.served.any():
            return 0.0
        return float(np.nanmax(self.arrival_s + self.e2e_s) - self.arrival_s.min())

    def goodput_per_s(
        self, ttft_slo_s: float = TTFT_SLO_S, tpot_slo_s: float = TPOT_SLO_S
    ) -> float:
        """Requests a second that meet both SLOs.

        Raises
        ------
        TypeError, ValueError
            If an SLO is not a positive number of seconds.
        """
        met = self.ttft_s <= real("ttft_slo_s", ttft_slo_s, above=0)
        met &= np.isnan(self.tpot_s) | (self.tpot_s <= real("tpot_slo_s", tpot_slo_s, above=0))
        return float(met.sum() / self.duration_s) if met.any() else 0.0

    def summary(
        self, ttft_slo_s: float = TTFT_SLO_S, tpot_slo_s: float = TPOT_SLO_S, warmup: int = 0
    ) -> Summary:
        """Percentiles, throughput and goodput.

        Parameters
        ----------
        ttft_slo_s, tpot_slo_s : float
            The SLOs of the goodput.
        warmup : int
            The first so many requests are left out.

        Raises
        ------
        TypeError, ValueError
            If an argument is out of range.
        """
        skip = whole("warmup", warmup)
        if skip >= len(self.arrival_s):
            raise ValueError(f"warmup={skip} leaves none of {len(self.arrival_s)} requests")
        if skip:
            return self._without(skip).summary(ttft_slo_s, tpot_slo_s)
        duration_s = self.duration_s
        served = self.served
        per_s = (lambda count: float(count / duration_s)) if duration_s else (lambda count: 0.0)
        return Summary(
            requests=len(self.arrival_s),
            refused=self.refused,
            rejected=self.rejected,
            timed_out=self.timed_out,
            preemptions=self.preemptions,
            duration_s=duration_s,
            requests_per_s=per_s(served.sum()),
            output_tokens_per_s=per_s(self.output_tokens[served].sum()),
            goodput_per_s=self.goodput_per_s(ttft_slo_s, tpot_slo_s),
            ttft_slo_s=float(ttft_slo_s),
            tpot_slo_s=float(tpot_slo_s),
            ttft_s=_quantiles(self.ttft_s),
            tpot_s=_quantiles(self.tpot_s),
            e2e_s=_quantiles(self.e2e_s),
            max_itl_s=_quantiles(self.max_itl_s),
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


@dataclass(frozen=True)
class Summary:
    """The figures of a run; prints as a table.

    ``ttft_s``, ``tpot_s``, ``e2e_s`` and ``max_itl_s`` are dicts with ``mean``, ``p50``, ``p90``
    and ``p99`` in seconds.
    """

    requests: int
    refused: int
    rejected: int
    timed_out: int
    preemptions: int
    duration_s: float
    requests_per_s: float
    output_tokens_per_s: float
    goodput_per_s: float
    ttft_slo_s: float
    tpot_slo_s: float
    ttft_s: dict[str, float]
    tpot_s: dict[str, float]
    e2e_s: dict[str, float]
    max_itl_s: dict[str, float]

    def to_dict(self) -> dict[str, object]:
        """The same as plain numbers and dicts."""
        return {name: dict(v) if isinstance(v, dict) else v for name, v in vars(self).items()}

    def __str__(self) -> str:
        rows = [("TTFT", self.ttft_s), ("TPOT", self.tpot_s), ("E2E", self.e2e_s)]
        rows.append(("max ITL", self.max_itl_s))
        names = list(self.ttft_s)
        lines = ["seconds " + "".join(f"{name:>10}" for name in names)]
        lines += [
            f"{label:<8}" + "".join(f"{row[name]:>10.4g}" for name in names) for label, row in rows
        ]
        lines += [
            f"{self.requests:,} requests in {self.duration_s:,.4g} s: {self.refused:,} refused, "
            f"{self.rejected:,} rejected, {self.timed_out:,} timed out; "
            f"{self.preemptions:,} pre-emptions",
            f"throughput {self.requests_per_s:.4g} requests/s, "
            f"{self.output_tokens_per_s:,.4g} output tokens/s",
            f"goodput    {self.goodput_per_s:.4g} requests/s "
            f"(TTFT <= {self.ttft_slo_s:g} s and TPOT <= {self.tpot_slo_s:g} s)",
        ]
        if self.refused:
            lines.append(
                "refused: longer than the KV-cache of a replica, or than max_model_len; if it is "
                "all of them, look at replica.fits"
            )
        return "\n".join(lines)

    __repr__ = __str__


def _quantiles(column: Column) -> dict[str, float]:
    values = column[~np.isnan(column)]
    if not len(values):
        return dict.fromkeys(["mean", *(f"p{p}" for p in PERCENTILES)], float("nan"))
    marks = np.percentile(values, PERCENTILES)
    return {"mean": float(values.mean())} | {
        f"p{p}": float(mark) for p, mark in zip(PERCENTILES, marks, strict=True)
    }
