"""Goodput: requests a second that meet both limits, over the rate at which they arrive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import inference_lab as il
from inference_lab.checks import real, whole
from inference_lab.serving.summary import TPOT_SLO_S, TTFT_SLO_S

TRACE = "azure-2023-conv"
RATE_SCALES = (0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0, 2.5)
"""Close together where one replica of Llama-3.1-70B on four H100 (vllm-2025) falls behind."""


@dataclass(frozen=True)
class GoodputAtRate:
    """How many requests met both limits at one rate.

    Parameters
    ----------
    rate_scale : float
        How many times as fast as in the trace the requests arrive.
    rate_per_s : float
        Requests a second that arrive.
    goodput_per_s : float
        Requests a second that meet both limits.
    share_met : float
        Share of all requests that meet both.
    """

    rate_scale: float
    rate_per_s: float
    goodput_per_s: float
    share_met: float


class _Stopped(Exception):
    """Somebody asked to stop while a point was being simulated."""


def goodput_curve(
    replica: il.Replica | il.AffineReplica,
    rate_scales: Sequence[float] = RATE_SCALES,
    requests: int = 20_000,
    slo: tuple[float, float] = (TTFT_SLO_S, TPOT_SLO_S),
    on_point: Callable[[GoodputAtRate], object] | None = None,
    stop: Callable[[], bool] | None = None,
    progress: Callable[[int], object] | None = None,
    seed: int = 0,
) -> list[GoodputAtRate]:
    """Simulate one replica under the load of a public chat service, rate after rate.

    The same seed gives the same requests at every rate, only closer together: neighbouring points
    can be compared.

    Parameters
    ----------
    replica : Replica or AffineReplica
        The one replica; a `Replica` is scheduled as its stack does.
    rate_scales : sequence of float
        How many times as fast as in the trace; one simulation each.
    requests : int
        Of each simulation.
    slo : (float, float)
        Limits of TTFT and TPOT in seconds.
    on_point : callable or None
        Told each point as soon as it is there.
    stop : callable or None
        Asked again and again; once it returns true, the points so far are returned.
    progress : callable or None
        Told how many requests have just ended.
    seed : int
        Which requests.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> one = il.AffineReplica(prefill_s=(0.05, 0, 0), decode_s=(0.01, 0, 0))
    >>> [point.share_met for point in goodput_curve(one, rate_scales=[0.1, 50], requests=200)]
    [1.0, 0.205]
    """
    scales = checked_scales(rate_scales)
    ttft_s, tpot_s = checked_slo(slo)
    whole("requests", requests, at_least=2)
    cluster = il.Cluster(replica)

    def heard(ended: int) -> None:
        if stop is not None and stop():
            raise _Stopped
        if progress is not None:
            progress(ended)

    points: list[GoodputAtRate] = []
    for scale in scales:
        load = il.Workload.like(TRACE, rate_scale=scale, requests=requests, seed=seed)
        try:
            heard(0)
            result = il.simulate(cluster, load, seed=seed, progress=heard)
        except _Stopped:
            break
        goodput_per_s = result.goodput_per_s(ttft_s, tpot_s)
        points.append(
            GoodputAtRate(
                rate_scale=scale,
                rate_per_s=rate_per_s(load),
                goodput_per_s=goodput_per_s,
                share_met=goodput_per_s * result.duration_s / requests,
            )
        )
        if on_point is not None:
            on_point(points[-1])
    return points


def rate_per_s(load: il.Workload) -> float:
    """Mean rate of an open workload, from its first arrival to its last.

    >>> rate_per_s(il.Workload.gamma(2, cv=0, requests=9, prompt_tokens=1, output_tokens=1))
    2.0
    """
    return (len(load) - 1) / float(load.arrival_s[-1] - load.arrival_s[0])


def checked_scales(rate_scales: Sequence[float]) -> list[float]:
    """The scales as floats; a ValueError or TypeError names what is wrong."""
    scales = [real("rate_scales", scale, above=0) for scale in rate_scales]
    if not scales:
        raise ValueError("rate_scales=[] is empty: give at least one, such as [1.0, 2.0]")
    return scales


def checked_slo(slo: tuple[float, float]) -> tuple[float, float]:
    """Both limits as floats; a ValueError or TypeError names what is wrong."""
    if not isinstance(slo, Sequence) or isinstance(slo, str) or len(slo) != 2:
        raise ValueError(
            f"slo={slo!r} must be two numbers of seconds: TTFT, TPOT, as in (2.0, 0.2)"
        )
    return real("slo", slo[0], above=0), real("slo", slo[1], above=0)
