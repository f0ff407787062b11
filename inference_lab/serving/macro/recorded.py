"""A replica of the macro-step engine that also keeps spans."""

from __future__ import annotations

from inference_lab.physics.costs import Costs
from inference_lab.serving.macro.cost_table import CostTable
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.macro.run import Run
from inference_lab.serving.prefix_cache import PrefixCache
from inference_lab.serving.spans import Spans
from inference_lab.serving.tenants import Queue


class RecordedReplica(MacroReplica):
    """Tells the log's `Spans` what its ancestor does; made only when spans are wanted."""

    __slots__ = ("spans",)

    def __init__(
        self,
        index: int,
        costs: Costs,
        table: CostTable,
        run: Run,
        queue: Queue,
        cache: PrefixCache | None,
    ) -> None:
        super().__init__(index, costs, table, run, queue, cache)
        self.spans: Spans = run.log.spans  # type: ignore[assignment] # else no such replica is made

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
        for i in held:
            self.spans.wait(i, self.index, now_s)
        return here
