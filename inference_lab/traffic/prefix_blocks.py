"""Prefix blocks: the hashes of the blocks of each prompt, packed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


class PrefixBlocks(Sequence):
    """For each request a tuple of hashes; eight bytes a hash, where tuples of ints take 36.

    Parameters
    ----------
    rows : iterable of sequences of int
        The hashes of each prompt, the first block first.

    Examples
    --------
    >>> blocks = PrefixBlocks([(7, 8), (), (7, 9, 4)])
    >>> blocks[2], len(blocks)
    ((7, 9, 4), 3)
    """

    def __init__(self, rows: Iterable[Sequence[int]] = ()) -> None:
        self._hashes = array("q")
        self._ends = array("q", [0])
        self._order: NDArray[np.int64] | None = None
        for row in rows:
            self.append(row)

    def append(self, row: Sequence[int]) -> None:
        """Add the blocks of one more prompt."""
        self._hashes.extend(row)
        self._ends.append(len(self._hashes))

    def ordered(self, order: NDArray[np.int64]) -> PrefixBlocks:
        """The same rows in another order; the hashes are shared, not copied."""
        view = PrefixBlocks()
        view._hashes, view._ends, view._order = self._hashes, self._ends, order
        return view

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> tuple[int, ...]:
        row = range(len(self))[index]  # an IndexError, and a negative index, as in a list
        row = row if self._order is None else int(self._order[row])
        return tuple(self._hashes[self._ends[row] : self._ends[row + 1]])


def packed(rows: Sequence[Sequence[int]]) -> PrefixBlocks:
    """`rows` as packed blocks.

    Raises
    ------
    TypeError
        If a row is not a list of whole numbers of at most 64 bits.
    """
    if isinstance(rows, PrefixBlocks):
        return rows
    blocks = PrefixBlocks()
    for i, row in enumerate(rows):
        try:
            blocks.append(row)
        except (TypeError, OverflowError) as error:
            raise TypeError(
                f"prefix_blocks[{i}]={row!r} must be a list of 64-bit whole numbers: {error}"
            ) from None
    return blocks
