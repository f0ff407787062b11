"""A replica of the macro-step engine whose tenants share fairly: it counts what each was served.

While a batch only decodes, a tenant gets a token a step for each of its sequences, so counters are
needed, and brought up to date, only when somebody comes or goes.
"""

from __future__ import annotations

from collections import Counter

from inference_lab.serving.fair import FairQueue
from inference_lab.serving.macro.recorded import RecordedReplica
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.macro.running import ended_steps


class FairReplica(MacroReplica):
    """Tells its `FairQueue` what its ancestor does; made only for a fair queue."""

    __slots__ = ()
    queue: FairQueue

    def push(self, i: int, now_s: float) -> None:
        """Queue request `i`; whoever is the head then, may be able to start."""
        self._count(ended_steps(self, now_s)[0])
        super().push(i, now_s)
        if self.steps > 1:
            self.table.newcomer(self, now_s)

    def fire(self, now_s: float) -> None:
        """End the running stretch or iteration."""
        chunks, outstanding = self.chunks, self.outstanding
        self._count(self.steps)
        self.queue.counted_steps = 0
        super().fire(now_s)
        for i, _ in chunks:
            if i not in self.prefilling:
                self.queue.served(i, 1)
        if self.outstanding < outstanding:
            self.queue.choose()

    def clear(self, now_s: float) -> list[int]:
        """Void the running iteration and the KV-cache."""
        self._count(ended_steps(self, now_s)[0])
        self.queue.counted_steps = 0
        return super().clear(now_s)

    def _count(self, steps: int) -> None:
        """So many steps of the running stretch have ended."""
        queue = self.queue
        more = steps - queue.counted_steps
        if more:
            queue.counted_steps = steps
            for tenant, sequences in Counter(map(queue.tenants.__getitem__, self.running)).items():
                queue.counters[tenant][1] += more * sequences


class RecordedFairReplica(RecordedReplica, FairReplica):
    """The same, and it keeps spans."""

    __slots__ = ()
