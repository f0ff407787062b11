"""How much of the TTFT is queue, load by load."""

from __future__ import annotations

from collections.abc import Sequence

from inference_lab.experiments.queue import TtftAtLoad
from inference_lab.lab.plots.style import HAIRLINE, LINES, Drawn, in_style, name_end, new_axes


@in_style
def queue_share(points: Sequence[TtftAtLoad]) -> Drawn:
    """The share of the queue in TTFT over the load, for the mean and for the p99."""
    fig, axes = new_axes(height=3)
    loads = [100 * point.load for point in points]
    curves = {
        "p99": [100 * point.p99_queue_share for point in points],
        "mean": [100 * point.mean_queue_share for point in points],
    }
    said = []
    for (name, shares), look in zip(curves.items(), LINES, strict=False):
        axes.plot(loads, shares, **look)
        name_end(axes, name, loads[-1], shares[-1])
        pairs = ", ".join(
            f"{s:.0f} % at load {x:.0f} %" for x, s in zip(loads, shares, strict=True)
        )
        said.append(f"Queue in the {name} TTFT: {pairs}.")
    axes.axhline(50, color=HAIRLINE, linewidth=0.75, zorder=0)
    axes.annotate("half", (100, 50), xytext=(0, 3), textcoords="offset points", ha="right")
    axes.set(
        ylim=(0, 100),
        xlim=(0, 100),
        xlabel="load, % of its time on prefill",
        ylabel="queue in TTFT, %",
        title="The higher the load, the more of TTFT is queue, first in the tail",
    )
    return fig, "\n".join(said)
