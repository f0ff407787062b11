"""A replica of the macro-step engine that also keeps spans."""

from __future__ import annotations

from inference_lab.serving.macro.replica import MacroReplica


class RecordedReplica(MacroReplica):
    """Tells the log's `Spans` what its ancestor does; made only when spans are wanted."""

    __slots__ = ()

    def push(self, i: int, now_s: float) -> None:
        """Queue request `i`."""
        self.run.log.spans.wait(i, self.index, now_s)
        super().push(i, now_s)

    def fire(self, now_s: float) -> None:
        """End the running stretch or iteration."""
        spans, chunks = self.run.log.spans, self.chunks
        self.run.gateway.now_s = now_s  # `admit` is not told
        spans.work(self.index, "prefill" if chunks else "decode", self.started_s, now_s)
        for i, _ in chunks:
            spans.read(i, self.index, self.started_s, now_s)
        super().fire(now_s)  # the gateway tells who has ended
        for i, _ in chunks:
            if i in self.running:
                spans.join(i, self.index, now_s)

    def admit(self) -> tuple[int, int]:
        """Start the head of the queue."""
        i, missing = super().admit()
        if not missing:
            self.run.log.spans.join(i, self.index, self.run.gateway.now_s)
        return i, missing

    def pre_empt(self, now_s: float) -> int:
        """The newest loses its KV-cache."""
        i = super().pre_empt(now_s)
        self.run.log.spans.wait(i, self.index, now_s)
        return i

    def clear(self, now_s: float) -> list[int]:
        """Void the running iteration and the KV-cache."""
        spans, started_s, decoded = self.run.log.spans, self.started_s, self.decoded
        held = [*self.prefilling, *self.running]
        here = super().clear(now_s)
        if self.decoded > decoded:
            spans.work(self.index, "decode", started_s, self.stretches_s[-1])
        for i in held:
            spans.wait(i, self.index, now_s)
        return here
