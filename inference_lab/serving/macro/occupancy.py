"""Occupancy: blocks of the KV-cache that a decoding batch holds after any number of steps.

All sequences grow by one token a step, so they are counted by their place in a block, and none is
visited again. Made only where memory is short; elsewhere a bound is enough.
"""

from __future__ import annotations

from collections.abc import Iterable

from inference_lab.serving.kv_cache import BLOCK_TOKENS


class Occupancy:
    """Blocks of a batch that changes, after any number of its replica's steps.

    Parameters
    ----------
    stored : iterable of int
        Tokens that each sequence stores when its replica has done no step; a sequence that joins
        later may have less than none.

    Examples
    --------
    >>> occupancy = Occupancy([16, 17])
    >>> occupancy.blocks(0), occupancy.blocks(1)
    (3, 4)
    >>> occupancy.leave(17)
    >>> occupancy.blocks(1)
    2
    """

    __slots__ = ("_by_place", "_full_blocks", "_sequences")

    def __init__(self, stored: Iterable[int] = ()) -> None:
        self._full_blocks = self._sequences = 0
        self._by_place = [0] * BLOCK_TOKENS
        for tokens in stored:
            self.join(tokens)

    def join(self, stored: int) -> None:
        """One more sequence."""
        self._count(stored, 1)

    def leave(self, stored: int) -> None:
        """One sequence less."""
        self._count(stored, -1)

    def _count(self, stored: int, sequences: int) -> None:
        # s tokens take (s + 15) // 16 blocks
        blocks, place = divmod(stored + BLOCK_TOKENS - 1, BLOCK_TOKENS)
        self._full_blocks += sequences * blocks
        self._by_place[place] += sequences
        self._sequences += sequences

    def blocks(self, steps: int) -> int:
        """Blocks held after so many steps of the replica."""
        rounds, more = divmod(steps, BLOCK_TOKENS)
        over = sum(self._by_place[BLOCK_TOKENS - more :])  # their places pass the end of a block
        return self._full_blocks + rounds * self._sequences + over

    def steps_within(self, blocks: int, done: int, at_most: int) -> int:
        """How many of the next `at_most` steps fit into `blocks`, after `done` steps."""
        low, high = 0, at_most
        while low < high:
            middle = (low + high + 1) // 2
            if self.blocks(done + middle) <= blocks:
                low = middle
            else:
                high = middle - 1
        return low
