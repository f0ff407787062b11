"""One replica of the macro-step engine: a queue, a batch, and the stretch or iteration that runs.

While a batch only decodes, its state after any number of steps is known in closed form (`stretch`,
`occupancy`, `gaps`): a whole stretch of steps is one event. Iterations that process prompts are
taken one by one.
"""

from __future__ import annotations

from array import array
from heapq import heappop
from math import inf

from inference_lab.physics.costs import Costs
from inference_lab.serving.kv_cache import BLOCK_TOKENS
from inference_lab.serving.macro import caching, loss, memory
from inference_lab.serving.macro.admission import start_with, tell_tried
from inference_lab.serving.macro.chain_cache import ChainCache
from inference_lab.serving.macro.cost_table import CostTable
from inference_lab.serving.macro.ending import end_chunks
from inference_lab.serving.macro.occupancy import Occupancy
from inference_lab.serving.macro.run import Run
from inference_lab.serving.macro.running import end_stretch
from inference_lab.serving.macro.schedulers import nothing
from inference_lab.serving.tenants import Queue
from inference_lab.traffic.request import Request

Chunks = list[tuple[int, int]]
"""Sequences, and how many tokens of their prompts an iteration processes."""


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
    queue : FirstCome, Priority or FairQueue
        For those who wait.

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
    counted : Occupancy or None
        Blocks of the decoding sequences, once somebody has asked for them.
    cache : ChainCache or None
        If it keeps prompts.
    fetch_s : dict of int to float
        Seconds that the running iteration fetches KV-cache from the host, by sequence.
    seen : (int, int)
        The last question to a router that asked for the free blocks, and the answer.
    tried : (float, str, int) or None
        A boundary of the running stretch, the limit that keeps the head of the queue out there, and
        that head.
    early_blocks : int
        Blocks that sequences which joined without a prefill hold for their first step already.
    aside_blocks, aside_places : int
        Of prompts in their prefill, and of KV-cache that moves between pools.
    hands_over : bool
        Whether others decode what it prefills; see `pools`.
    stretches_s : array of float
        Three numbers for each stretch so far: when its first step ended, how long its last and
        longest step took, and when that ended.
    """

    # fmt: off
    __slots__ = (
        "aside_blocks", "aside_places", "batch", "blocks", "cache", "chunks", "context", "counted",
        "decoded", "early_blocks",
        "fetch_s", "finishing", "first_s", "growth_s", "hands_over", "index", "max_batch", "next_s",
        "outstanding", "pool", "prefilling", "queue", "queued_tokens", "roomy", "run", "running",
        "schedule", "seen", "started_s", "steps", "stretches_s", "table", "tried", "zone"
    )
    # fmt: on

    def __init__(
        self,
        index: int,
        costs: Costs,
        table: CostTable,
        run: Run,
        queue: Queue,
        cache: ChainCache | None,
    ) -> None:
        self.index, self.table, self.run = index, table, run
        self.max_batch = costs.max_batch
        self.blocks = costs.kv_capacity_tokens // BLOCK_TOKENS
        self.roomy, self.schedule = table.roomy, table.schedule
        self.outstanding = self.queued_tokens = self.zone = 0
        self.aside_blocks = self.aside_places = 0
        self.hands_over = False
        self.pool = run.gateway.living
        self.queue, self.cache = queue, cache
        self.prefilling: dict[int, int] = {}
        self.running: dict[int, int] = {}
        self.finishing: list[tuple[int, int]] = []
        self.counted: Occupancy | None = None
        self.fetch_s: dict[int, float] = {}
        self.batch = self.context = self.decoded = self.steps = self.early_blocks = 0
        self.chunks: Chunks = []
        self.started_s = self.first_s = self.growth_s = 0.0
        self.next_s = inf
        self.seen = (0, 0)
        self.tried: tuple[float, str, int] | None = None
        self.stretches_s = array("d")

    free_blocks = property(memory.free_blocks)

    @property
    def waiting(self) -> int:
        """How many wait to be admitted."""
        return len(self.queue)

    def cached_tokens(self, request: Request) -> int:
        """Tokens of a prompt that its KV-cache holds."""
        cache, i, tokens = self.cache, request.index, request.prompt_tokens
        if cache is None:
            return 0
        return caching.look_up(self, cache, i, tokens, memory.free_blocks) * cache.block_tokens

    def emitted(self, i: int) -> int:
        """Tokens that a request which does not decode has got so far."""
        return self.run.goals[i] - self.run.prompts[i]

    def push(self, i: int, now_s: float) -> None:
        """Queue request `i`; a stretch that runs may have to end early for it."""
        run = self.run
        self.queue.push(i)
        self.outstanding += 1
        self.queued_tokens += run.goals[i]
        if self.next_s == inf:
            run.ready.append(self)
        elif self.steps > 1 and (len(self.queue) == 1 or self.queue.head() == i):
            self.table.newcomer(self, now_s)

    def fire(self, now_s: float) -> None:
        """End the running stretch or iteration: count tokens and gaps, let go who is complete."""
        run, steps = self.run, self.steps
        ended: tuple[int, ...] = ()
        cache, finishing = self.cache, self.finishing
        if cache is not None and (
            (finishing and finishing[0][0] == self.decoded + steps)
            or (self.chunks and caching.gives_back(self, cache))
        ):
            caching.settle(self, cache, steps)  # else what is held only grows
        if self.tried is not None:
            tell_tried(self, now_s)
        if steps:
            log = run.log
            self.steps = self.early_blocks = 0
            self.decoded = decoded = self.decoded + steps
            tokens = self.batch * steps
            self.context += tokens
            log.tokens += tokens
            first_s = self.first_s
            last_s = first_s + (steps - 1) * self.growth_s
            self.stretches_s.extend((self.started_s + first_s, last_s, now_s))
            while finishing and finishing[0][0] == decoded:
                i = heappop(finishing)[1]
                del self.running[i]
                if self.counted is not None:
                    self.counted.leave(run.totals[i] - 1 - decoded)
                self.context -= run.totals[i]
                log.finish_s[i] = now_s
                run.until[i] = len(self.stretches_s)
                ended += (i,)
                self.batch -= 1
                self.outstanding -= 1
        if self.chunks:
            ended += end_chunks(self, now_s)
        self.next_s = inf
        run.ready.append(self)
        if ended:
            if cache is not None:
                for i in sorted(ended):
                    cache.release(i)
            run.gateway.ended(ended, now_s)
            if run.loads is not None:
                run.loads.changed(self)
        elif run.queue_loads is not None:
            run.queue_loads.changed(self)

    def admit(self) -> tuple[int, int]:
        """Start the head of the queue; returns its index and the tokens to prefill.

        Tokens that are `present` need none; where all are, it decodes at once.
        """
        i = self.queue.pop()
        run = self.run
        if run.deadline_s is not None:
            run.deadline_s[i] = inf
        if run.present and i in run.present:
            return i, start_with(self, run.present.pop(i), i)
        if self.cache is not None:
            return i, caching.start(self, self.cache, i)
        self.prefilling[i] = 0
        self.aside_blocks += run.goal_blocks[i]
        return i, run.goals[i]

    def make_room(self, now_s: float) -> bool:
        """Pre-empt somebody while the next step lacks blocks; returns whether any was."""
        pre_empted = False
        while self.batch + len(self.prefilling) > self.roomy and not memory.fits(self, 1, 0):
            self.pre_empt(now_s)
            pre_empted = True
        return pre_empted

    def pre_empt(self, now_s: float) -> int:
        """Whom the queue says loses its KV-cache and goes back to it; returns its index."""
        return loss.pre_empt(self)

    def take_costs(self, costs: Costs, now_s: float) -> None:
        """Iterations that start from now on cost this; the running one keeps its time."""
        end_stretch(self, now_s)
        self.table = self.table.of(costs)

    def clear(self, now_s: float) -> list[int]:
        """Void the running iteration and the KV-cache; returns who was here, in order of index.

        Each is as after a pre-emption: what it has emitted, it keeps.
        """
        return loss.clear(self, now_s)

    def halt(self, now_s: float) -> None:
        """Die: what runs is void, and everybody waits as after a pre-emption."""
        for i in self.clear(now_s):
            self.queue.push(i)
            self.outstanding += 1
            self.queued_tokens += self.run.goals[i]
        self.schedule = nothing

    def resume(self) -> None:
        """Live again."""
        self.schedule = self.table.schedule
