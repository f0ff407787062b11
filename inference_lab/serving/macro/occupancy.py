"""Occupancy: blocks of the KV-cache that a decoding batch holds after any number of steps.

All sequences grow by one token a step, so a sequence that stores ``steps + offset`` tokens keeps
its offset. Sequences
are counted by their offset's residue; no sequence is visited.
"""

from __future__ import annotations

from inference_lab.serving.kv_cache import BLOCK_TOKENS


class Occupancy:
    """Counts of the sequences by residue, and whole blocks of their offsets.

    Examples
    --------
    >>> occupancy = Occupancy()
    >>> occupancy.add(offset=16)
    >>> occupancy.blocks(steps=0), occupancy.blocks(steps=1)
    (1, 2)
    """

    __slots__ = ("_by_residue", "_whole_blocks")

    def __init__(self) -> None:
        self._by_residue = [0] * BLOCK_TOKENS
        self._whole_blocks = 0

    def add(self, offset: int) -> None:
        """A sequence that stores ``steps + offset`` tokens after any number of steps."""
        self._by_residue[offset % BLOCK_TOKENS] += 1
        self._whole_blocks += offset // BLOCK_TOKENS

    def remove(self, offset: int) -> None:
        """Take a sequence out again."""
        self._by_residue[offset % BLOCK_TOKENS] -= 1
        self._whole_blocks -= offset // BLOCK_TOKENS

    def blocks(self, steps: int) -> int:
        """Blocks held after so many steps."""
        total = self._whole_blocks
        for residue, sequences in enumerate(self._by_residue):
            if sequences:
                total += sequences * -(-(residue + steps) // BLOCK_TOKENS)
        return total

    def steps_within(self, blocks: int, steps: int, at_most: int) -> int:
        """How many of the next `at_most` steps after `steps` fit into `blocks`."""
        low, high = 0, at_most
        while low < high:
            middle = (low + high + 1) // 2
            if self.blocks(steps + middle) <= blocks:
                low = middle
            else:
                high = middle - 1
        return low
