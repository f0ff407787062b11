"""Prefill and decode under the roof of a GPU."""

from __future__ import annotations

from collections.abc import Sequence

from inference_lab.experiments.roofline import Step
from inference_lab.lab.plots.style import COLOURS, GREY, MARKERS, Drawn, new_axes
from inference_lab.physics.hardware import GPU

BESIDE = {  # the roof rises to the right: numbers stand above it on the left, below it on the right
    "left": {"xytext": (-8, 4), "ha": "right"},
    "top": {"xytext": (-4, 9), "ha": "left"},
    "decode": {"xytext": (8, -14), "ha": "left"},
}


def roofline_picture(steps: Sequence[Step], gpu: GPU) -> Drawn:
    """Where prefills and decode steps stand under the roof of a GPU.

    Parameters
    ----------
    steps : sequence of Step
        What is marked: squares for prefills, circles for decode steps.
    gpu : GPU
        Whose bf16 roof is drawn.
    """
    fig, axes = new_axes(height=3.6)
    peak, ridge = gpu.bf16_flop_per_s, gpu.ridge_flop_per_byte
    ends = [0.5, ridge, 2e4]
    axes.plot(ends, [min(peak, x * gpu.hbm_bytes_per_s) / 1e12 for x in ends], color="#333333")
    axes.axvline(ridge, color=GREY, linestyle="--")
    axes.text(ridge * 0.9, 2, f"ridge {ridge:.0f} FLOP/B", ha="right")
    said = [f"The ridge is at {ridge:.0f} FLOP for each byte."]
    for step in steps:
        reached = min(peak, step.intensity * gpu.hbm_bytes_per_s)
        phase, _, size = step.name.partition(" ")
        look = {"marker": MARKERS[phase], "color": COLOURS[phase]}
        spot = (step.intensity, reached / 1e12)
        axes.plot(*spot, label=phase, linestyle="", markeredgecolor="black", markersize=8, **look)
        side = "left" if step.intensity < ridge else "top"
        beside = BESIDE["decode" if phase == "decode" else side]
        axes.annotate(size, spot, textcoords="offset points", **beside)
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
    axes.set_title(f"Left of the ridge the memory is the limit ({gpu.name})")
    handles, labels = axes.get_legend_handles_labels()
    unit = {"prefill": "prefill (tokens)", "decode": "decode (users)"}
    first = {label: handle for label, handle in zip(labels[::-1], handles[::-1], strict=True)}
    axes.legend(first.values(), [unit[label] for label in first], loc="lower right")
    return fig, "\n".join(said)


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %" if share < 0.1 else f"{100 * share:.0f} %"
