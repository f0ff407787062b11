"""Schedulers: what the next iteration of a replica does.

A scheduler is a function of the replica's state; it admits and pre-empts through the state and
returns an `Iteration`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from inference_lab.serving.kv_cache import KVCache, blocks_for
from inference_lab.serving.sequence import Sequence


@dataclass(frozen=True)
class Iteration:
    """The work of one iteration.

    Parameters
    ----------
    chunks : list of (Sequence, int)
        Prompts to process, and how many tokens of each.
    decodes : list of Sequence
        Sequences that get one token each.
    """

    chunks: list[tuple[Sequence, int]]
    decodes: list[Sequence]


class Batch:
    """The sequences of one replica: those that wait and those that run.

    Parameters
    ----------
    kv_cache : KVCache
        Memory of the replica.
    max_batch : int
        Most sequences that run together.
    """

    def __init__(self, kv_cache: KVCache, max_batch: int) -> None:
        self.kv_cache = kv_cache
        self.max_batch = max_batch
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []  # in the order of admission
        self.dropped: list[Sequence] = []
        self.preemptions = 0
        self.now_s = 0.0

    def can_admit(self) -> bool:
        """Whether the oldest waiting sequence may start; nobody overtakes it.

        One whose client has given up is dropped when its turn comes.
        """
        while self._has_room():
            if self.waiting[0].deadline_s >= self.now_s:
                return True
            self.dropped.append(self.waiting.popleft())
        return False

    def _has_room(self) -> bool:
        if not self.waiting or len(self.running) >= self.max_batch:
            return False
        return blocks_for(self.waiting[0].tokens) <= self.kv_cache.free_blocks

    def admit(self) -> Sequence:
        """Start the oldest waiting sequence: it gets blocks for all its tokens."""
        sequence = self.waiting.popleft()
        sequence.deadline_s = inf
        sequence.goal = sequence.tokens
        sequence.blocks = blocks_for(sequence.goal)
        self.kv_cache.allocate(sequence.blocks)
        self.running.append(sequence)
        return sequence

    def make_room(self) -> bool:
        """Give each decoding sequence room for its context; pre-empt the newest while blocks lack.

        Returns whether a sequence was pre-empted.
        """
        before = self.preemptions
        while self._lacking() > self.kv_cache.free_blocks:
            newest = self.running.pop()
            self.release(newest)
            newest.stored, newest.goal = 0, newest.tokens
            self.waiting.appendleft(newest)
            self.preemptions += 1
        for sequence in self.decoding():
            more = blocks_for(sequence.tokens) - sequence.blocks
            self.kv_cache.allocate(more)
            sequence.blocks += more
        return self.preemptions > before

    def _lacking(self) -> int:
        return sum(blocks_for(s.tokens) - s.blocks for s in self.decoding())

    def decoding(self) -> list[Sequence]:
        """Running sequences whose prefill is done."""
        return [sequence for sequence in self.running if sequence.decoding]

    def release(self, sequence: Sequence) -> None:
        """Take back the blocks of a sequence."""
        self.kv_cache.free(sequence.blocks)
        sequence.blocks = 0


Scheduler = Callable[[Batch, int | None], Iteration]
"""``scheduler(batch, token_budget)`` returns the next iteration; an empty one when nothing can
run."""


def continuous(batch: Batch, token_budget: int | None) -> Iteration:
    """Prefill while the oldest waiting sequence is admitted, else decode the whole batch by one
    token.

    A prefill iteration takes one prompt, or as many as fit a token budget.
    """
    chunks: list[tuple[Sequence, int]] = []
    tokens = 0
    while (token_budget is not None or not chunks) and batch.can_admit():
        tokens += batch.waiting[0].tokens
        if chunks and tokens > token_budget:
            break
        sequence = batch.admit()
        chunks.append((sequence, sequence.goal))
    if chunks:
        return Iteration(chunks, [])
    batch.make_room()
    return Iteration([], batch.decoding())


def chunked(batch: Batch, token_budget: int | None) -> Iteration:
    """One token for each decoding sequence, then chunks of prompts up to the budget, started ones
    first.

    Sarathi-Serve, arXiv:2403.02310, algorithm 3; the default of vLLM 1.
    """
    pre_empted = batch.make_room()
    decodes = batch.decoding()
    left = token_budget - len(decodes)
    chunks: list[tuple[Sequence, int]] = []
    started = [sequence for sequence in batch.running if not sequence.decoding]
    while left > 0:
        if started:
            sequence = started.pop(0)
        elif not pre_empted and batch.can_admit():
            sequence = batch.admit()
        else:
            break
        chunks.append((sequence, min(left, sequence.goal - sequence.stored)))
        left -= chunks[-1][1]
    return Iteration(chunks, decodes)


def static(batch: Batch, token_budget: int | None) -> Iteration:
    """When idle, prefill as many as fit together; then decode until all have ended: for
    contrast."""
    if batch.running:
        batch.make_room()
        return Iteration([], batch.decoding())
    chunks: list[tuple[Sequence, int]] = []
    while batch.can_admit():
        sequence = batch.admit()
        chunks.append((sequence, sequence.goal))
    return Iteration(chunks, [])
