"""A replica of the macro-step engine that also keeps spans."""

from __future__ import annotations

from array import array

from inference_lab.physics.costs import Costs
from inference_lab.serving.macro.chain_cache import ChainCache
from inference_lab.serving.macro.cost_table import CostTable
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.macro.run import Run
from inference_lab.serving.spans import Spans
from inference_lab.serving.tenants import Queue


class RecordedReplica(MacroReplica):
    """Tells the log's `Spans` what its ancestor does; made only when spans are wanted.

    Attributes
    ----------
    lengths, growths_s : array of int, of float
        Of each stretch: its steps, and by how much each is longer than the one before.
    again : list of (int, float, float)
        Tokens that a prefill handed out which was not the first of its request: the request, when
        it got the token before, and the gap.
    """

    __slots__ = ("again", "growths_s", "lengths", "spans")

    def __init__(
        self,
        index: int,
        costs: Costs,
        table: CostTable,
        run: Run,
        queue: Queue,
        cache: ChainCache | None,
    ) -> None:
        super().__init__(index, costs, table, run, queue, cache)
        self.spans: Spans = run.log.spans  # type: ignore[assignment] # else no such replica is made
        self.lengths, self.growths_s = array("q"), array("d")
        self.again: list[tuple[int, float, float]] = []

    def push(self, i: int, now_s: float) -> None:
        """Queue request `i`."""
        self.spans.wait(i, self.index, now_s)
        super().push(i, now_s)

    def fire(self, now_s: float) -> None:
        """End the running stretch or iteration."""
        spans, chunks = self.spans, self.chunks
        self.run.gateway.now_s = now_s  # `admit` is not told
        spans.work(self.index, "prefill" if chunks else "decode", self.started_s, now_s)
        for i, _ in chunks:
            read_s = self.started_s + self.fetch_s.get(i, 0.0)
            spans.fetch(i, self.index, self.started_s, read_s)
            spans.read(i, self.index, read_s, now_s)
        if self.steps:
            self.lengths.append(self.steps)
            self.growths_s.append(self.growth_s)
        for i, tokens in chunks:
            goal = self.run.goals[i]
            if goal > self.run.prompts[i] and self.prefilling[i] + tokens == goal:
                last_s = self.run.last_token_s[i]
                self.again.append((i, last_s, now_s - last_s))
        super().fire(now_s)  # the gateway tells who has ended
        for i, _ in chunks:
            if i in self.running:
                spans.join(i, self.index, now_s)

    def admit(self) -> tuple[int, int]:
        """Start the head of the queue."""
        i, missing = super().admit()
        if not missing:
            self.spans.join(i, self.index, self.run.gateway.now_s)
        return i, missing

    def pre_empt(self, now_s: float) -> int:
        """The newest loses its KV-cache."""
        i = super().pre_empt(now_s)
        self.spans.wait(i, self.index, now_s)
        return i

    def clear(self, now_s: float) -> list[int]:
        """Void the running iteration and the KV-cache."""
        started_s, decoded = self.started_s, self.decoded
        held = [*self.prefilling, *self.running]
        here = super().clear(now_s)
        if self.decoded > decoded:
            self.spans.work(self.index, "decode", started_s, self.stretches_s[-1])
            self.lengths.append(self.decoded - decoded)
            self.growths_s.append(self.growth_s)
        for i in held:
            self.spans.wait(i, self.index, now_s)
        return here
