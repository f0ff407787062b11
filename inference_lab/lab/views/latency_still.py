"""The still of the latency view: its bars, and the range of the p99 over all loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inference_lab.lab.plots.style import (
    GROUND,
    INK,
    LIMIT,
    LOOKS,
    RC,
    SOFT,
    WIDTH_INCHES,
)
from inference_lab.lab.still import still
from inference_lab.lab.tokens import colour
from inference_lab.lab.views.limit import scale_end

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = 0.1  # of the axis: the width of the name "queue"


def drawn(picture: dict[str, Any]) -> str:
    """HTML of the still; `picture` is what the view shows."""
    import matplotlib.pyplot as plt

    with plt.rc_context(RC):
        fig, (bars, curve) = plt.subplots(
            2, figsize=(WIDTH_INCHES, 4.6), height_ratios=(1, 2.2), layout="constrained"
        )
        _bars(bars, picture)
        _curve(curve, picture)
        shown = still(fig, picture["reading"])
    plt.close(fig)
    return shown


def _bars(axes: Axes, picture: dict[str, Any]) -> None:
    end = scale_end(picture["limit_ms"])
    for row, bar in enumerate(picture["bars"]):
        total = 0.0
        for part in ("queue", "prefill", "frontend"):
            if bar[f"{part}_ms"]:  # the outline of a hollow bar would be seen at any length
                axes.barh(row, bar[f"{part}_ms"], left=total, height=0.5, **LOOKS[part])
            total += bar[f"{part}_ms"]
        beyond = " →" if total > end else ""
        axes.text(min(total, end) + 0.01 * end, row, f"{total:,.0f} ms{beyond}", va="center")
    (low, high), row = picture["p99_range_ms"], len(picture["bars"]) - 1
    axes.plot([low, high], [row + 0.38] * 2, color=INK, marker="|", markersize=6)
    last = picture["bars"][-1]
    behind = min(max(last["queue_ms"], ROOM * end), 0.8 * end)
    names = {"queue": 0.0, "prefill": behind}
    engine = last["queue_ms"] + last["prefill_ms"]
    if last["frontend_ms"] and engine < end:
        names["front end"] = max(engine, behind + ROOM * end)
    for name, left in names.items():
        axes.text(left, row - 0.34, name, color=SOFT, fontsize="small")
    axes.axvline(picture["limit_ms"], **LIMIT)
    axes.set_yticks(range(len(picture["bars"])), [bar["name"] for bar in picture["bars"]])
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set(xlim=(0, end), xticks=[0, picture["limit_ms"]])
    axes.set_xticklabels(["0", f"limit {picture['limit_ms']:,.0f} ms"])
    axes.set_title(f"TTFT at load {picture['load_percent']} %, prompts: {picture['prompts']}")


def _curve(axes: Axes, picture: dict[str, Any]) -> None:
    end = scale_end(picture["limit_ms"])
    loads, low, high, mean = zip(*picture["outline"], strict=True)
    axes.fill_between(loads, low, high, facecolor=colour("faint"), edgecolor=SOFT, linewidth=0.75)
    middle = len(loads) // 2
    axes.annotate(
        "p99, range over draws",
        (loads[middle], min(high[middle], 0.9 * end)),
        xytext=(-6, 6),
        textcoords="offset points",
        ha="right",
        color=SOFT,
    )
    axes.plot(loads, mean, color=INK)
    axes.axhline(picture["limit_ms"], **LIMIT)
    axes.text(1, picture["limit_ms"] + 0.02 * end, f"limit {picture['limit_ms']:,.0f} ms")
    here = {"x": picture["load_percent"], "clip_on": False, "zorder": 3}
    for bar, face in zip(picture["bars"], (GROUND, INK), strict=True):
        total = bar["queue_ms"] + bar["prefill_ms"] + bar["frontend_ms"]
        if total <= end:
            axes.scatter(y=total, s=36, facecolor=face, edgecolor=INK, linewidth=1.5, **here)
            axes.annotate(
                bar["name"], (here["x"], total), xytext=(5, -13), textcoords="offset points"
            )
    axes.set(xlim=(0, 100), ylim=(0, end), xlabel="load, % of its time on prefill")
    axes.set_ylabel("TTFT, ms")
