"""The words of the goodput view: its limits and its reading."""

from __future__ import annotations

from collections.abc import Sequence

from inference_lab.experiments.goodput import GoodputAtRate
from inference_lab.serving.summary import TPOT_SLO_S, TTFT_SLO_S

SLOS = {
    "server: 2 s, 200 ms": (TTFT_SLO_S, TPOT_SLO_S),
    "interactive: 450 ms, 40 ms": (0.450, 0.040),
}
"""Limits of TTFT and TPOT: the two scenarios of MLPerf Inference for Llama-2-70B."""


def limits(slo: str) -> str:
    """Both limits in words.

    >>> limits("interactive: 450 ms, 40 ms")
    'TTFT ≤ 450 ms and TPOT ≤ 40 ms'
    """
    ttft_s, tpot_s = SLOS[slo]
    return f"TTFT ≤ {_seconds(ttft_s)} and TPOT ≤ {_seconds(tpot_s)}"


def reading(
    points: Sequence[GoodputAtRate], slo: str, state: str, rates: int, requests: int
) -> str:
    """The picture in words.

    Parameters
    ----------
    points : sequence of GoodputAtRate
        What is there.
    slo : str
        A key of `SLOS`.
    state : str
        ``"idle"``, ``"running"``, ``"done"`` or ``"stopped"``.
    rates, requests : int
        Of a whole run.
    """
    if state == "idle":
        return (
            f"Press Run: {rates} simulations of {requests:,} requests each, one for each rate of "
            f"arrivals. Goodput counts the requests with {limits(slo)}; the faint range is that of "
            "a few short runs, in which a queue has less time to grow."
        )
    if state == "running":
        if not points:
            return f"Running: 0 of {rates} rates. Goodput counts requests with {limits(slo)}."
        return f"Running: {len(points)} of {rates} rates. {_at(points[-1])}"
    if state == "stopped":
        said = f"Stopped after {len(points)} of {rates} rates; these points stay."
        return (
            f"{said} {_best(points, slo)} Run again starts afresh."
            if points
            else f"{said} Run again."
        )
    return f"{_best(points, slo)} Run again starts afresh."


def faint(rows: Sequence[Sequence[float]], runs: str) -> str:
    """What the short runs say before a whole one: their best rate of arrivals.

    >>> faint([[8.0, 7.5, 7.9], [16.0, 3.0, 9.0]], "3 runs of 300 requests")
    '3 runs of 300 requests reach a goodput of 9.0 requests/s at most, with 16.0 arriving.'
    """
    rate, _, best = max(rows, key=lambda row: row[2])
    return f"{runs} reach a goodput of {best:.1f} requests/s at most, with {rate:.1f} arriving."


def _at(point: GoodputAtRate) -> str:
    return (
        f"At {point.rate_per_s:.1f} requests/s {_share(point)} keep both limits: "
        f"goodput {point.goodput_per_s:.1f} requests/s."
    )


def _best(points: Sequence[GoodputAtRate], slo: str) -> str:
    best = max(points, key=lambda point: point.goodput_per_s)
    said = (
        f"The highest goodput is {best.goodput_per_s:.1f} requests/s, with {best.rate_per_s:.1f} "
        f"requests/s arriving ({limits(slo)})."
    )
    last = points[-1]
    return said if last is best else f"{said} {_at(last)}"


def _share(point: GoodputAtRate) -> str:
    return f"{100 * point.share_met:.0f} %"


def _seconds(value_s: float) -> str:
    return f"{value_s:g} s" if value_s >= 1 else f"{1e3 * value_s:g} ms"
