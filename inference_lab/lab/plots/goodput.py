"""Goodput over the rate at which requests arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inference_lab.experiments.goodput import GoodputAtRate
from inference_lab.lab.plots.style import GREY, LINES, Drawn, name_end, new_axes

GOOD_SHARE = 0.95
"""From here on we call a service good: 95 of 100 requests meet both limits."""


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
        name_end(axes, name, rates[-1], points[-1].goodput_per_s)
        best = max(points, key=lambda point: point.goodput_per_s)
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
    axes.plot([0, longest], [0, longest], color=GREY, linewidth=0.8)
    axes.annotate("all good", (longest, longest), xytext=(-52, -4), textcoords="offset points")
    axes.set(
        xlim=(0, 1.2 * longest),  # room for the names
        ylim=(0, None),
        xlabel="requests/s that arrive",
        ylabel="good requests/s",
        title="Past its edge a replica works as hard, and serves almost nobody in time",
    )
    return fig, "\n".join(said)
