"""The still of the goodput view: its range, and the points of a run."""

from __future__ import annotations

from typing import Any

from inference_lab.lab.plots.style import HAIRLINE, LINES, RC, SOFT, new_axes
from inference_lab.lab.still import still
from inference_lab.lab.tokens import colour


def drawn(picture: dict[str, Any]) -> str:
    """HTML of the still; `picture` is what the view shows."""
    import matplotlib.pyplot as plt

    end, points = picture["goodput_end_per_s"], picture["curve"]["points"]
    with plt.rc_context(RC):
        fig, axes = new_axes(3)
        axes.set(xlim=(0, picture["end_per_s"]), ylim=(0, end), title=f"Good: {picture['limits']}")
        axes.set(xlabel="requests/s that arrive", ylabel="goodput, requests/s")
        axes.plot([0, end], [0, end], color=HAIRLINE, zorder=0)
        rates, low, high = zip(*picture["range"], strict=True)
        axes.fill_between(
            rates, low, high, facecolor=colour("faint"), edgecolor=SOFT, linewidth=0.75
        )
        top = max(range(len(high)), key=high.__getitem__)
        axes.annotate(
            picture["range_words"],
            (rates[top], high[top]),
            xytext=(8, 4),
            textcoords="offset points",
            color=SOFT,
        )
        if points:
            rate = [point["rate_per_s"] for point in points]
            axes.plot(rate, [point["goodput_per_s"] for point in points], **LINES[0])
        shown = still(fig, picture["reading"])
    plt.close(fig)
    return shown
