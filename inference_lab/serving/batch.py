"""Batches: the sequences of one replica that run, those that wait, and the memory they share."""

from __future__ import annotations

from math import inf

from inference_lab.serving.kv_cache import KVCache, blocks_for
from inference_lab.serving.sequence import Sequence
from inference_lab.serving.tenants import Queue


class Batch:
    """What a scheduler sees and changes.

    Parameters
    ----------
    kv_cache : KVCache
        Memory of the replica.
    max_batch : int
        Most sequences that run together.
    queue : FirstCome, Priority or FairQueue
        Who waits.
    held_up : dict of str to set of int
        The log's: who was first in the queue and found no room.
    """

    def __init__(
        self, kv_cache: KVCache, max_batch: int, queue: Queue, held_up: dict[str, set[int]]
    ) -> None:
        self.kv_cache, self.held_up = kv_cache, held_up
        self.max_batch = max_batch
        self.queue = queue
        self.running: list[Sequence] = []  # in the order of admission, decoding ones first
        self.joined: list[Sequence] = []  # without a prefill, since all was present
        self.receiving: list[Sequence] = []  # whose KV-cache is on its way here
        self.dropped: list[Sequence] = []
        self.pre_empted: list[Sequence] = []
        self.now_s = 0.0

    def can_admit(self) -> bool:
        """Whether the head of the queue may start; nobody overtakes it.

        One whose client has given up is dropped when its turn comes.
        """
        while self._has_room():
            if self.queue.head().deadline_s >= self.now_s:
                return True
            self.dropped.append(self.queue.drop())
        return False

    def _has_room(self) -> bool:
        if not self.queue:
            return False
        head = self.queue.head()
        if len(self.running) + len(self.receiving) >= self.max_batch:
            self.held_up["max_batch"].add(head.index)
            return False
        blocks = blocks_for(head.goal)
        prefixes = self.kv_cache.prefixes
        if prefixes is not None and not head.present:
            blocks -= prefixes.find(head.index, head.tokens)[1] * prefixes.blocks_each
        room = blocks <= self.kv_cache.free_blocks
        if not room:
            self.held_up["memory"].add(head.index)
        return room

    def missing(self, waiting: Sequence) -> int:
        """Tokens that a prefill of a waiting sequence would have to process."""
        prefixes = self.kv_cache.prefixes
        if prefixes is None or waiting.present:
            return waiting.missing
        found = prefixes.find(waiting.index, waiting.tokens)[0]
        fetched, _ = prefixes.fetchable(waiting.index, waiting.tokens, found)
        return waiting.missing - (found + fetched) * prefixes.block_tokens

    def admit(self) -> Sequence:
        """Start the head of the queue: it gets blocks for all its tokens.

        Tokens whose KV-cache is `present` need no prefill; with all of them it decodes at once. Of
        others, the prefix cache may hold the head.
        """
        sequence, prefixes = self.queue.pop(), self.kv_cache.prefixes
        sequence.deadline_s = inf
        if prefixes is not None and not sequence.present:
            found, fetched, sequence.fetch_s = prefixes.start(sequence.index, sequence.tokens)
            sequence.present = sequence.cached = (found + fetched) * prefixes.block_tokens
            sequence.shared_blocks = found * prefixes.blocks_each
        sequence.stored, sequence.present = sequence.present, 0
        sequence.blocks = blocks_for(sequence.goal)
        self.kv_cache.allocate(sequence.blocks - sequence.shared_blocks)
        if sequence.decoding:  # it goes before those in their prefill, who are newer to the batch
            self.running.insert(len(self.decoding()), sequence)
            self.joined.append(sequence)
        else:
            self.running.append(sequence)
        return sequence

    def enter(self, sequence: Sequence) -> None:
        """Its prefill has ended: blocks that its prompt fills go to the prefix cache."""
        prefixes = self.kv_cache.prefixes
        if prefixes is not None:
            shared = prefixes.enter(sequence.index) * prefixes.blocks_each
            self.kv_cache.free(shared - sequence.shared_blocks)
            sequence.shared_blocks = shared

    def make_room(self) -> bool:
        """Give each decoding sequence room for its context; pre-empt others while blocks lack.

        The queue says whom. Returns whether a sequence was pre-empted.
        """
        before = len(self.pre_empted)
        while self._lacking() > self.kv_cache.free_blocks:
            victim = self.queue.victim(self.running)
            self.running.remove(victim)
            self.release(victim)
            self.queue.push_front(victim)
            self.pre_empted.append(victim)
        for sequence in self.decoding():
            more = blocks_for(sequence.tokens) - sequence.blocks
            self.kv_cache.allocate(more)
            sequence.blocks += more
        return len(self.pre_empted) > before

    def _lacking(self) -> int:
        return sum(blocks_for(s.tokens) - s.blocks for s in self.decoding())

    def decoding(self) -> list[Sequence]:
        """Running sequences whose prefill is done."""
        return [sequence for sequence in self.running if sequence.decoding]

    def release(self, sequence: Sequence) -> None:
        """Take back the blocks of a sequence; if it starts again, all its tokens are prefilled."""
        self.kv_cache.free(sequence.blocks - sequence.shared_blocks)
        if self.kv_cache.prefixes is not None:
            self.kv_cache.prefixes.release(sequence.index)
        sequence.blocks = sequence.shared_blocks = sequence.stored = 0
        sequence.fetch_s = 0.0
        sequence.goal = sequence.tokens
