"""A student's router in a simulation: each decision is asked of the boxed child."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from inference_lab.grading import routed
from inference_lab.grading.line import Child, Stopped
from inference_lab.serving.router import ReplicaView
from inference_lab.traffic.workload import Request


class BoxedRouter:
    """A router for `inference_lab.Cluster` whose decisions a boxed child takes.

    A decision is one record there (see `routed`) and one number back. Left out, because no scenario
    has them: `prefix_blocks`, `session`, `tenant` (None in the child), `zone` and cached tokens
    (0). The child's `rng` is its own.

    Parameters
    ----------
    child : Child
        A child that has loaded the router's cell.
    """

    def __init__(self, child: Child) -> None:
        self.child = child
        self.record: struct.Struct | None = None

    def __deepcopy__(self, memo: object) -> BoxedRouter:
        """For one run: what it remembers is the child's, and a child is not copied."""
        return BoxedRouter(self.child)

    def __call__(
        self, request: Request, replicas: Sequence[ReplicaView], rng: np.random.Generator
    ) -> int:
        """The child's choice.

        Raises
        ------
        Stopped
            If the code raised, took too long, or chose no replica.
        ValueError
            If the scenario shows a router what the record does not carry.
        """
        if self.record is None:
            self.record = routed.record(len(replicas))
            self._refuse_unsent(request, replicas)
        state: list[Any] = [request.index, request.arrival_s, request.prompt_tokens]
        for replica in replicas:
            state += (replica.outstanding, replica.queued_tokens)
        self.child.send(self.record.pack(*state))
        while (choice := self._choice()) == routed.ASKS:
            free = [replica.free_blocks for replica in replicas]
            self.child.send(routed.blocks(len(free)).pack(*free))
        if choice == routed.FAILED:
            self.child.receive()
            raise Stopped("no answer", "the failure of a decision came without its reason")
        if not 0 <= choice < len(replicas):
            said = f"returned {choice}: a router returns an index from 0 to {len(replicas) - 1}"
            raise Stopped("wrong", said)
        return choice

    def _choice(self) -> int:
        return routed.CHOICE.unpack(self.child.read(routed.CHOICE.size))[0]

    @staticmethod
    def _refuse_unsent(request: Request, replicas: Sequence[ReplicaView]) -> None:
        unsent = [n for n in ("prefix_blocks", "session", "tenant") if getattr(request, n)]
        if unsent or any(replica.zone for replica in replicas):
            what = ", ".join(unsent) or "zone"
            raise ValueError(f"a policy exercise whose routers see {what} cannot be graded")
