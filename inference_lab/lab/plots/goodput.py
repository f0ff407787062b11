"""Goodput over the rate at which requests arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from inference_lab.experiments.goodput import GoodputAtRate
from inference_lab.lab.plots.style import HAIRLINE, LINES, SOFT, Drawn, in_style, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GOOD_SHARE = 0.95
"""From here on we call a service good: 95 of 100 requests meet both limits."""

FALLEN = 0.75  # of the highest goodput
ROOM = 1.2  # of the highest goodput: the height of the picture


@in_style
def goodput_picture(curves: Mapping[str, Sequence[GoodputAtRate]]) -> Drawn:
    """One curve for each stack, and the line on which every request is good.

    Parameters
    ----------
    curves : dict of str to points
        Points at rising rates; at most as many curves as there are looks.
    """
    fig, axes = new_axes(height=3.4)
    said = []
    for (name, points), look in zip(curves.items(), LINES, strict=False):
        rates = [point.rate_per_s for point in points]
        axes.plot(rates, [point.goodput_per_s for point in points], **look)
        best = max(points, key=lambda point: point.goodput_per_s)
        _name_fall(axes, name, points)
        good = [point.rate_per_s for point in points if point.share_met >= GOOD_SHARE]
        kept = f"up to {max(good):.1f} requests/s" if good else "at no rate tried"
        last = points[-1]
        falls = last.goodput_per_s < best.goodput_per_s
        end = (
            f"at {rates[-1]:.1f} only {last.goodput_per_s:.1f} are left"
            if falls
            else "no fall seen"
        )
        said.append(
            f"{name}: {100 * GOOD_SHARE:.0f} % are good {kept}; the most is "
            f"{best.goodput_per_s:.1f} good requests/s at {best.rate_per_s:.1f}; {end}."
        )
    longest = max(point.rate_per_s for points in curves.values() for point in points)
    highest = max(point.goodput_per_s for points in curves.values() for point in points)
    end = min(longest, ROOM * highest)
    axes.plot([0, end], [0, end], color=HAIRLINE, zorder=0)
    axes.annotate(
        "all good", (end, end), xytext=(-16, 0), textcoords="offset points", ha="right", color=SOFT
    )
    axes.set(
        xlim=(0, 1.05 * longest),
        ylim=(0, ROOM * highest),
        xlabel="requests/s that arrive",
        ylabel="good requests/s",
        title="Past its edge a replica works as hard, and serves almost nobody in time",
    )
    return fig, "\n".join(said)


def _name_fall(axes: Axes, name: str, points: Sequence[GoodputAtRate]) -> None:
    """Curves meet at both ends; where they fall they are apart. One that does not: at its peak."""
    peak = max(points, key=lambda point: point.goodput_per_s)
    fallen = [
        point
        for point in points
        if point.rate_per_s > peak.rate_per_s and point.goodput_per_s <= FALLEN * peak.goodput_per_s
    ]
    spot = (fallen or [peak])[0]
    axes.annotate(
        name,
        (spot.rate_per_s, spot.goodput_per_s),
        xytext=(8, 7) if fallen else (9, -9),
        textcoords="offset points",
    )
