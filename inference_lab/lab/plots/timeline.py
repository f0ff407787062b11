"""The life of a few requests, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inference_lab.lab.plots.style import LOOKS, SOFT, WIDTH_INCHES, Drawn, in_style, new_axes
from inference_lab.lab.tokens import label
from inference_lab.serving.parts import BESIDE
from inference_lab.serving.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 26
"""Requests of one picture: each has a letter, and a row that can still be read."""

OTHERS_PROMPT = "another's prompt"

HIGH = 0.55  # a bar, of its row
LETTER_POINTS = 5.5  # width of a small letter, about

Piece = tuple[str, float, float]
"""A part, or another's prompt; its start and its end in ms."""


@in_style
def timeline(result: Result) -> Drawn:
    """The life of each request on one axis, part by part, as its client sees it.

    Parameters
    ----------
    result : Result
        At most `MOST` requests, simulated with ``spans=True``.

    Returns
    -------
    (Figure, str)
        The picture and its reading.

    Raises
    ------
    ValueError
        If there are no spans, or too many requests.
    """
    requests = len(result.arrival_s)
    if result.spans is None:
        raise ValueError("result has no spans: simulate(..., spans=True) keeps them")
    if requests > MOST:
        raise ValueError(f"result has {requests} requests: draw at most {MOST}")
    fig, axes = new_axes(height=1.2 + 0.6 * requests)
    said = []
    drawn: list[tuple[int, Piece]] = []
    for i in range(requests):
        name = chr(ord("A") + i)
        pieces = pieces_ms(result, i)
        if not pieces:
            axes.text(1e3 * float(result.arrival_s[i]), name, str(result.outcome[i]))
            said.append(f"{name}: {result.outcome[i]}.")
            continue
        for part, start_ms, end_ms in pieces:
            axes.barh(name, end_ms - start_ms, left=start_ms, height=HIGH, **LOOKS[part])
            drawn.append((i, (part, start_ms, end_ms)))
        if result.served[i]:
            first_ms = 1e3 * float(result.arrival_s[i] + result.ttft_s[i])
            axes.text(first_ms, i - 0.34, "first token ▾", ha="right", fontsize="small")
        said.append(f"{name}: {_reading(result, i, pieces)}.")
    axes.set_ylim(requests - 0.4, -0.7)
    axes.set_xlim(left=-2)  # room for the edge of a part that starts at 0
    axes.set_xlabel("time, ms")
    axes.set_title("A request waits, reads its prompt, then writes", pad=16)
    _name_parts(axes, drawn)
    return fig, "\n".join(said)


def pieces_ms(result: Result, i: int) -> list[Piece]:
    """The life of request `i` as its client sees it, in ms; no two pieces overlap.

    A stay in the batch is cut where its replica processes prompts: the request gets no token of
    its own pace there.
    """
    spans = result.spans
    own = spans[spans["request"] == i]
    if not len(own):
        return []
    now_ms = 1e3 * float(result.arrival_s[i])
    pieces: list[Piece] = []
    for part in BESIDE:
        part_ms = 1e3 * float(np.nan_to_num(result.ttft_parts[part][i]))
        if part_ms > 0:
            pieces.append((part, now_ms, now_ms + part_ms))
            now_ms += part_ms
    later_ms = now_ms - 1e3 * float(own["start_s"][0])
    reads = spans[(spans["request"] == -1) & (spans["part"] == "prefill")]
    for row in own:
        start_ms, end_ms = 1e3 * float(row["start_s"]), 1e3 * float(row["end_s"])
        cuts = reads[reads["replica"] == row["replica"]] if row["part"] == "decode" else []
        for cut in cuts:
            from_ms = max(start_ms, 1e3 * float(cut["start_s"]))
            until_ms = min(end_ms, 1e3 * float(cut["end_s"]))
            if from_ms < until_ms:
                if start_ms < from_ms:
                    pieces.append(("decode", start_ms + later_ms, from_ms + later_ms))
                pieces.append((OTHERS_PROMPT, from_ms + later_ms, until_ms + later_ms))
                start_ms = until_ms
        if start_ms < end_ms:
            pieces.append((str(row["part"]), start_ms + later_ms, end_ms + later_ms))
    return pieces


def _reading(result: Result, i: int, pieces: list[Piece]) -> str:
    if not result.served[i]:
        waited_ms = pieces[-1][2] - 1e3 * float(result.arrival_s[i])
        return f"{result.outcome[i]} after {waited_ms:.1f} ms"
    parts = {part: 1e3 * float(seconds[i]) for part, seconds in result.ttft_parts.items()}
    summed = " + ".join(f"{ms:.1f} {label(part)}" for part, ms in parts.items() if ms > 0)
    said = f"TTFT {1e3 * result.ttft_s[i]:.1f} ms = {summed}"
    if result.output_tokens[i] == 1:
        return said
    longest_ms = 1e3 * float(result.max_itl_s[i])
    mean_ms = 1e3 * float(result.tpot_s[i])
    if not any(part == OTHERS_PROMPT for part, _, _ in pieces):
        return f"{said}; gaps of {mean_ms:.1f} ms between tokens"
    return (
        f"{said}; gaps of {mean_ms:.1f} ms between tokens in the mean, one of {longest_ms:.1f} ms"
    )


def _name_parts(axes: Axes, drawn: list[tuple[int, Piece]]) -> None:
    """Each part is named once, below its longest piece that has the room."""
    per_letter_ms = LETTER_POINTS / 72 * np.diff(axes.get_xlim())[0] / WIDTH_INCHES
    taken: list[tuple[int, float, float]] = []
    for part in dict.fromkeys(part for _, (part, _, _) in drawn):
        name = part if part == OTHERS_PROMPT else label(part)
        half_ms = per_letter_ms * len(name) / 2
        pieces = sorted(
            (start - end, row, start, end) for row, (p, start, end) in drawn if p == part
        )
        spots = [(row, max((start + end) / 2, half_ms)) for _, row, start, end in pieces]
        free = [
            (row, at)
            for row, at in spots
            if all(row != r or at + half_ms < a or at - half_ms > b for r, a, b in taken)
        ]
        row, at = (free or spots)[0]
        taken.append((row, at - half_ms, at + half_ms))
        axes.text(at, row + HIGH / 2 + 0.2, name, ha="center", color=SOFT, fontsize="small")
