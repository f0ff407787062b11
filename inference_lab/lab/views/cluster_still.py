"""The still of a cluster view: the instant at which the request arrives that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inference_lab.lab.replay import TICK_S, ReplayLog
from inference_lab.lab.tokens import colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from inference_lab.lab.views.cluster import ClusterView, Side

BELT_S = 0.7
BEYOND = 1.5  # the strip reaches to so many limits, the belt at least to this
WIDTH, LANE, STRIP = 11.0, 0.30, 1.1  # inches


def still(view: ClusterView) -> bytes:
    """A PNG of the lanes and of TTFT over time, for readers without a running notebook."""
    from matplotlib.figure import Figure

    from inference_lab.lab.figure import png

    lanes = len(view.cluster.fleet)
    heights = [LANE * min(lanes, 16) + 0.4, STRIP]
    fig = Figure(figsize=(WIDTH, sum(heights) + 0.9), layout="constrained")
    axes = fig.subplots(2, len(view.sides), squeeze=False, height_ratios=heights)
    now = int(view.sides[0].log["arrival"][view.focus])
    for side, (upper, lower) in zip(view.sides, axes.T, strict=True):
        _belts(upper, side, now, view.focus, view.limit_s, lanes)
        _strip(lower, side.log, now, view.focus, view.limit_s)
    return png(fig)


def _belts(axes: Axes, side: Side, now: int, focus: int, limit_s: float, lanes: int) -> None:
    """Prompts where they will be read: the distance from the right is the wait that remains."""
    log = side.log
    there = (log["queued"] >= 0) & (log["queued"] <= now) & (log["read_until"] > now)
    for i in np.flatnonzero(there):
        start, end = ((log[name][i] - now) * TICK_S * 1e3 for name in ("read_from", "read_until"))
        part = "queue" if start > 0 else "prefill"
        axes.barh(
            log["replica"][i],
            end - max(0, start),
            left=max(0, start),
            height=0.7,
            color=colour(part),
            edgecolor=colour("ink") if i == focus else colour("ground"),
            linewidth=2 if i == focus else 0.5,
            zorder=3 if i == focus else 2,
        )
    axes.axvline(limit_s * 1e3, color=colour("ink"), linewidth=1.5, zorder=1)
    axes.set_xlim(max(BELT_S, BEYOND * limit_s) * 1e3, 0)
    axes.set_ylim(lanes - 0.5, -0.5)
    if lanes <= 16:
        axes.set_yticks(range(lanes))
    axes.set_ylabel("replica")
    axes.set_xlabel("waiting (orange) and being read (blue): ms from now")
    late = int((log.ttft_s > limit_s).sum())
    axes.set_title(f"{side.router}: {late:,} late of {len(log.requests):,}", loc="left")
    _plain(axes)


def _strip(axes: Axes, log: ReplayLog, now: int, focus: int, limit_s: float) -> None:
    """TTFT of each request over its arrival; what lies beyond the scale lies at its edge."""
    arrival_s = log["arrival"] * TICK_S
    top_ms = BEYOND * limit_s * 1e3
    ttft_ms = np.minimum(np.nan_to_num(log.ttft_s, nan=np.inf) * 1e3, top_ms)
    late = ttft_ms > limit_s * 1e3
    for which, size, ink in ((~late, 1.2, "soft"), (late, 9, "ink")):
        axes.scatter(arrival_s[which], ttft_ms[which], s=size, color=colour(ink), linewidths=0)
    axes.scatter(
        arrival_s[focus], ttft_ms[focus], s=60, facecolors="none", edgecolors=colour("ink")
    )
    axes.axhline(limit_s * 1e3, color=colour("ink"), linewidth=1)
    axes.text(0, limit_s * 1e3, f"limit {limit_s * 1e3:,.0f} ms", va="bottom", fontsize=9)
    axes.axvline(now * TICK_S, color=colour("ink"), linewidth=1.5)
    axes.set_ylim(0, 1.05 * top_ms)
    axes.set_xlim(0, arrival_s[-1])
    axes.set_ylabel("TTFT, ms")
    axes.set_xlabel("arrival, s")
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
