"""The view of lesson 05: move the load, see TTFT split into queue and prefill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

import inference_lab as il
from inference_lab.experiments.queue import TtftAtLoad, chat_prompts, ttft_at_load
from inference_lab.lab.views.base import LabView, view
from inference_lab.lab.views.code import program
from inference_lab.lab.views.latency_still import drawn
from inference_lab.lab.views.limit import LIMIT_SHARE

PIECES = ("queue_ms", "prefill_ms", "frontend_ms")  # of a bar, from left to right
REQUESTS = 2000
DRAWS = 5  # of the arrivals; they show how much a p99 of so few requests varies
LOAD_PERCENT = (5, 90)  # above 90 % two thousand requests are too few for a steady queue
OUTLINE_PERCENT = (5, 20, 30, 40, 50, 60, 70, 80, 90)
SLO_MS = 450  # p99 TTFT of the interactive scenario, Llama-2-70B: MLPerf Inference rules 5.0
SLOS_MS = (50, 5000)
PROMPTS = {
    "512 tokens": 512,
    "2,048 tokens": 2048,
    "8,192 tokens": 8192,
    "chat trace (mean 1,162 tokens)": None,
}


@view("latency")
class LatencyView(LabView):
    """A slider for the load of one replica; TTFT of its requests as two bars and a curve.

    The range of the p99 over a few draws is there from the start; where the learner goes, the
    curve of the middle draw is drawn sharply. The limit can be dragged.

    Parameters
    ----------
    replica : Replica or AffineReplica
        What is simulated: 2,000 requests at each position, with answers of one token.
    """

    load_percent = traitlets.Int(LOAD_PERCENT[0]).tag(sync=True)
    prompts = traitlets.Enum(list(PROMPTS), "2,048 tokens").tag(sync=True)
    limit_ms = traitlets.Int(SLO_MS, min=SLOS_MS[0], max=SLOS_MS[1]).tag(sync=True)
    choices = traitlets.List(list(PROMPTS)).tag(sync=True)
    bounds = traitlets.List(list(LOAD_PERCENT)).tag(sync=True)
    limits = traitlets.List(list(SLOS_MS)).tag(sync=True)

    def __init__(self, replica: il.Replica | il.AffineReplica, **traits: Any) -> None:
        super().__init__(**traits)
        self.replica = replica
        self._chat = chat_prompts(REQUESTS)
        self._known: dict[tuple[str, int, int], TtftAtLoad] = {}
        self.visited: dict[str, dict[int, TtftAtLoad]] = {}
        self.observe(self._simulate, ["load_percent", "prompts", "limit_ms"])
        self._simulate()

    def _simulate(self, change: object = None) -> None:
        draws = self.draws(self.load_percent)
        self.point, seed = middle(draws)
        visited = self.visited.pop(self.prompts, {})  # the last is the one that is shown
        self.visited[self.prompts] = visited | {self.load_percent: self.point}
        self.picture = picture(draws, self.prompts, self.limit_ms) | {
            "outline": self._outline(),
            "curves": [
                curve(name, points, self._middle_draws(name))
                for name, points in self.visited.items()
            ][-2:],
            "code": code(self.replica, self.load_percent, self.prompts, seed),
        }

    def draws(self, load_percent: int) -> list[TtftAtLoad]:
        """The draws of the arrivals at one load; the `middle` one is the one that is read."""
        return [self._at(load_percent, seed) for seed in range(DRAWS)]

    def _at(self, load_percent: int, seed: int) -> TtftAtLoad:
        key = (self.prompts, load_percent, seed)
        if key not in self._known:
            length = PROMPTS[self.prompts]
            prompts = self._chat if length is None else length
            self._known[key] = ttft_at_load(
                self.replica, load_percent / 100, prompts, requests=REQUESTS, seed=seed
            )
        return self._known[key]

    def _middle_draws(self, prompts: str) -> dict[int, TtftAtLoad]:
        """All loads simulated so far with these prompts, in the draw that is read."""
        loads: dict[int, list[TtftAtLoad]] = {}
        for (name, load, _), point in self._known.items():
            if name == prompts:
                loads.setdefault(load, []).append(point)
        return {load: middle(points)[0] for load, points in loads.items()}

    def _outline(self) -> list[list[float]]:
        """Load, least and largest p99 of the draws, mean of the middle one, in per cent and ms."""
        rows = []
        for load in sorted({*OUTLINE_PERCENT, *self.visited[self.prompts]}):
            draws = self.draws(load)
            p99_ms = _p99_ms(draws)
            rows.append([load, min(p99_ms), max(p99_ms), 1e3 * middle(draws)[0].mean_s])
        return rows

    def still(self) -> str:
        """The two bars and the range, for readers without a running notebook."""
        return drawn(self.picture)


def middle(draws: Sequence[TtftAtLoad]) -> tuple[TtftAtLoad, int]:
    """The draw with the middle p99, and its place: no p99 is quoted that most draws exceed."""
    order = sorted(range(len(draws)), key=lambda seed: draws[seed].p99_s)
    seed = order[len(order) // 2]
    return draws[seed], seed


def code(replica: object, load_percent: int, prompts: str, seed: int) -> str:
    """The program that gives the point shown."""
    length = PROMPTS[prompts]
    names = "ttft_at_load" if length else "chat_prompts, ttft_at_load"
    tokens = length or f"chat_prompts({REQUESTS})"
    drawn = f"requests={REQUESTS}, seed={seed}"
    return program(
        replica,
        f"queue import {names}",
        f"point = ttft_at_load(replica, {load_percent} / 100, {tokens}, {drawn})",
        "print(point)",
    )


def picture(draws: Sequence[TtftAtLoad], prompts: str, limit_ms: float) -> dict[str, Any]:
    """What the view draws and reads: times in ms, and the sentence."""
    point, _ = middle(draws)
    bars = {
        "mean": (point.mean_queue_s, point.mean_prefill_s, point.frontend_s),
        "p99": (point.p99_queue_s, point.p99_prefill_s, point.frontend_s),
    }
    p99_ms = _p99_ms(draws)
    return {
        "load_percent": round(point.load * 100),
        "prompts": prompts,
        "limit_ms": limit_ms,
        "limit_share": LIMIT_SHARE,
        "draws": len(draws),
        "bars": [
            {"name": name} | {key: 1e3 * s for key, s in zip(PIECES, seconds, strict=True)}
            for name, seconds in bars.items()
        ],
        "p99_range_ms": [min(p99_ms), max(p99_ms)],
        "reading": reading(draws, limit_ms),
    }


def curve(
    prompts: str, visited: Mapping[int, TtftAtLoad], known: Mapping[int, TtftAtLoad]
) -> dict[str, Any]:
    """One length of prompts from the least to the largest load visited.

    Each point is a load in per cent, mean and p99 in ms, and whether it was visited: what lies
    between visited loads was simulated for the range, and no line leaves it out.
    """
    points = {load: known[load] for load in known if min(visited) <= load <= max(visited)}
    points |= visited
    return {
        "name": prompts,
        "points": [
            [load, 1e3 * points[load].mean_s, 1e3 * points[load].p99_s, load in visited]
            for load in sorted(points)
        ],
    }


def reading(draws: Sequence[TtftAtLoad], limit_ms: float) -> str:
    """The picture in words."""
    point, _ = middle(draws)
    p99_ms = point.p99_s * 1e3
    met = "above" if p99_ms > limit_ms else "within"
    if met == "above" and f"{p99_ms:.0f}" == f"{limit_ms:.0f}":
        met = "just above"
    low, high = (f(_p99_ms(draws)) for f in (min, max))
    return (
        f"At load {100 * point.load:.0f} % ({point.rate_per_s:.3g} requests/s): "
        f"mean TTFT {_sum(point.mean_queue_s, point.mean_prefill_s, point.frontend_s)}; "
        f"p99 TTFT {_sum(point.p99_queue_s, point.p99_prefill_s, point.frontend_s)}. "
        f"The queue makes {100 * point.p99_queue_share:.0f} % of the p99, "
        f"which is {met} the limit of {limit_ms:,.0f} ms. "
        f"It rests on the {REQUESTS // 100} slowest of {REQUESTS:,} requests and is the middle one "
        f"of {len(draws)} draws, {low:,.0f} to {high:,.0f} ms."
    )


def _p99_ms(draws: Sequence[TtftAtLoad]) -> list[float]:
    return [1e3 * point.p99_s for point in draws]


def _sum(queue_s: float, prefill_s: float, frontend_s: float) -> str:
    total_ms, front = (
        1e3 * (queue_s + prefill_s + frontend_s),
        f" + {1e3 * frontend_s:.0f} front end",
    )
    return (
        f"{total_ms:.0f} ms = {1e3 * queue_s:.0f} queue + {1e3 * prefill_s:.0f} prefill"
        f"{front if frontend_s else ''}"
    )
