"""The view of batches: more users on one replica, more tokens a second, longer TPOT."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import traitlets

import inference_lab as il
from inference_lab.experiments.batching import TpotAtUsers, tpot_at_users
from inference_lab.lab.plots.style import GROUND, HAIRLINE, INK, LIMIT, RC, SOFT, WIDTH_INCHES
from inference_lab.lab.still import still
from inference_lab.lab.views.axis import axis_end
from inference_lab.lab.views.base import LabView, view
from inference_lab.lab.views.code import program
from inference_lab.lab.views.limit import LIMIT_SHARE, scale_end

STEPS = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 80, 96, 112, 128, 160, 192, 208, 224, 240, 256)
PROMPT_TOKENS, OUTPUT_TOKENS = 2048, 128
SLO_MS = 40  # p99 TPOT of the interactive scenario, Llama-2-70B: MLPerf Inference rules 5.0
SLOS_MS = (5, 500)


@view("batch")
class BatchView(LabView):
    """A slider for the users of one replica; TPOT and tokens a second as two curves.

    The curves of a stack are there faintly once it is chosen, and sharply where the learner goes.
    The limit of TPOT can be dragged.

    Parameters
    ----------
    replicas : dict of str to Replica or AffineReplica
        What can be chosen, by name; a closed loop is simulated on the one chosen.
    """

    users = traitlets.Enum(STEPS, STEPS[0]).tag(sync=True)
    stack = traitlets.Unicode().tag(sync=True)
    limit_ms = traitlets.Int(SLO_MS, min=SLOS_MS[0], max=SLOS_MS[1]).tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    steps = traitlets.List(list(STEPS)).tag(sync=True)
    limits = traitlets.List(list(SLOS_MS)).tag(sync=True)

    def __init__(
        self, replicas: Mapping[str, il.Replica | il.AffineReplica], **traits: Any
    ) -> None:
        names = list(replicas)
        super().__init__(choices=names, **({"stack": names[0]} | traits))
        self.replicas = dict(replicas)
        self.curves: dict[str, list[TpotAtUsers]] = {}
        self.visited: dict[str, set[int]] = {}
        self.observe(self._simulate, ["users", "stack", "limit_ms"])
        self._simulate()

    @traitlets.validate("stack")
    def _known(self, proposal: dict[str, Any]) -> str:
        if proposal["value"] not in self.choices:
            raise traitlets.TraitError(f"stack={proposal['value']!r} is none of {self.choices}")
        return proposal["value"]

    def _simulate(self, change: object = None) -> None:
        if self.stack not in self.curves:
            replica = self.replicas[self.stack]
            self.curves[self.stack] = [
                tpot_at_users(replica, users, PROMPT_TOKENS, OUTPUT_TOKENS) for users in STEPS
            ]
        self.point = self.curves[self.stack][STEPS.index(self.users)]
        visited = self.visited.setdefault(self.stack, set())
        visited.add(self.users)
        self.picture = picture(self.point, self.stack, self.curves, visited, self.limit_ms) | {
            "code": code(self.replicas[self.stack], self.users)
        }

    def still(self) -> str:
        """Both curves of the replica that is chosen, and the point that is read."""
        points = self.curves[self.stack]
        return _still(points, self.point, self.stack, self.limit_ms, self.picture["reading"])


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
    curves: Mapping[str, Sequence[TpotAtUsers]],
    visited: Collection[int],
    limit_ms: float,
) -> dict[str, Any]:
    """What the view draws and reads; the curves of the stacks chosen so far, at all `STEPS`."""
    most = max(one.output_tokens_per_s for points in curves.values() for one in points)
    return {
        "users": point.users,
        "room": min(point.room, STEPS[-1]),
        "stack": stack,
        "visited": sorted(visited),
        "limit_ms": limit_ms,
        "limit_share": LIMIT_SHARE,
        "tokens_end": axis_end(1.1 * most),
        "curves": [
            {
                "name": name,
                "users": [one.users for one in points],
                "tpot_ms": [one.tpot_s * 1e3 for one in points],
                "tokens_per_s": [one.output_tokens_per_s for one in points],
            }
            for name, points in curves.items()
        ],
        "reading": reading(point, stack, curves[stack][0], limit_ms),
    }


def reading(point: TpotAtUsers, stack: str, alone: TpotAtUsers, limit_ms: float = SLO_MS) -> str:
    """The picture in words; `alone` is the same replica with one user."""
    met = "kept" if point.tpot_s * 1e3 <= limit_ms else "broken"
    users = "1 user" if point.users == 1 else f"{point.users} users"
    digits = 2 if round(point.tpot_s * 1e3, 1) == limit_ms else 1  # else "40.0 is above 40"
    said = (
        f"At {users} ({stack}): TPOT {point.tpot_s * 1e3:.{digits}f} ms, "
        f"{point.output_tokens_per_s:,.0f} tokens/s; the limit of {limit_ms:.0f} ms is {met}."
    )
    if point.users > 1:
        more = point.output_tokens_per_s / alone.output_tokens_per_s
        longer = point.tpot_s / alone.tpot_s
        said += f" Against one user: {more:.1f} times the tokens/s, {longer:.1f} times the TPOT."
    if point.waiting:
        said += f" There is room for {point.room} users; {point.waiting} wait in the queue."
    return said


def _still(
    points: Sequence[TpotAtUsers], here: TpotAtUsers, stack: str, limit_ms: float, alt: str
) -> str:
    """The two curves over all positions, for readers without a running notebook."""
    import matplotlib.pyplot as plt

    users = [point.users for point in points]
    with plt.rc_context(RC):
        fig, (left, right) = plt.subplots(1, 2, figsize=(WIDTH_INCHES, 2.6), layout="constrained")
        end = scale_end(limit_ms)
        left.plot(users, [1e3 * point.tpot_s for point in points], color=INK)
        left.axhline(limit_ms, **LIMIT)
        left.text(STEPS[-1], limit_ms + 0.02 * end, f"limit {limit_ms:.0f} ms", ha="right")
        left.set(ylim=(0, end), title="TPOT, ms")
        right.plot(users, [point.output_tokens_per_s for point in points], color=INK)
        right.set(ylim=(0, None), title="Output tokens/s of all users")
        for axes, value in ((left, 1e3 * here.tpot_s), (right, here.output_tokens_per_s)):
            axes.scatter(here.users, value, s=36, facecolor=GROUND, edgecolor=INK, zorder=3)
            if points[0].room < STEPS[-1]:
                axes.axvline(points[0].room, color=HAIRLINE, zorder=0)
            axes.set(xlim=(0, STEPS[-1]), xlabel=f"users at the same time ({stack})")
            axes.xaxis.label.set_color(SOFT)
        if points[0].room < STEPS[-1]:
            right.annotate(
                f"{points[0].room} fit",
                (points[0].room, 0),
                xytext=(-5, 5),
                textcoords="offset points",
                ha="right",
                color=SOFT,
            )
        shown = still(fig, alt)
    plt.close(fig)
    return shown
