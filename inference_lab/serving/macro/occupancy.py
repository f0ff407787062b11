"""Occupancy: blocks of the KV-cache that a decoding batch holds after any number of steps.

All sequences grow by one token a step, so they are counted by the place in their last block, and
none is visited again. Made only where memory is short; elsewhere a bound is enough.
"""

from __future__ import annotations

from collections.abc import Iterable

from inference_lab.serving.kv_cache import BLOCK_TOKENS, blocks_for


class Occupancy:
    """Blocks of a batch, now and later.

    Parameters
    ----------
    stored : iterable of int
        Tokens that each sequence stores now.

    Examples
    --------
    >>> occupancy = Occupancy([16, 17])
    >>> occupancy.blocks(steps=0), occupancy.blocks(steps=1)
    (3, 4)
    """

    __slots__ = ("_by_place", "_full_blocks")

    def __init__(self, stored: Iterable[int]) -> None:
        self._full_blocks = 0
        self._by_place = [0] * BLOCK_TOKENS
        for tokens in stored:
            self._full_blocks += tokens // BLOCK_TOKENS
            self._by_place[tokens % BLOCK_TOKENS] += 1

    def blocks(self, steps: int) -> int:
        """Blocks held after so many steps."""
        total = self._full_blocks
        for place, sequences in enumerate(self._by_place):
            if sequences:
                total += sequences * blocks_for(place + steps)
        return total

    def steps_within(self, blocks: int, at_most: int) -> int:
        """How many of the next `at_most` steps fit into `blocks`."""
        low, high = 0, at_most
        while low < high:
            middle = (low + high + 1) // 2
            if self.blocks(middle) <= blocks:
                low = middle
            else:
                high = middle - 1
        return low
