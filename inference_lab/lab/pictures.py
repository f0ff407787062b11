"""Still pictures of the lessons, each with its reading: ``show(*timeline(result))``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inference_lab.physics.hardware import GPU
from inference_lab.serving.metrics import Result

from .experiments import TtftAtLoad
from .roofline import Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#1b6ca8", "#e69f00", "#8a8a8a"
LOOKS = {  # each part has a fill and a hatch of its own, so that grey prints can be read
    "network": {"color": GREY},
    "queue": {"facecolor": ORANGE, "hatch": "//", "edgecolor": "#5c4000"},
    "prefill": {"color": BLUE},
    "stalled": {"facecolor": "white", "hatch": "..", "edgecolor": "#555555"},
    "decode": {"facecolor": "#cfe3f3", "edgecolor": BLUE},
}

Drawn = tuple["Figure", str]


def timeline(result: Result) -> Drawn:
    """The life of each request on one axis, part by part.

    Parameters
    ----------
    result : Result
        A few requests of at least 3 output tokens, each with at most one interrupted gap.

    Returns
    -------
    (Figure, str)
        The picture and its reading.
    """
    fig, axes = _axes(height=1.2 + 0.6 * len(result.arrival_s))
    said = []
    for index in range(len(result.arrival_s)):
        name = "ABCDEFGH"[index]
        steps = int(result.output_tokens[index]) - 1
        decode_ms = 1e3 * float(result.e2e_s[index] - result.ttft_s[index])
        longest_ms = 1e3 * float(result.max_itl_s[index])
        step_ms = (decode_ms - longest_ms) / (steps - 1)
        parts = {p: 1e3 * float(values[index]) for p, values in result.ttft_parts.items()}
        spans = [(part, ms) for part, ms in parts.items() if ms > 0]
        stalled_ms = longest_ms - step_ms
        spans += [("stalled", stalled_ms)] if stalled_ms > step_ms else []
        spans += [("decode", step_ms)] * steps
        _spans(axes, name, 1e3 * float(result.arrival_s[index]), spans)
        summed = " + ".join(f"{ms:.1f} {part}" for part, ms in parts.items() if ms > 0)
        said.append(f"{name}: TTFT {1e3 * result.ttft_s[index]:.1f} ms = {summed}")
        gaps = f"gaps of {step_ms:.1f} ms between tokens"
        said.append(gaps + (f", one of {longest_ms:.1f} ms." if stalled_ms > step_ms else "."))
    axes.invert_yaxis()
    axes.set(xlabel="time, ms", title="A request waits, reads its prompt, then writes")
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    axes.legend(
        unique.values(), unique.keys(), ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.4)
    )
    return fig, " ".join(said[i] + "; " + said[i + 1] for i in range(0, len(said), 2))


def _spans(axes: Axes, row: str, start: float, spans: list[tuple[str, float]]) -> None:
    for part, ms in spans:
        axes.barh(row, ms, left=start, height=0.55, label=part, **LOOKS[part])
        start += ms


def roofline_picture(steps: Sequence[Step], gpu: GPU) -> Drawn:
    """Where prefills and decode steps stand under the roof of a GPU.

    Parameters
    ----------
    steps : sequence of Step
        What is marked: squares for prefills, circles for decode steps.
    gpu : GPU
        Whose bf16 roof is drawn.
    """
    fig, axes = _axes(height=3.6)
    peak, ridge = gpu.bf16_flop_per_s, gpu.ridge_flop_per_byte
    ends = [0.5, ridge, 2e4]
    axes.plot(ends, [min(peak, x * gpu.hbm_bytes_per_s) / 1e12 for x in ends], color="#333333")
    axes.axvline(ridge, color=GREY, linestyle="--")
    axes.text(ridge * 1.1, 2, f"ridge {ridge:.0f} FLOP/B", va="bottom")
    axes.text(0.6, peak / 1e12, "left of the ridge:\nwaits for memory", va="top")
    said = [f"The ridge is at {ridge:.0f} FLOP per byte."]
    for step in steps:
        reached = min(peak, step.intensity * gpu.hbm_bytes_per_s)
        is_prefill = step.name.startswith("prefill")
        axes.plot(
            step.intensity,
            reached / 1e12,
            "s" if is_prefill else "o",
            color=BLUE if is_prefill else ORANGE,
            markeredgecolor="black",
            markersize=8,
        )
        below = {"xytext": (8, -14)} if step.intensity < ridge else {"xytext": (-8, 9)}
        axes.annotate(
            step.name, (step.intensity, reached / 1e12), textcoords="offset points", **below
        )
        share = reached / peak
        said.append(f"{step.name}: {step.intensity:.3g} FLOP/B, at most {share:.2g} of the peak;")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="FLOP for each byte read",
        ylabel="TFLOP/s of one GPU",
        title=f"Prefill is limited by computing, decode by memory ({gpu.name})",
    )
    return fig, " ".join(said).rstrip(";") + "."


def queue_share(points: Sequence[TtftAtLoad]) -> Drawn:
    """The share of the queue in TTFT over the load, for the mean and for the p99."""
    fig, axes = _axes(height=3)
    loads = [100 * point.load for point in points]
    curves = {
        "p99": ([100 * p.p99_queue_share for p in points], {"marker": "s", "color": ORANGE}),
        "mean": (
            [100 * p.mean_queue_share for p in points],
            {"marker": "o", "color": BLUE, "linestyle": "--"},
        ),
    }
    said = []
    for name, (shares, look) in curves.items():
        axes.plot(loads, shares, markeredgecolor="black", **look)
        axes.annotate(name, (loads[-1], shares[-1]), xytext=(8, -4), textcoords="offset points")
        pairs = ", ".join(
            f"{s:.0f} % at load {x:.0f} %" for x, s in zip(loads, shares, strict=True)
        )
        said.append(f"Queue in the {name} TTFT: {pairs}.")
    axes.axhline(50, color=GREY, linestyle=":")
    axes.set(
        ylim=(0, 100),
        xlim=(0, 100),
        xlabel="load, % of its time on prefill",
        ylabel="queue in TTFT, %",
        title="The more load, the more of TTFT is queue, first in the tail",
    )
    return fig, " ".join(said)


def _axes(height: float) -> tuple[Figure, Axes]:
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(figsize=(7.5, height))
    axes.spines[["top", "right"]].set_visible(False)
    return fig, axes
