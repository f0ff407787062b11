"""Prefill and decode under the roof of a GPU."""

from __future__ import annotations

from collections.abc import Sequence

from inference_lab.experiments.roofline import Step
from inference_lab.lab.plots.style import (
    COLOURS,
    HAIRLINE,
    INK,
    MARKERS,
    SOFT,
    Drawn,
    in_style,
    new_axes,
)
from inference_lab.physics.hardware import GPU

BESIDE = {  # the roof rises to the right: numbers stand above it on the left, below it on the right
    "left": {"xytext": (-8, 4), "ha": "right"},
    "top": {"xytext": (-4, 9), "ha": "left"},
    "below": {"xytext": (-4, -16), "ha": "left"},
    "decode": {"xytext": (8, -14), "ha": "left"},
}


@in_style
def roofline_picture(steps: Sequence[Step], gpu: GPU) -> Drawn:
    """Where prefills and decode steps stand under the roof of a GPU.

    Parameters
    ----------
    steps : sequence of Step
        What is marked, each kind by rising size: squares for prefills, circles for decode steps.
    gpu : GPU
        Whose bf16 roof is drawn.
    """
    fig, axes = new_axes(height=3.6)
    peak, ridge = gpu.bf16_flop_per_s, gpu.ridge_flop_per_byte
    ends = [0.5, ridge, 2e4]
    axes.plot(ends, [min(peak, x * gpu.hbm_bytes_per_s) / 1e12 for x in ends], color=INK)
    axes.axvline(ridge, color=HAIRLINE, zorder=0)
    axes.text(ridge * 1.1, 1.5, f"ridge, {ridge:.0f} FLOP/B", color=SOFT)
    said = [f"The ridge is at {ridge:.0f} FLOP for each byte."]
    flat = False
    for step in steps:
        reached = min(peak, step.intensity * gpu.hbm_bytes_per_s)
        phase, _, size = step.name.partition(" ")
        first = not any(line.startswith(phase) for line in said)
        look = {"marker": MARKERS[phase], "color": COLOURS[phase]}
        spot = (step.intensity, reached / 1e12)
        axes.plot(*spot, linestyle="", markersize=7, **look)
        side = "left"
        if step.intensity >= ridge:  # on the flat roof two neighbours would stand on each other
            side = "below" if flat else "top"
            flat = not flat
        beside = BESIDE["decode" if phase == "decode" else side]
        text = f"{phase}, {_counted(phase, size)}" if first else _counted(phase, size)
        axes.annotate(text, spot, textcoords="offset points", **beside)
        said.append(
            f"{step.name}: {step.intensity:,.0f} FLOP/B, at most {_percent(reached / peak)} of the "
            f"GPU's computing."
        )
    axes.set(
        xscale="log",
        yscale="log",
        ylim=(1, 8_000),
        xlabel="FLOP for each byte read",
        ylabel="TFLOP/s of one GPU",
    )
    axes.minorticks_off()
    axes.set_title(f"Left of the ridge memory is the limit: decode ({gpu.name})")
    return fig, "\n".join(said)


def _counted(phase: str, size: str) -> str:
    unit = "token" if phase == "prefill" else "user"
    return f"{size} {unit}" if size == "1" else f"{size} {unit}s"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %" if share < 0.1 else f"{100 * share:.0f} %"
