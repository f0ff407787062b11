"""Slowed costs: a replica whose iterations all take so many times as long."""

from __future__ import annotations

from collections.abc import Sequence

from inference_lab.physics.costs import Chunk, Costs, Line


class Slowed(Costs):
    """Other costs, each so many times as large; memory and service stay.

    Parameters
    ----------
    costs : Replica or AffineReplica
        What an iteration takes at full speed.
    factor : float
        How many times as long it takes.
    """

    def __init__(self, costs: Costs, factor: float) -> None:
        self.costs, self.factor = costs, factor
        self.max_batch, self.kv_capacity_tokens = costs.max_batch, costs.kv_capacity_tokens
        self.scheduler, self.token_budget = costs.scheduler, costs.token_budget
        self.frontend_s = costs.frontend_s

    def iteration_s(self, chunks: Sequence[Chunk], batch: int, context_tokens: int) -> float:
        """Seconds of an iteration over prompt `chunks` and `batch` decoding sequences."""
        return self.factor * self.costs.iteration_s(chunks, batch, context_tokens)

    def decode_lines(self, batch: int) -> tuple[Line, ...]:
        """The decode step of a batch as lines over its context; the largest holds."""
        return tuple((self.factor * s, self.factor * m) for s, m in self.costs.decode_lines(batch))
