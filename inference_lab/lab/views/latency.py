"""The view of lesson 05: move the load, see TTFT split into queue and prefill."""

from __future__ import annotations

from typing import Any

import traitlets

import inference_lab as il
from inference_lab.experiments.queue import TtftAtLoad, chat_prompts, ttft_at_load
from inference_lab.lab.plots.style import LOOKS
from inference_lab.lab.views.axis import axis_end
from inference_lab.lab.views.base import LabView, script, style_sheet
from inference_lab.lab.views.code import program

REQUESTS = 2000
LOAD_PERCENT = (5, 90)  # above 90 % two thousand requests are too few for a steady queue
SLO_S = 0.450  # p99 TTFT of the interactive scenario, Llama-2-70B: MLPerf Inference rules 5.0
PROMPTS = {
    "512 tokens": 512,
    "2,048 tokens": 2048,
    "8,192 tokens": 8192,
    "chat trace (mean 1,162 tokens)": None,
}


class LatencyView(LabView):
    """A slider for the load of one replica; TTFT of its requests as two bars and a curve.

    Parameters
    ----------
    replica : Replica or AffineReplica
        What is simulated: 2,000 requests at each position, with answers of one token.
    """

    _esm = script("latency")
    _css = style_sheet("latency")
    load_percent = traitlets.Int(LOAD_PERCENT[0]).tag(sync=True)
    prompts = traitlets.Enum(list(PROMPTS), "2,048 tokens").tag(sync=True)
    choices = traitlets.List(list(PROMPTS)).tag(sync=True)
    bounds = traitlets.List(list(LOAD_PERCENT)).tag(sync=True)

    def __init__(self, replica: il.Replica | il.AffineReplica, **traits: Any) -> None:
        super().__init__(**traits)
        self.replica = replica
        self._chat = chat_prompts(REQUESTS)
        self._ends_ms: dict[str, float] = {}
        self.observe(self._simulate, ["load_percent", "prompts"])
        self._simulate()

    def _simulate(self, change: object = None) -> None:
        self.point = self._at(self.load_percent)
        drawn = picture(self.point, self.prompts, self._end_ms())
        self.picture = drawn | {"code": code(self.replica, self.load_percent, self.prompts)}

    def _at(self, load_percent: int) -> TtftAtLoad:
        length = PROMPTS[self.prompts]
        prompts = self._chat if length is None else length
        return ttft_at_load(self.replica, load_percent / 100, prompts, requests=REQUESTS)

    def _end_ms(self) -> float:
        """One scale for all loads of a prompt length, so that the eye can compare them."""
        if self.prompts not in self._ends_ms:
            highest_s = self._at(LOAD_PERCENT[1]).p99_s
            self._ends_ms[self.prompts] = axis_end(1e3 * max(highest_s, SLO_S))
        return self._ends_ms[self.prompts]

    def still(self) -> bytes:
        """The two bars."""
        return _still(self.picture)


def code(replica: object, load_percent: int, prompts: str) -> str:
    """The program that gives the point shown."""
    length = PROMPTS[prompts]
    names = "ttft_at_load" if length else "chat_prompts, ttft_at_load"
    tokens = length or f"chat_prompts({REQUESTS})"
    return program(
        replica,
        f"queue import {names}",
        f"point = ttft_at_load(replica, {load_percent} / 100, {tokens}, requests={REQUESTS})",
        "print(point)",
    )


def picture(point: TtftAtLoad, prompts: str, end_ms: float) -> dict[str, Any]:
    """What the view draws and reads: times in ms, where their axes end, and the sentence."""
    bars = {
        "mean": (point.mean_queue_s * 1e3, point.mean_prefill_s * 1e3),
        "p99": (point.p99_queue_s * 1e3, point.p99_prefill_s * 1e3),
    }
    return {
        "load_percent": round(point.load * 100),
        "prompts": prompts,
        "slo_ms": SLO_S * 1e3,
        "end_ms": end_ms,
        "bars": [
            {"name": name, "queue_ms": queue, "prefill_ms": prefill, "text": _sum(queue, prefill)}
            for name, (queue, prefill) in bars.items()
        ],
        "reading": reading(point),
    }


def reading(point: TtftAtLoad) -> str:
    """The picture in words."""
    met = "within" if point.p99_s <= SLO_S else "above"
    return (
        f"At load {100 * point.load:.0f} % ({point.rate_per_s:.3g} requests/s): "
        f"mean TTFT {_sum(point.mean_queue_s * 1e3, point.mean_prefill_s * 1e3)}; "
        f"p99 TTFT {_sum(point.p99_queue_s * 1e3, point.p99_prefill_s * 1e3)}. "
        f"The queue makes {100 * point.p99_queue_share:.0f} % of the p99, "
        f"which is {met} the limit of {SLO_S * 1e3:.0f} ms."
    )


def _sum(queue_ms: float, prefill_ms: float) -> str:
    return f"{queue_ms + prefill_ms:.0f} ms = {queue_ms:.0f} queue + {prefill_ms:.0f} prefill"


def _still(drawn: dict[str, Any]) -> bytes:
    """The two bars, for readers without a running notebook."""
    import matplotlib.pyplot as plt

    from inference_lab.lab.figure import png

    fig, axes = plt.subplots(figsize=(7, 2))
    names = [bar["name"] for bar in drawn["bars"]]
    queue = [bar["queue_ms"] for bar in drawn["bars"]]
    prefill = [bar["prefill_ms"] for bar in drawn["bars"]]
    axes.barh(names, queue, label="queue", **LOOKS["queue"])
    last = axes.barh(names, prefill, left=queue, label="prefill", **LOOKS["prefill"])
    axes.bar_label(last, [bar["text"] for bar in drawn["bars"]], padding=4)
    axes.invert_yaxis()
    axes.margins(x=0.7)
    axes.set_title(f"Load {drawn['load_percent']} %, {drawn['prompts']}", loc="left")
    axes.set_xlabel("TTFT, ms")
    axes.legend(ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
    axes.spines[["top", "right"]].set_visible(False)
    bytes_ = png(fig)
    plt.close(fig)
    return bytes_
