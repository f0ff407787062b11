"""The reference engine: one iteration at a time, in the plainest code; slow, and easy to
believe."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isnan

from inference_lab.serving.arrivals import Arrivals
from inference_lab.serving.cluster import SCHEDULERS, Cluster
from inference_lab.serving.kv_cache import KVCache
from inference_lab.serving.log import (
    KV_CAPACITY,
    MAX_MODEL_LEN,
    QUEUE_FULL,
    SERVED,
    TIMED_OUT,
    Log,
)
from inference_lab.serving.router import checked_choice, new_router
from inference_lab.serving.scheduler import Batch, Iteration
from inference_lab.serving.sequence import Sequence
from inference_lab.traffic.request import Request
from inference_lab.traffic.streams import stream
from inference_lab.traffic.workload import Workload


class PlainReplica:
    """One replica: a queue, a batch, and the iteration that runs."""

    def __init__(self, costs, cluster: Cluster, log: Log) -> None:
        self.costs = costs
        self.schedule = SCHEDULERS[cluster.scheduler]
        self.cluster = cluster
        self.log = log
        self.kv_cache = KVCache(costs.kv_capacity_tokens)
        self.batch = Batch(self.kv_cache, costs.max_batch)
        self.iteration: Iteration | None = None
        self.started_s = 0.0
        self.ends_s = inf
        self.last_token_s: dict[int, float] = {}
        self.outstanding = 0
        self.zone = 0

    @property
    def queued_tokens(self) -> int:
        """Tokens that wait for a prefill, or whose prefill runs."""
        sequences = [*self.batch.waiting, *self.batch.running]
        return sum(s.goal for s in sequences if not s.decoding) - sum(
            s.stored for s in sequences if not s.decoding
        )

    @property
    def free_blocks(self) -> int:
        """Blocks that nobody holds."""
        return self.kv_cache.free_blocks

    def cached_tokens(self, request: Request) -> int:
        """No prefix is kept."""
        return 0

    def arrive(self, sequence: Sequence) -> int:
        """Queue a sequence, or say why not; returns its outcome so far."""
        tokens = sequence.prompt_tokens + sequence.output_tokens
        if self.cluster.max_model_len is not None and tokens > self.cluster.max_model_len:
            return MAX_MODEL_LEN
        if not self.kv_cache.can_ever_hold(sequence.prompt_tokens, sequence.output_tokens):
            return KV_CAPACITY
        if self.cluster.max_queue is not None and len(self.batch.waiting) >= self.cluster.max_queue:
            return QUEUE_FULL
        self.batch.waiting.append(sequence)
        self.outstanding += 1
        return SERVED

    def start(self, now_s: float) -> int:
        """Begin the next iteration, if there is work; returns how many clients had given up."""
        self.batch.now_s = now_s
        iteration = self.schedule(self.batch, self.cluster.token_budget)
        if iteration.chunks or iteration.decodes:
            duration_s = self.costs.iteration_s(
                [(sequence.stored, tokens) for sequence, tokens in iteration.chunks],
                len(iteration.decodes),
                sum(sequence.tokens for sequence in iteration.decodes),
            )
            self.iteration, self.started_s, self.ends_s = iteration, now_s, now_s + duration_s
        dropped, self.batch.dropped = self.batch.dropped, []
        for sequence in dropped:
            self.log.outcome[sequence.index] = TIMED_OUT
            self.log.gave_up_s[sequence.index] = now_s
        self.outstanding -= len(dropped)
        return len(dropped)

    def finish(self) -> int:
        """End the running iteration; returns how many requests ended with it."""
        iteration, now_s = self.iteration, self.ends_s
        self.iteration, self.ends_s = None, inf
        ended = 0
        for sequence, tokens in iteration.chunks:
            sequence.stored += tokens
            if sequence.emitted == 0:
                self.log.prefill_s[sequence.index] += now_s - self.started_s
            if sequence.decoding:
                ended += self.emit(sequence, now_s)
        for sequence in iteration.decodes:
            ended += self.emit(sequence, now_s)
        return ended

    def emit(self, sequence: Sequence, now_s: float) -> bool:
        """Hand out one token; returns whether it was the last."""
        log, i = self.log, sequence.index
        log.tokens += 1
        sequence.emitted += 1
        if sequence.emitted == 1:
            log.first_token_s[i] = now_s
        else:
            gap_s = now_s - self.last_token_s[i]
            log.max_itl_s[i] = gap_s if isnan(log.max_itl_s[i]) else max(log.max_itl_s[i], gap_s)
        self.last_token_s[i] = now_s
        if sequence.emitted < sequence.output_tokens:
            return False
        log.finish_s[i] = now_s
        self.batch.running.remove(sequence)
        self.batch.release(sequence)
        self.outstanding -= 1
        return True


def run(
    cluster: Cluster, workload: Workload, seed: int, progress: Callable[[int], object] | None
) -> tuple[Log, Arrivals]:
    """Simulate until the last request has ended.

    At one instant: endings, then arrivals, then scheduling; lower indices first.
    """
    log = Log(len(workload))
    replicas = [PlainReplica(costs, cluster, log) for costs in cluster.fleet]
    route = new_router(cluster.router)
    rng = stream(seed, "router")
    arrivals = Arrivals(workload, cluster.network_s / 2 + cluster.router_s, cluster.network_s / 2)
    in_system, last_s = 0, 0.0
    while True:
        now_s = min(arrivals.next_s, *(replica.ends_s for replica in replicas))
        if now_s == inf:
            break
        log.area_s += in_system * (now_s - last_s)
        last_s = now_s
        for replica in replicas:
            if replica.ends_s == now_s:
                ended = replica.finish()
                in_system -= ended
                for _ in range(ended):
                    arrivals.ended(now_s)
                if progress:
                    progress(ended)
        while arrivals.next_s == now_s:
            i = arrivals.next
            arrivals.advance()
            request = workload.request(i, arrivals.sent_s[i])
            deadline_s = inf if cluster.timeout_s is None else request.arrival_s + cluster.timeout_s
            chosen = checked_choice(route(request, replicas, rng), len(replicas))
            log.routed_s[i] = now_s
            log.outcome[i] = replicas[chosen].arrive(
                Sequence(i, request.prompt_tokens, int(workload.output_tokens[i]), deadline_s)
            )
            if log.outcome[i] == SERVED:
                log.replica[i] = chosen
                in_system += 1
            else:
                arrivals.ended(now_s)
        for replica in replicas:
            if replica.iteration is None:
                gave_up = replica.start(now_s)
                in_system -= gave_up
                for _ in range(gave_up):
                    arrivals.ended(now_s)
    log.preemptions = sum(replica.batch.preemptions for replica in replicas)
    log.kv_left = sum(replica.kv_cache.held for replica in replicas)
    return log, arrivals
