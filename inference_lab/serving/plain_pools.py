"""Replicas of the reference engine in two pools: those that only prefill, and those that decode
what they are handed."""

from __future__ import annotations

from typing import Any

from inference_lab.serving.batch import Batch
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.disaggregated import Disaggregated
from inference_lab.serving.kv_cache import KVCache, blocks_for
from inference_lab.serving.plain_replica import PlainReplica
from inference_lab.serving.queue import FirstCome
from inference_lab.serving.sequence import Sequence
from inference_lab.serving.two_pools import TwoPools


class PlainPrefill(PlainReplica):
    """Hands over each request whose prefill has ended, and keeps its KV-cache until it has moved.

    Attributes
    ----------
    holding : dict of int to int
        Blocks of the KV-cache of each request that was handed over, but for shared ones.
    """

    gateway: TwoPools

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.gives_first = args[2].first_token == "prefill"
        self.holding: dict[int, int] = {}

    def fire(self, now_s: float) -> None:
        """End the running iteration."""
        outstanding = self.outstanding
        super().fire(now_s)
        if self.outstanding < outstanding:
            self.queue.choose()

    def prefilled(self, sequence: Sequence, now_s: float) -> list[int]:
        """A prefill has ended: hand the request over, unless its only token is out."""
        self.batch.enter(sequence)
        if self.gives_first:
            ended = self.emit(sequence, now_s)
            if ended:
                return ended
        else:
            self.queue.served(sequence, 1)  # a token was computed
        self.batch.running.remove(sequence)
        self.outstanding -= 1
        self.holding[sequence.index] = sequence.blocks - sequence.shared_blocks
        sequence.blocks = sequence.shared_blocks = sequence.stored = 0
        sequence.goal = sequence.tokens
        if not self.gives_first:
            sequence.goal += 1  # the token travels with the cache
        self.gateway.prefilled(sequence.index, self.index, now_s)
        return []

    def let_go(self, i: int, now_s: float) -> None:
        """The KV-cache of request `i` has moved, or nobody needs it any more."""
        if i in self.holding:
            self.kv_cache.free(self.holding.pop(i))
            if self.prefixes is not None:
                self.prefixes.release(i)

    def forget(self, i: int) -> None:
        """Request `i` starts anew with the tokens that it was given."""
        forget(self.sequences[i])

    def clear(self, now_s: float) -> list[int]:
        """Void the running iteration and the KV-cache, what is on its way included."""
        for i, blocks in self.holding.items():
            self.gateway.moves.void(i, now_s)
            self.kv_cache.free(blocks)
        self.holding.clear()
        return super().clear(now_s)


class PlainDecode(PlainReplica):
    """Reserves room for a request, waits for its KV-cache, and decodes.

    Attributes
    ----------
    here : list of Sequence
        Those of ``batch.receiving`` whose KV-cache is here: they join at the next boundary.
    """

    gateway: TwoPools
    batch: Receiving
    queue: FirstCome

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        costs, log = args[1], args[4]
        self.prefixes = None  # they live in the prefill pool
        self.kv_cache = KVCache(costs.kv_capacity_tokens)
        self.gives_first = args[2].first_token == "decode"
        self.batch = Receiving(self.kv_cache, costs.max_batch, FirstCome(), log.held_up)
        self.here: list[Sequence] = []

    def push(self, i: int, now_s: float) -> None:
        """Queue request `i`, whose KV-cache is at a prefill replica."""
        sequence = self.sequences[i]
        sequence.present = sequence.goal
        if self.log.spans is not None:
            self.log.spans.wait(i, self.index, now_s)
        self.queue.push(sequence)
        self.outstanding += 1

    def start(self, now_s: float) -> None:
        """Take in what has arrived, then begin the next iteration, if there is work."""
        here, self.here = self.here, []
        ended = [i for sequence in here for i in self.join(sequence, now_s)]
        for i in ended:
            self.batch.running.remove(self.sequences[i])
            self.batch.release(self.sequences[i])
        if ended:
            self.gateway.ended(ended, now_s)
        super().start(now_s)
        reserved, self.batch.reserved = self.batch.reserved, []
        for sequence in reserved:
            self.wait_no_more(sequence, now_s)
            self.gateway.receive(sequence.index, sequence.goal - 1, now_s)

    def join(self, sequence: Sequence, now_s: float) -> list[int]:
        """A sequence decodes from now on; returns it if it has ended with its first token."""
        batch = self.batch
        batch.receiving.remove(sequence)
        batch.running.insert(len(batch.decoding()), sequence)
        if self.log.spans is not None:
            self.log.spans.join(sequence.index, self.index, now_s)
        self.wait_no_more(sequence, now_s)
        return self.emit(sequence, now_s) if self.gives_first else []

    def wait_no_more(self, sequence: Sequence, now_s: float) -> None:
        """What a request has waited since the last time is queue, before its first token."""
        if not sequence.emitted:
            self.queue_s[sequence.index] += now_s - sequence.waits_since_s
        sequence.waits_since_s = now_s

    def arrived(self, i: int, now_s: float) -> None:
        """The KV-cache of request `i` is here."""
        sequence = self.sequences[i]
        sequence.waits_since_s = now_s
        self.here.append(sequence)

    def withdraw(self, i: int, now_s: float) -> None:
        """The KV-cache of request `i` will never come."""
        sequence, batch = self.sequences[i], self.batch
        self.outstanding -= 1
        if sequence in batch.receiving:
            batch.receiving.remove(sequence)
            batch.release(sequence)
        else:
            self.queue.remove(sequence)
        forget(sequence)

    def clear(self, now_s: float) -> list[int]:
        """Void the running iteration and the KV-cache; who waits for one, waits in vain."""
        batch = self.batch
        for sequence in batch.receiving:
            self.gateway.moves.void(sequence.index, now_s)
        batch.running += batch.receiving
        batch.receiving.clear()
        self.here.clear()
        for sequence in batch.queue:
            forget(sequence)
        return super().clear(now_s)


class Receiving(Batch):
    """A batch that reserves room for KV-caches that are on their way.

    Attributes
    ----------
    reserved : list of Sequence
        For whom it has just done so.
    """

    queue: FirstCome

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.reserved: list[Sequence] = []

    def admit(self) -> Sequence:
        """Start the head of the queue: it gets blocks for all its tokens."""
        sequence: Sequence = self.queue.head()
        if not sequence.present:  # it was pre-empted here
            return super().admit()
        self.queue.pop()
        sequence.stored, sequence.present = sequence.present, 0
        sequence.blocks = blocks_for(sequence.goal)
        self.kv_cache.allocate(sequence.blocks)
        self.receiving.append(sequence)
        self.reserved.append(sequence)
        return sequence


def forget(sequence: Sequence) -> None:
    """It has to be prefilled again; a token that it was not given yet is lost."""
    sequence.present = sequence.stored = 0
    sequence.goal = sequence.tokens


def plain_kinds(cluster: Cluster) -> list[type[PlainReplica]]:
    """The kind of each replica of a cluster."""
    if not isinstance(cluster, Disaggregated):
        return [PlainReplica] * len(cluster.fleet)
    return [PlainPrefill] * cluster.prefills + [PlainDecode] * cluster.decodes
