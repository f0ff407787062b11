"""The view of batches: more users on one replica, more tokens a second, longer TPOT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

import inference_lab as il
from inference_lab.experiments.batching import TpotAtUsers, tpot_at_users
from inference_lab.lab.plots.style import COLOURS, INK
from inference_lab.lab.views.axis import axis_end
from inference_lab.lab.views.base import LabView, script, style_sheet
from inference_lab.lab.views.code import program

STEPS = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 80, 96, 112, 128, 160, 192, 208, 224, 240, 256)
PROMPT_TOKENS, OUTPUT_TOKENS = 2048, 128
SLO_S = 0.040  # p99 TPOT of the interactive scenario, Llama-2-70B: MLPerf Inference rules 5.0


class BatchView(LabView):
    """A slider for the users of one replica; TPOT and tokens a second as two curves.

    Parameters
    ----------
    replicas : dict of str to Replica or AffineReplica
        What can be chosen, by name; each move simulates a closed loop on the one chosen.
    """

    _esm = script("batch")
    _css = style_sheet("batch")
    users = traitlets.Enum(STEPS, STEPS[0]).tag(sync=True)
    stack = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    steps = traitlets.List(list(STEPS)).tag(sync=True)

    def __init__(
        self, replicas: Mapping[str, il.Replica | il.AffineReplica], **traits: Any
    ) -> None:
        names = list(replicas)
        super().__init__(choices=names, **({"stack": names[0]} | traits))
        self.replicas = dict(replicas)
        self.visited: dict[str, dict[int, TpotAtUsers]] = {}
        self._scale = {
            name: (self._at(name, STEPS[0]), self._at(name, STEPS[-1])) for name in replicas
        }
        self.observe(self._simulate, ["users", "stack"])
        self._simulate()

    @traitlets.validate("stack")
    def _known(self, proposal: dict[str, Any]) -> str:
        if proposal["value"] not in self.choices:
            raise traitlets.TraitError(f"stack={proposal['value']!r} is none of {self.choices}")
        return proposal["value"]

    def _at(self, stack: str, users: int) -> TpotAtUsers:
        return tpot_at_users(self.replicas[stack], users, PROMPT_TOKENS, OUTPUT_TOKENS)

    def _simulate(self, change: object = None) -> None:
        self.point = self._at(self.stack, self.users)
        self.visited.setdefault(self.stack, {})[self.users] = self.point
        drawn = picture(self.point, self.stack, self.visited, self._scale)
        self.picture = drawn | {"code": code(self.replicas[self.stack], self.users)}

    def still(self) -> bytes:
        """Both curves of the replica that is chosen."""
        return _still([self._at(self.stack, users) for users in STEPS], self.stack)


def code(replica: object, users: int) -> str:
    """The program that gives the point shown."""
    return program(
        replica,
        "batching import tpot_at_users",
        "point = tpot_at_users(",
        f"    replica, users={users}, prompt_tokens={PROMPT_TOKENS}, output_tokens={OUTPUT_TOKENS}",
        ")",
        "print(point)",
    )


def picture(
    point: TpotAtUsers,
    stack: str,
    visited: Mapping[str, Mapping[int, TpotAtUsers]],
    scale: Mapping[str, tuple[TpotAtUsers, TpotAtUsers]],
) -> dict[str, Any]:
    """What the view draws and reads; `scale` has each stack's points of one user and of most."""
    full = [scale[name][1] for name in visited]
    return {
        "users": point.users,
        "stack": stack,
        "slo_ms": SLO_S * 1e3,
        "tpot_end_ms": axis_end(1.1e3 * max(SLO_S, *(one.tpot_s for one in full))),
        "tokens_end": axis_end(1.1 * max(one.output_tokens_per_s for one in full)),
        "curves": [
            {
                "name": name,
                "users": sorted(points),
                "tpot_ms": [points[n].tpot_s * 1e3 for n in sorted(points)],
                "tokens_per_s": [points[n].output_tokens_per_s for n in sorted(points)],
            }
            for name, points in visited.items()
        ],
        "reading": reading(point, stack, scale[stack][0]),
    }


def reading(point: TpotAtUsers, stack: str, alone: TpotAtUsers) -> str:
    """The picture in words; `alone` is the same replica with one user."""
    met = "kept" if point.tpot_s <= SLO_S else "broken"
    users = "1 user" if point.users == 1 else f"{point.users} users"
    digits = 2 if round(point.tpot_s * 1e3, 1) == SLO_S * 1e3 else 1  # else "40.0 is above 40"
    said = (
        f"At {users} ({stack}): TPOT {point.tpot_s * 1e3:.{digits}f} ms, "
        f"{point.output_tokens_per_s:,.0f} tokens/s; the limit of {SLO_S * 1e3:.0f} ms is {met}."
    )
    if point.users > 1:
        more = point.output_tokens_per_s / alone.output_tokens_per_s
        longer = point.tpot_s / alone.tpot_s
        said += f" Against one user: {more:.1f} times the tokens/s, {longer:.1f} times the TPOT."
    if point.waiting:
        said += f" There is room for {point.room} users; {point.waiting} wait in the queue."
    return said


def _still(points: list[TpotAtUsers], stack: str) -> bytes:
    """The two curves over all positions, for readers without a running notebook."""
    import matplotlib.pyplot as plt

    from inference_lab.lab.figure import png

    fig, (upper, lower) = plt.subplots(2, figsize=(7.5, 4.6), sharex=True, layout="constrained")
    users = [point.users for point in points]
    tpot_ms = [point.tpot_s * 1e3 for point in points]
    upper.plot(users, tpot_ms, color=COLOURS["decode"], marker="o", markersize=4)
    upper.axhline(SLO_S * 1e3, color=INK, linestyle="--")
    upper.text(1, SLO_S * 1e3, f"limit {SLO_S * 1e3:.0f} ms", va="bottom")
    upper.set_ylabel("TPOT, ms")
    upper.set_title(
        f"{stack}: prompts {PROMPT_TOKENS:,}, answers {OUTPUT_TOKENS} tokens", loc="left"
    )
    tokens = [point.output_tokens_per_s for point in points]
    lower.plot(users, tokens, color=INK, marker="s", markersize=4)
    lower.set_ylabel("tokens/s")
    lower.set_xlabel("users")
    for axes in (upper, lower):
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
    bytes_ = png(fig)
    plt.close(fig)
    return bytes_
