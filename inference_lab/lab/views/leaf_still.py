"""The still of the leaf view: the leaf in its worst frame, and what its hosts want over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inference_lab.lab.plots.style import EDGE, HAIRLINE, LIMIT, RC, SOFT, WIDTH_INCHES
from inference_lab.lab.still import still
from inference_lab.lab.tokens import colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NIC, LEAF, UPLINKS, SPINE = (30, 60), (60, 62), (62, 92), (92, 94)
"""Where they stand, in parts of the width."""


def drawn(picture: dict[str, Any]) -> str:
    """HTML of the still; `picture` is what the view shows."""
    import matplotlib.pyplot as plt

    with plt.rc_context(RC):
        fig, (pipes, strip) = plt.subplots(
            2, figsize=(WIDTH_INCHES, 5.2), height_ratios=(1.7, 1), layout="constrained"
        )
        _pipes(pipes, picture)
        _strip(strip, picture)
        shown = still(fig, picture["reading"])
    plt.close(fig)
    return shown


def _pipes(axes: Axes, picture: dict[str, Any]) -> None:
    part, queue = ({"facecolor": colour(name), **EDGE} for name in (picture["part"], "queue"))
    outline = {"facecolor": "none", "edgecolor": SOFT, "linewidth": 0.75}
    worst, nic = picture["worst"], picture["nic_gbit_per_s"]
    sent, waiting = picture["sent"][worst], picture["waiting"][worst]
    end, left = nic * picture["hosts"], NIC[0]
    for host, (rate, gbit) in enumerate(zip(sent, waiting, strict=True)):
        y = end - nic * (host + 1)  # the first host on top
        length = min(gbit / nic * 10, left - 8)  # ten parts are a second of the NIC
        axes.broken_barh([(left - length, length)], (y + 15, nic - 30), **queue)
        axes.broken_barh([(left, NIC[1] - left)], (y, nic), **outline)
        axes.broken_barh([(left, NIC[1] - left)], (y + 4, rate * 0.92), **part)
    for low, high in (LEAF, SPINE):
        axes.broken_barh([(low, high - low)], (0, end), facecolor=HAIRLINE)
    width, uplinks = UPLINKS[1] - UPLINKS[0], picture["uplinks_gbit_per_s"]
    axes.broken_barh([(UPLINKS[0], width)], (0, sum(sent)), **part)
    axes.broken_barh([(UPLINKS[0], width)], (0, uplinks), **outline)
    words = f"{picture['ratio']}, uplinks of {uplinks:,.0f} Gb/s"
    axes.text(UPLINKS[0] + 0.5, uplinks + 20, words, va="bottom")
    for name, (low, high) in (("leaf", LEAF), ("spine", SPINE)):
        axes.text((low + high) / 2, end + 20, name, ha="center", va="bottom")
    axes.text(left, end + 20, f"NICs of {nic} Gb/s", va="bottom")
    axes.text(left - 0.5, end + 20, "waits", va="bottom", ha="right", color=SOFT)
    axes.set(xlim=(0, 96), ylim=(-20, end + 150), xticks=[], yticks=[nic / 2, end - nic / 2])
    axes.set_yticklabels([f"host {picture['hosts']}", "host 1"])
    axes.tick_params(axis="y", length=0)
    axes.set_title(f"A leaf after {(worst + 1) * picture['frame_s']:.1f} s")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _strip(axes: Axes, picture: dict[str, Any]) -> None:
    times = [picture["frame_s"] * i for i in range(len(picture["wanted"]) + 1)]
    carried = [sum(each) for each in picture["sent"]]
    axes.stairs(carried, times, fill=True, color=colour(picture["part"]))
    axes.stairs(picture["wanted"], times, color=colour("ink"), linewidth=1)
    axes.axhline(picture["uplinks_gbit_per_s"], **LIMIT)
    end = picture["nic_gbit_per_s"] * picture["hosts"]
    axes.set(xlim=(0, times[-1]), ylim=(0, end), xlabel="time, s", ylabel="Gb/s")
    axes.set_title("Line: what the hosts want in each 0.1 s. Filled: what the uplinks carry")
