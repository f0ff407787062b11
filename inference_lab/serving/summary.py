"""The summary of a run: percentiles, throughput and goodput, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from inference_lab.serving.result import Result

TTFT_SLO_S = 2.0
TPOT_SLO_S = 0.2
"""The p99 limits of the server scenario for Llama-2-70B: MLPerf Inference rules, version 4.0."""

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True)
class Summary:
    """The figures of a run; prints as a table.

    ``ttft_s``, ``tpot_s``, ``e2e_s`` and ``max_itl_s`` are dicts with ``mean`` and the
    `PERCENTILES`, ``p50`` and so on, in seconds, over the requests; ``itl_s`` the same over all
    gaps between two tokens, as far as they are known: see `Result.summary`. ``failed`` requests,
    those not served, count as infinitely slow there. ``held_by`` counts those who were first in a
    queue and kept waiting, by what was full. ``kv_use`` is the share of the KV-cache that was held,
    ``mean`` and ``max``, as far as it was sampled.
    """

    requests: int
    refused: int
    rejected: int
    timed_out: int
    no_replica: int
    retries: int
    rate_limited: int
    preemptions: int
    duration_s: float
    requests_per_s: float
    prompt_tokens_per_s: float
    output_tokens_per_s: float
    goodput_per_s: float
    ttft_slo_s: float
    tpot_slo_s: float
    ttft_s: dict[str, float]
    tpot_s: dict[str, float]
    e2e_s: dict[str, float]
    itl_s: dict[str, float]
    max_itl_s: dict[str, float]
    held_by: dict[str, int]
    kv_use: dict[str, float]
    failed: int = 0

    def to_dict(self) -> dict[str, object]:
        """The same as plain numbers and dicts."""
        return {name: dict(v) if isinstance(v, dict) else v for name, v in vars(self).items()}

    def __str__(self) -> str:
        rows = [("TTFT", self.ttft_s), ("TPOT", self.tpot_s), ("E2E", self.e2e_s)]
        rows += [("ITL", self.itl_s), ("max ITL", self.max_itl_s)]
        names = list(self.ttft_s)
        lines = ["no request was served"]
        if not np.isnan(self.ttft_s["mean"]):
            lines = ["seconds " + "".join(f"{name:>10}" for name in names)] + [
                f"{label:<8}" + "".join(f"{row[name]:>10.4g}" for name in names if name in row)
                for label, row in rows
            ]
        lines += [
            f"{self.requests:,} requests in {self.duration_s:,.4g} s: {self.refused:,} refused, "
            f"{self.rejected:,} rejected, {self.timed_out:,} timed out; "
            f"{self.preemptions:,} pre-emptions",
            f"throughput {self.requests_per_s:.4g} requests/s, "
            f"{_rate(self.prompt_tokens_per_s)} prompt and "
            f"{_rate(self.output_tokens_per_s)} output tokens/s",
            f"goodput    {self.goodput_per_s:.4g} requests/s "
            f"(TTFT <= {self.ttft_slo_s:g} s and TPOT <= {self.tpot_slo_s:g} s)",
        ]
        if self.kv_use:
            lines.append(
                f"KV-cache   {100 * self.kv_use['mean']:.3g} % full on the mean, "
                f"{100 * self.kv_use['max']:.3g} % at most, of a replica and as sampled"
            )
        capped = [
            f"{limit} ({count:,} waited at the head of a queue)"
            for limit, count in self.held_by.items()
            if count
        ]
        if self.rejected:
            capped.append(f"max_queue ({self.rejected:,} rejected)")
        if capped:
            lines.append(f"capped by  {', '.join(capped)}")
        if self.failed:
            lines.append(f"{self.failed:,} requests that were not served count as infinitely slow")
        if self.retries or self.no_replica:
            lines.append(
                f"faults     {self.retries:,} routed again, {self.no_replica:,} found no replica "
                "alive"
            )
        if self.rate_limited:
            lines.append(
                f"limits     {self.rate_limited:,} requests over the limit of their tenant"
            )
        if self.refused:
            lines.append(
                "refused: longer than max_model_len, or than the KV-cache of a replica; "
                "replica.advice(tokens) says what would hold so many"
            )
        return "\n".join(lines)

    __repr__ = __str__


def summarized(result: Result, ttft_slo_s: float, tpot_slo_s: float, count_failed: bool) -> Summary:
    """What `Result.summary` returns, of all its requests."""
    duration_s, served = result.duration_s, result.served
    failed = int((~served).sum()) if count_failed else 0
    per_s = (lambda count: float(count / duration_s)) if duration_s else (lambda count: 0.0)
    use = None if result.samples is None else result.samples["kv_use"]
    return Summary(
        requests=len(served),
        refused=result.refused,
        rejected=result.rejected,
        timed_out=result.timed_out,
        no_replica=result.no_replica,
        retries=int(result.retries.sum()),
        rate_limited=result.rate_limited,
        preemptions=result.preemptions,
        duration_s=duration_s,
        requests_per_s=per_s(served.sum()),
        prompt_tokens_per_s=per_s(result.prompt_tokens[served].sum()),
        output_tokens_per_s=per_s(result.output_tokens[served].sum()),
        goodput_per_s=result.goodput_per_s(ttft_slo_s, tpot_slo_s),
        ttft_slo_s=float(ttft_slo_s),
        tpot_slo_s=float(tpot_slo_s),
        ttft_s=quantiles(result.ttft_s, failed),
        tpot_s=quantiles(result.tpot_s, failed),
        e2e_s=quantiles(result.e2e_s, failed),
        itl_s={"mean": result.mean_itl_s} if result.itl_s is None else quantiles(result.itl_s),
        max_itl_s=quantiles(result.max_itl_s, failed),
        held_by={limit: int(held.sum()) for limit, held in result.held_by.items()},
        kv_use={}
        if use is None or not len(use)
        else {"mean": float(use.mean()), "max": float(use.max())},
        failed=failed,
    )


def _rate(per_s: float) -> str:
    return f"{per_s:.4g}" if per_s < 1000 else f"{per_s:,.0f}"


def quantiles(column: NDArray[np.float64], failed: int = 0) -> dict[str, float]:
    """The mean and the `PERCENTILES` of what is no nan; nan if nothing is left.

    So many that `failed` count as infinite: a percentile that would lie between a number and
    infinity is infinite.

    Examples
    --------
    >>> quantiles(np.arange(1.0, 101.0), failed=2)["p90"]
    91.9
    >>> quantiles(np.arange(1.0, 100.0), failed=2)["p99"]
    inf
    """
    values = column[~np.isnan(column)]
    n = len(values) + failed
    if not n:
        return dict.fromkeys(["mean", *(f"p{p}" for p in PERCENTILES)], float("nan"))
    if failed:
        mean, values = inf, np.append(values, np.full(failed, inf))
    else:
        mean = float(values.mean())
    with np.errstate(invalid="ignore"):  # infinity minus infinity, or times 0
        marks = np.percentile(values, PERCENTILES)
    if failed:
        marks = np.where(
            np.isnan(marks), np.percentile(values, PERCENTILES, method="higher"), marks
        )
    return {"mean": mean} | {
        f"p{p}": float(mark) for p, mark in zip(PERCENTILES, marks, strict=True)
    }
