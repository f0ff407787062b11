"""The view of a cluster: replicas as lanes, prompts on their belts, answers in their cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import traitlets

import inference_lab as il
from inference_lab.lab.focus import PARTED_S, partings, worst
from inference_lab.lab.page import checked, page
from inference_lab.lab.pinned import Pinned, moved
from inference_lab.lab.replay import PAUSE_S, TICK_S, ReplayLog, cells, log_of
from inference_lab.lab.tokens import PARTS, label
from inference_lab.lab.troubles import troubles_of
from inference_lab.lab.views.base import LabView, view
from inference_lab.lab.views.cluster_still import drawn
from inference_lab.lab.views.cluster_words import ROUTER_NAMES, code, outcome, reading, shown_name
from inference_lab.serving.router import ROUTERS, Router

CELL_TOKENS = 2048
LEAD_S = 0.3  # the picture stands so long before the request that it is about
MOST_MOVED = 2000  # requests of a run that is simulated again while the hand waits
RATE_PERCENT = (50, 150)
RATE_STEP = 5
TTFT_SLO_S = 0.45  # p99 TTFT, interactive scenario, Llama-2-70B: MLPerf Inference rules 5.0


@dataclass(frozen=True)
class Side:
    """One policy in the picture.

    Parameters
    ----------
    router : str
        Its name as shown.
    pins : dict of int to int
        The replica of each request that was moved by hand.
    log : ReplayLog
        What was simulated.
    """

    router: str
    pins: Mapping[int, int]
    log: ReplayLog


@view("cluster")
class ClusterView(LabView):
    """A replay of one workload under one or two routing policies, side by side.

    Parameters
    ----------
    cluster : Cluster
        Its router is replaced by those of `routers`.
    workload : Workload
        The requests, the same for both policies.
    routers : dict of str to (str or callable)
        One or two to begin with, by the names shown; every router of the package can be chosen.
    limit_s : float
        The TTFT beyond which a request is late.
    seed : int
        Of the routers' random choices.
    request : int, optional
        What the picture is about; by default the late request that waits longest.
    """

    ask = traitlets.Dict().tag(sync=True)
    live = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        cluster: il.Cluster,
        workload: il.Workload,
        routers: Mapping[str, str | Router],
        limit_s: float = TTFT_SLO_S,
        seed: int = 0,
        request: int | None = None,
        **traits: Any,
    ) -> None:
        super().__init__(**traits)
        self.cluster, self.workload, self.limit_s, self.seed = cluster, workload, limit_s, seed
        self.routers = {ROUTER_NAMES[name]: name for name in ROUTERS} | dict(routers)
        self.percent = 100
        self.sides = [self._side(name, {}, 100) for name in routers]
        self.focus = self._focus(request)
        self._show()
        self.observe(self._answer, "ask")

    def _side(self, router: str, pins: Mapping[int, int], percent: int) -> Side:
        policy: str | Router = self.routers[router]
        if pins:
            policy = Pinned(policy, pins)
        workload = self.workload
        if percent != 100:
            workload = replace(workload, arrival_s=workload.arrival_s * 100 / percent)
        cluster = replace(self.cluster, router=policy)
        result = il.simulate(cluster, workload, seed=self.seed, spans=True)
        return Side(router, dict(pins), log_of(result, cluster))

    def _focus(self, request: int | None) -> int:
        logs = [side.log for side in self.sides]
        if np.isnan(logs[0].ttft_s).all():
            raise ValueError(
                f"workload={self.workload!r}: no request is served, so there is nothing to see; "
                "replica.advice(tokens) says what would hold so many tokens"
            )
        if request is not None:
            if np.isnan(logs[0].ttft_s[request]):
                raise ValueError(f"request={request}: it gets no token; choose one that does")
            return request
        late = worst(logs[0], self.limit_s, *logs[1:])
        return int(np.nanargmax(logs[0].ttft_s)) if late is None else late

    def _answer(self, change: dict[str, Any]) -> None:
        """Simulate what the hand asked for; what cannot be is said, and the picture stays."""
        ask = change["new"]
        before = self.sides
        if refusal := self._unmovable():
            return self._show(refusal, ask["number"])
        try:
            percent = int(ask["percent"])
            after = [
                self._side(one["router"], _whole(one["pins"]), percent) for one in ask["sides"]
            ]
            said = _change(before, after)
            self.sides, self.percent = after, percent
        except Exception as error:  # a router of the learner's may raise anything
            said = f"This cannot be simulated: {type(error).__name__}: {error}"
        self._show(said, ask["number"])

    def _unmovable(self) -> str:
        """Why this run is not simulated again; nothing if it can be."""
        n = len(self.workload)
        if n <= MOST_MOVED:
            return ""
        return (
            f"This run has {n:,} requests: up to {MOST_MOVED:,} are simulated again while you "
            "wait. Give replay() fewer of them."
        )

    def _show(self, said: str = "", number: int = 0) -> None:
        logs = [side.log for side in self.sides]
        tenants = () if self.workload.tenant is None else self.workload.tenant
        self.picture = {
            "number": number,
            "said": said,
            "focus": self.focus,
            "lead_ms": LEAD_S * 1e3,
            "partings": partings(*logs) if len(logs) == 2 else [],
            "parted_ms": PARTED_S * 1e3,
            "limit_ms": self.limit_s * 1e3,
            "tick_ms": TICK_S * 1e3,
            "cell_tokens": CELL_TOKENS,
            "cells": cells(self.cluster, CELL_TOKENS),
            "routers": list(self.routers),
            "percent": self.percent,
            "percents": [*RATE_PERCENT, RATE_STEP] if not self.workload.concurrency else None,
            "requests_per_s": len(self.workload) / float(np.ptp(self.workload.arrival_s) or 1),
            "pause_ms": PAUSE_S * 1e3,
            "labels": {part: label(part) for part in PARTS},
            "unmovable": self._unmovable(),
            "troubles": troubles_of(self.cluster),
            "tenants": [str(tenant) for tenant in dict.fromkeys(tenants)],
            "fetches": any("kv_transfer" in log.parts for log in logs),
            "caches": any("cached_tokens" in log.more for log in logs),
            "resends": any("retries" in log.more for log in logs),
            "sides": [
                {"name": side.router, "pins": side.pins, "log": side.log.packed()}
                for side in self.sides
            ],
            "reading": reading(self.sides, self.focus, self.limit_s),
            "outcome": outcome(self.sides, self.limit_s),
            "code": code(self),
        }

    def save_html(self, path: str | Path, title: str = "A cluster at work") -> Path:
        """Write the replay as one page that needs neither a kernel nor another address.

        Raises
        ------
        ValueError
            If the path does not end in ``.html``, or its folder does not exist.
        """
        path = checked(path)
        state = {"picture": self.picture, "live": False}
        path.write_text(page(self._esm, self._css, state, title), encoding="utf-8")
        return path

    def still(self) -> str:
        """The instant at which the request arrives that the picture is about."""
        return drawn(self.sides, self.focus, self.limit_s, len(self.cluster.fleet))


def _whole(pins: Mapping[str, int]) -> dict[int, int]:
    return {int(request): int(replica) for request, replica in pins.items()}


def _change(before: list[Side], after: list[Side]) -> str:
    """What was simulated again after the last move of the hand, and which first tokens moved."""
    told = []
    for old, new in zip(before, after, strict=True):
        if np.array_equal(old.log.requests, new.log.requests) and old.pins == new.pins:
            continue
        pinned = [i for i in new.pins if new.pins[i] != old.pins.get(i)]
        request = pinned[-1] if pinned else None
        since = "simulated again from the start."
        if request is not None:
            since = (
                f"simulated again from {new.log['arrival'][request] * TICK_S:.2f} s on, as if "
                f"request {request} had been sent to replica {new.pins[request]} at its arrival."
            )
        words = moved(old.log.ttft_s, new.log.ttft_s, request)
        told.append(f"{shown_name(new.router)}: {since} {words}")
    return " ".join(told)
