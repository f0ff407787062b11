"""The view of lesson 03: a leaf at work, its uplinks as a pipe whose width is dragged."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import traitlets

from inference_lab.experiments.leaf import (
    FRAME_S,
    HOSTS,
    NIC_GBIT_PER_S,
    RATE_PER_S,
    LeafRun,
    chat_on_a_leaf,
)
from inference_lab.lab.views.base import LabView, view
from inference_lab.lab.views.leaf_still import drawn

SECONDS = 8
NICS_GBIT_PER_S = HOSTS * NIC_GBIT_PER_S
UPLINKS_GBIT_PER_S = (200, NICS_GBIT_PER_S)  # 8:1 to 1:1
STEP_GBIT_PER_S = 50
FULL = 0.999  # of the uplinks: they carry all they can


@view("leaf")
class LeafView(LabView):
    """Sixteen hosts send through NICs, a leaf and its uplinks; eight seconds of it can be played.

    The width of the uplinks is dragged; a switch says whether KV-cache moves, or text alone.
    """

    uplinks_gbit_per_s = traitlets.Int(
        400, min=UPLINKS_GBIT_PER_S[0], max=UPLINKS_GBIT_PER_S[1]
    ).tag(sync=True)
    kv_moves = traitlets.Bool(True).tag(sync=True)
    bounds = traitlets.List([*UPLINKS_GBIT_PER_S, STEP_GBIT_PER_S]).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.observe(self._simulate, ["uplinks_gbit_per_s", "kv_moves"])
        self._simulate()

    def _simulate(self, change: object = None) -> None:
        self.run = run_of(self.uplinks_gbit_per_s, self.kv_moves)
        self.picture = picture(self.run, self.kv_moves)

    def still(self) -> str:
        """The leaf in its worst frame, and the whole run."""
        return drawn(self.picture)


@lru_cache(maxsize=64)
def run_of(uplinks_gbit_per_s: float, kv_moves: bool) -> LeafRun:
    """What is simulated for one position of the controls."""
    return chat_on_a_leaf(uplinks_gbit_per_s, kv_moves, SECONDS)


def code(uplinks_gbit_per_s: float, kv_moves: bool) -> str:
    """The program that gives the run shown."""
    return "\n".join(
        [
            "from inference_lab.experiments.leaf import chat_on_a_leaf",
            "",
            "run = chat_on_a_leaf(",
            f"    uplinks_gbit_per_s={uplinks_gbit_per_s:g}, kv_moves={kv_moves}, "
            f"seconds={SECONDS}",
            ")",
            "print(run.uplinks_use.mean(), run.message_s.mean())",
        ]
    )


def ratio(uplinks_gbit_per_s: float) -> str:
    """The oversubscription of the leaf, as people write it.

    >>> ratio(400), ratio(650)
    ('4:1', '2.46:1')
    """
    return f"{NICS_GBIT_PER_S / uplinks_gbit_per_s:.3g}:1"


def picture(run: LeafRun, kv_moves: bool) -> dict[str, Any]:
    """What the view draws and reads, in Gb/s and Gb."""
    return {
        "hosts": HOSTS,
        "nic_gbit_per_s": NIC_GBIT_PER_S,
        "uplinks_gbit_per_s": run.uplinks_gbit_per_s,
        "ratio": ratio(run.uplinks_gbit_per_s),
        "kv_moves": kv_moves,
        "part": "kv_transfer" if kv_moves else "network",
        "frame_s": FRAME_S,
        "wanted": _short(run.wanted_gbit_per_s),
        "sent": _short(run.sent_gbit_per_s),
        "waiting": _short(run.waiting_gbit),
        "worst": int(np.argmax(run.waiting_gbit.sum(axis=1))),
        "reading": reading(run, kv_moves),
        "code": code(run.uplinks_gbit_per_s, kv_moves),
    }


def reading(run: LeafRun, kv_moves: bool) -> str:
    """The picture in words."""
    at = f"{ratio(run.uplinks_gbit_per_s)}, {HOSTS * RATE_PER_S} requests/s"
    wanted = run.wanted_gbit_per_s.mean()
    if not kv_moves:
        use = 100 * wanted / run.uplinks_gbit_per_s
        return (
            f"{at}, text alone: {HOSTS} hosts send {wanted * 1e3:,.0f} Mb/s, "
            f"{1e3 * wanted / HOSTS:.1f} each: {100 * wanted / NICS_GBIT_PER_S:.1g} % of a NIC "
            f"and {use:.1g} % of the uplinks. Nobody would notice the ratio."
        )
    alone = run_of(NICS_GBIT_PER_S, kv_moves).message_s
    p99_ms, alone_ms = (1e3 * np.percentile(each, 99) for each in (run.message_s, alone))
    full = 100 * (run.uplinks_use >= FULL).mean()
    return (
        f"{at}, KV-cache moves: {HOSTS} hosts want {wanted:,.0f} Gb/s, the uplinks carry "
        f"{run.uplinks_gbit_per_s:,.0f} and are full {full:.0f} % of the time. "
        f"At the end {run.waiting_gbit[-1].sum() / 8:,.1f} GB wait. "
        f"One KV-cache in a hundred takes {p99_ms:,.0f} ms or more "
        f"({alone_ms:,.0f} ms at 1:1)."
    )


def _short(values: np.ndarray) -> list[Any]:
    """With four digits: what crosses to the script."""
    flat = [float(f"{each:.4g}") for each in values.ravel()]
    if values.ndim == 1:
        return flat
    width = values.shape[1]
    return [flat[i : i + width] for i in range(0, len(flat), width)]
