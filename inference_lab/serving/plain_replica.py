"""A replica of the reference engine: a queue, a batch, and the iteration that runs."""

from __future__ import annotations

from math import inf, isnan
from typing import Any

from inference_lab.serving.batch import Batch
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.gateway import Gateway
from inference_lab.serving.kv_cache import KVCache
from inference_lab.serving.log import Log
from inference_lab.serving.prefix_cache import PrefixCache
from inference_lab.serving.scheduler import BY_NAME, Iteration, nothing
from inference_lab.serving.sequence import Sequence
from inference_lab.serving.tenants import Queue
from inference_lab.traffic.request import Request


class PlainReplica:
    """A source that fires when its iteration ends.

    Parameters
    ----------
    index : int
        Its place in the fleet.
    costs : Replica or AffineReplica
        What an iteration takes.
    cluster : Cluster
        For the scheduler and its token budget.
    gateway : Gateway
        Told who has ended.
    log : Log
        Tokens and seconds are written there.
    sequences : dict of int to Sequence
        All requests that have reached a replica, shared by the fleet.
    queue : FirstCome, Priority or FairQueue
        For those who wait.
    prefixes : PrefixCache or None
        If it keeps prompts.
    """

    def __init__(
        self,
        index: int,
        costs: Any,
        cluster: Cluster,
        gateway: Gateway,
        log: Log,
        sequences: dict[int, Sequence],
        queue: Queue,
        prefixes: PrefixCache | None,
    ) -> None:
        self.index, self.costs = index, costs
        self.scheduler, self.token_budget = cluster.service(costs)
        self.schedule = BY_NAME[self.scheduler]
        self.router_s = cluster.router_s
        self.gateway, self.log, self.sequences = gateway, log, sequences
        self.prefixes = prefixes
        self.kv_cache = KVCache(costs.kv_capacity_tokens, prefixes)
        self.batch = Batch(self.kv_cache, costs.max_batch, queue, log.held_up)
        self.iteration: Iteration | None = None
        self.started_s = 0.0
        self.next_s = inf
        self.outstanding = 0
        self.zone, self.pool = 0, gateway.living
        self.queue_s, self.prefill_s = log.part("queue"), log.part("prefill")

    @property
    def queue(self) -> Queue:
        """Who waits."""
        return self.batch.queue

    @property
    def blocks(self) -> int:
        """Blocks of the KV-cache."""
        return self.kv_cache.blocks

    @property
    def free_blocks(self) -> int:
        """Blocks that nobody holds."""
        return self.kv_cache.free_blocks

    @property
    def waiting(self) -> int:
        """How many wait to be admitted."""
        return len(self.queue)

    @property
    def queued_tokens(self) -> int:
        """Tokens that wait for a prefill, or whose prefill runs."""
        sequences = [*self.batch.queue, *self.batch.running]
        return sum(s.goal - s.stored for s in sequences if not s.decoding)

    def cached_tokens(self, request: Request) -> int:
        """Tokens of a prompt that its KV-cache holds."""
        if self.prefixes is None:
            return 0
        return self.prefixes.cached_tokens(request.index, request.prompt_tokens)

    def emitted(self, i: int) -> int:
        """Tokens that request `i` has got so far."""
        return self.sequences[i].emitted

    def push(self, i: int, now_s: float) -> None:
        """Queue request `i`."""
        sequence = self.sequences[i]
        again = i in self.log.retries
        if again and not sequence.emitted:
            self.queue_s[i] += now_s - self.router_s - sequence.waits_since_s
        sequence.waits_since_s = now_s if again else self.log.routed_s[i]  # none may have lived
        sequence.present = self.gateway.present.pop(i, 0)
        if self.log.spans is not None:
            self.log.spans.wait(i, self.index, now_s)
        self.queue.push(sequence)
        self.outstanding += 1

    def start(self, now_s: float) -> None:
        """Begin the next iteration, if there is work."""
        batch, spans = self.batch, self.log.spans
        batch.now_s = now_s
        iteration = self.schedule(batch, self.token_budget)
        if iteration.chunks or iteration.decodes:
            duration_s = self.costs.iteration_s(
                [(sequence.stored, tokens) for sequence, tokens in iteration.chunks],
                len(iteration.decodes),
                sum(sequence.tokens for sequence in iteration.decodes),
            )
            duration_s += sum(sequence.fetch_s for sequence, _ in iteration.chunks)
            self.iteration, self.started_s, self.next_s = iteration, now_s, now_s + duration_s
        if spans is not None:
            for sequence in batch.joined:  # and may have been pre-empted since
                spans.join(sequence.index, self.index, now_s)
            for sequence in batch.pre_empted:
                spans.wait(sequence.index, self.index, now_s)
        for sequence in batch.pre_empted:
            self.log.preempt(sequence.index)
        batch.pre_empted.clear()
        batch.joined.clear()
        if batch.dropped:
            dropped, batch.dropped = batch.dropped, []
            self.outstanding -= len(dropped)
            self.gateway.gave_up([sequence.index for sequence in dropped], now_s)

    def fire(self, now_s: float) -> None:
        """End the running iteration."""
        iteration, spans = self.iteration, self.log.spans
        assert iteration is not None
        self.iteration, self.next_s = None, inf
        if spans is not None:
            part = "prefill" if iteration.chunks else "decode"
            spans.work(self.index, part, self.started_s, now_s)
        ended = []
        for sequence, tokens in iteration.chunks:
            i = sequence.index
            sequence.stored += tokens
            read_s = self.started_s + sequence.fetch_s
            if sequence.emitted == 0:
                self.queue_s[i] += self.started_s - sequence.waits_since_s
                self.prefill_s[i] += now_s - read_s
                if sequence.fetch_s:
                    self.log.part("kv_transfer")[i] += sequence.fetch_s
                sequence.waits_since_s = now_s
            if spans is not None:
                spans.fetch(i, self.index, self.started_s, read_s)
                spans.read(i, self.index, read_s, now_s)
            sequence.fetch_s = 0.0
            if sequence.decoding:
                ended += self.prefilled(sequence, now_s)
        for sequence in iteration.decodes:
            ended += self.emit(sequence, now_s)
        for i in sorted(ended):
            self.batch.running.remove(self.sequences[i])
            self.batch.release(self.sequences[i])
        if ended:
            self.queue.choose()
            self.gateway.ended(ended, now_s)

    def prefilled(self, sequence: Sequence, now_s: float) -> list[int]:
        """A prefill has ended, and hands out a token; returns who has ended with it."""
        if self.log.spans is not None:
            self.log.spans.join(sequence.index, self.index, now_s)
        self.batch.enter(sequence)
        return self.emit(sequence, now_s)

    def emit(self, sequence: Sequence, now_s: float) -> list[int]:
        """Hand out one token; returns who has ended with it."""
        log, i = self.log, sequence.index
        log.tokens += 1
        self.queue.served(sequence, 1)
        sequence.emitted += 1
        if sequence.emitted == 1:
            log.first_token_s[i] = now_s
            log.cached[i] = sequence.cached
        else:
            gap_s = now_s - sequence.last_token_s
            if log.spans is not None:
                log.spans.gap(i, gap_s)
            log.max_itl_s[i] = gap_s if isnan(log.max_itl_s[i]) else max(log.max_itl_s[i], gap_s)
        sequence.last_token_s = now_s
        if sequence.emitted < sequence.output_tokens:
            return []
        log.finish_s[i] = now_s
        self.outstanding -= 1
        return [i]

    def take_costs(self, costs: Any, now_s: float) -> None:
        """Iterations that start from now on cost this; the running one keeps its time."""
        self.costs = costs

    def clear(self, now_s: float) -> list[int]:
        """Void the running iteration and the KV-cache; returns who was here, in order of index.

        Each is as after a pre-emption: what it has emitted, it keeps.
        """
        batch, spans = self.batch, self.log.spans
        here = [*batch.running, *batch.queue]
        for sequence in batch.running:
            batch.release(sequence)
            if spans is not None:
                spans.wait(sequence.index, self.index, now_s)
        batch.running.clear()
        batch.queue.clear()
        if self.prefixes is not None:
            self.prefixes.clear()
        self.iteration, self.next_s, self.outstanding = None, inf, 0
        return sorted(sequence.index for sequence in here)

    def halt(self, now_s: float) -> None:
        """Die: what runs is void, and everybody waits as after a pre-emption."""
        for i in self.clear(now_s):
            self.queue.push(self.sequences[i])
            self.outstanding += 1
        self.schedule = nothing

    def resume(self) -> None:
        """Live again."""
        self.schedule = BY_NAME[self.scheduler]
