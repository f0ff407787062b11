"""One replica of the macro-step engine: a queue, a batch, and the stretch or iteration that runs.

While a batch only decodes, its state after any number of steps is known in closed form (`stretch`,
`occupancy`, `gaps`): a whole stretch of steps is one event. Iterations that process prompts are
taken one by one.
"""

from __future__ import annotations

from array import array
from collections import deque
from heapq import heapify, heappush
from math import ceil, inf

from inference_lab.physics.costs import Costs
from inference_lab.serving.kv_cache import BLOCK_TOKENS, blocks_for
from inference_lab.serving.log import KV_CAPACITY, MAX_MODEL_LEN, QUEUE_FULL, SERVED
from inference_lab.serving.macro.occupancy import Occupancy
from inference_lab.serving.macro.run import CostTable, Run
from inference_lab.serving.macro.stretch import first_end


class MacroReplica:
    """See the module. Step k of the running stretch takes ``first_s + k growth_s``.

    Parameters
    ----------
    index : int
        Its place in the fleet.
    costs : Replica or AffineReplica
        For its KV capacity and largest batch.
    table : CostTable
        Its costs, shared by equal replicas.
    run : Run
        What all replicas share.

    Attributes
    ----------
    prefilling : dict of int to int
        Prompts in their prefill, and how many of their tokens are done; in the order of admission,
        and all admitted after those in `running`.
    running : dict of int to int
        Decoding sequences in the order of admission, and how many steps of this replica's life
        each needs to finish.
    finishing : list of (int, int)
        The same as a heap of (steps, sequence).
    batch, context : int
        Decoding sequences, and the tokens they hold.
    stretches_s : array of float
        Three numbers for each stretch so far: when its first step ended, how long its last and
        longest step took, and when that ended.
    """

    __slots__ = (
        "batch",
        "blocks",
        "chunks",
        "context",
        "decoded",
        "ends_s",
        "finishing",
        "first_s",
        "growth_s",
        "index",
        "max_batch",
        "outstanding",
        "prefilling",
        "queued_tokens",
        "roomy",
        "run",
        "running",
        "started_s",
        "steps",
        "stretches_s",
        "table",
        "waiting",
        "zone",
    )

    def __init__(self, index: int, costs: Costs, table: CostTable, run: Run) -> None:
        self.index, self.table, self.run = index, table, run
        self.max_batch = costs.max_batch
        self.blocks = costs.kv_capacity_tokens // BLOCK_TOKENS
        self.roomy = table.roomy
        self.outstanding = self.queued_tokens = self.zone = 0
        self.waiting: deque[int] = deque()
        self.prefilling: dict[int, int] = {}
        self.running: dict[int, int] = {}
        self.finishing: list[tuple[int, int]] = []
        self.batch = self.context = self.decoded = self.steps = 0
        self.chunks: list[tuple[int, int]] = []
        self.started_s = self.first_s = self.growth_s = 0.0
        self.ends_s = inf
        self.stretches_s = array("d")

    @property
    def free_blocks(self) -> int:
        """Blocks that nobody holds as the next request arrives, with those of the running step
        taken."""
        steps = 0
        if self.steps:
            now_s = self.run.arrivals.next_s
            steps, _ = first_end(now_s, self.started_s, self.first_s, self.growth_s)
        return self.blocks - self.reserved() - self.occupancy().blocks(steps)

    def cached_tokens(self, request: object) -> int:
        """No prefix is kept."""
        return 0

    def occupancy(self) -> Occupancy:
        """Blocks of the decoding sequences, counted one by one."""
        run, decoded = self.run, self.decoded
        return Occupancy(
            run.totals[i] - 1 - (finish - decoded) for i, finish in self.running.items()
        )

    def arrive(self, i: int) -> int:
        """Queue request `i`, or say why not; returns its outcome so far."""
        run, cluster = self.run, self.run.cluster
        if cluster.max_model_len is not None and run.totals[i] > cluster.max_model_len:
            return MAX_MODEL_LEN
        if run.most_blocks[i] > self.blocks:
            return KV_CAPACITY
        if cluster.max_queue is not None and len(self.waiting) >= cluster.max_queue:
            return QUEUE_FULL
        self.waiting.append(i)
        self.outstanding += 1
        self.queued_tokens += run.prompts[i]
        return SERVED

    def interrupt(self, now_s: float, step_first: bool = False) -> None:
        """End the running stretch with its present step, if the oldest waiting can then start.

        With `step_first`, the batch takes its blocks for one more step before that.
        """
        steps, ends_s = first_end(now_s, self.started_s, self.first_s, self.growth_s)
        if steps < self.steps and self._has_room(steps + step_first):
            self.steps, self.ends_s = steps, ends_s
            heappush(self.run.events, (ends_s, self.index))

    def can_admit(self, now_s: float, steps: int = 0) -> bool:
        """Whether the oldest waiting sequence may start after `steps` more steps.

        Nobody overtakes it. One whose client has given up is dropped when its turn comes.
        """
        deadline_s = self.run.deadline_s
        while self.waiting and self._has_room(steps):
            if deadline_s is None or deadline_s[self.waiting[0]] >= now_s:
                return True
            i = self.waiting.popleft()
            self.outstanding -= 1
            self.queued_tokens -= self.run.prompts[i]
            self.run.gave_up.append(i)
        return False

    def _has_room(self, steps: int) -> bool:
        admitted = self.batch + len(self.prefilling)
        if admitted < self.roomy:
            return True
        if admitted >= self.max_batch:
            return False
        return self._fits(steps, self.run.goal_blocks[self.waiting[0]])

    def _fits(self, steps: int, more_blocks: int) -> bool:
        """Whether the memory holds all that is admitted, after so many steps, and more blocks."""
        free = self.blocks - self.reserved() - more_blocks
        # Sequences of `stored` tokens hold at most (stored + 15) / 16 blocks each: mostly enough.
        if self.context + (steps + BLOCK_TOKENS - 2) * self.batch <= BLOCK_TOKENS * free:
            return True
        return self.occupancy().blocks(steps) <= free

    def reserved(self) -> int:
        """Blocks of the prompts in their prefill."""
        return sum(self.run.goal_blocks[i] for i in self.prefilling)

    def admit(self) -> tuple[int, int]:
        """Start the oldest waiting sequence; returns its index and the tokens to prefill."""
        i = self.waiting.popleft()
        run = self.run
        self.prefilling[i] = 0
        if run.deadline_s is not None:
            run.deadline_s[i] = inf
        return i, run.goals[i]

    def make_room(self) -> bool:
        """Pre-empt the newest while the next step lacks blocks; returns whether any was."""
        pre_empted = False
        while self.batch + len(self.prefilling) > self.roomy and not self._fits(1, 0):
            self._pre_empt()
            pre_empted = True
        return pre_empted

    def _pre_empt(self) -> None:
        run = self.run
        if self.prefilling:
            i, done = self.prefilling.popitem()
            self.queued_tokens += done
        else:
            i, finish = self.running.popitem()
            self.finishing.remove((finish, i))
            heapify(self.finishing)
            tokens = run.totals[i] - (finish - self.decoded)
            run.goals[i], run.goal_blocks[i] = tokens, blocks_for(tokens)
            self.batch -= 1
            self.context -= tokens
            self.queued_tokens += tokens
            until = len(self.stretches_s)
            if run.since[i] < until:
                run.spells.append((i, self.index, run.since[i], until, run.last_token_s[i]))
                run.last_token_s[i] = self.stretches_s[-1]
        self.waiting.appendleft(i)
        run.log.preemptions += 1

    def decode(self, now_s: float, one_step: bool = False) -> None:
        """Start a stretch: to the next completion, change of regime or lack of blocks.

        With `one_step`, or after a pre-emption, it is one step long: then admission is tried again.
        """
        batch = self.batch
        steps = self.finishing[0][0] - self.decoded
        if batch + len(self.prefilling) > self.roomy and not self._fits(steps, 0):
            if self.make_room():
                self.decode(now_s, one_step=True)
                return
            steps = self.occupancy().steps_within(self.blocks - self.reserved(), steps)
        if one_step:
            steps = 1
        context = self.context
        for regime in self.table.decode_regimes[batch]:
            if context < regime[2]:
                break
        start, slope, until = regime
        if until < context + steps * batch:
            steps = ceil((until - context) / batch)
        self.steps, self.started_s = steps, now_s
        self.first_s = first_s = start + slope * context
        self.growth_s = growth_s = slope * batch
        last_s = first_s + (steps - 1) * growth_s
        self.ends_s = ends_s = now_s + steps * (first_s + last_s) / 2
        heappush(self.run.events, (ends_s, self.index))

    def process(self, now_s: float, chunks: list[tuple[int, int]], seconds: float) -> None:
        """Start one iteration over prompt chunks; `steps` is 1 if the batch decodes with it."""
        self.chunks = chunks
        self.started_s, self.first_s, self.growth_s = now_s, seconds, 0.0
        self.ends_s = now_s + seconds
        heappush(self.run.events, (self.ends_s, self.index))
