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
    "network": {"facecolor": GREY, "edgecolor": "#222222", "linewidth": 2},  # else 1 ms is not seen
    "queue": {"facecolor": ORANGE, "hatch": "//", "edgecolor": "#5c4000"},
    "prefill": {"color": BLUE},
    "gap": {"facecolor": "white", "hatch": "..", "edgecolor": "#555555"},
    "decode": {"facecolor": "#cfe3f3", "edgecolor": BLUE},
}

LOOKS_OF_PHASE = {
    "prefill": {"marker": "s", "color": BLUE},
    "decode": {"marker": "o", "color": ORANGE},
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
        gap_ms = longest_ms - step_ms
        spans += [("gap", gap_ms)] if gap_ms > step_ms else []
        spans += [("decode", step_ms)] * steps
        start_ms = 1e3 * float(result.arrival_s[index])
        _spans(axes, name, start_ms, spans)
        first_ms = start_ms + 1e3 * float(result.ttft_s[index])
        axes.text(first_ms, index - 0.34, "first token ▾", ha="right", fontsize="small")
        summed = " + ".join(f"{ms:.1f} {part}" for part, ms in parts.items() if ms > 0)
        longest = f", one of {longest_ms:.1f} ms" if gap_ms > step_ms else ""
        said.append(
            f"{name}: TTFT {1e3 * result.ttft_s[index]:.1f} ms = {summed}; "
            f"gaps of {step_ms:.1f} ms between tokens{longest}."
        )
    axes.invert_yaxis()
    axes.set_xlabel("time, ms")
    axes.set_title("A request waits, reads its prompt, then writes", pad=16)
    handles, labels = axes.get_legend_handles_labels()
    drawn = dict(zip(labels, handles, strict=True))
    unique = {part: drawn[part] for part in LOOKS if part in drawn}
    axes.legend(
        unique.values(), unique.keys(), ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.4)
    )
    return fig, "\n".join(said)


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
    axes.text(ridge * 0.9, 2, f"ridge {ridge:.0f} FLOP/B", ha="right")
    said = [f"The ridge is at {ridge:.0f} FLOP for each byte."]
    for step in steps:
        reached = min(peak, step.intensity * gpu.hbm_bytes_per_s)
        phase, _, size = step.name.partition(" ")
        look = LOOKS_OF_PHASE[phase]
        spot = (step.intensity, reached / 1e12)
        axes.plot(*spot, label=phase, linestyle="", markeredgecolor="black", markersize=8, **look)
        left = (
            step.intensity < ridge
        )  # there the roof rises to the right: its labels stand left of it
        beside = {"xytext": (-8, 4), "ha": "right"} if left else {"xytext": (-4, 9), "ha": "left"}
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
    return fig, "\n".join(said)


def _axes(height: float) -> tuple[Figure, Axes]:
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(figsize=(7.5, height))
    axes.spines[["top", "right"]].set_visible(False)
    return fig, axes
