"""The life of a few requests, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_lab.lab.plots.style import LOOKS, Drawn, in_style, new_axes
from inference_lab.serving.metrics import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@in_style
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
    fig, axes = new_axes(height=1.2 + 0.6 * len(result.arrival_s))
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
        spans += [("another's prompt", gap_ms)] if gap_ms > step_ms else []
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
    axes.set_xlim(left=-2)  # room for the edge of a part that starts at 0
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
