"""Prefix blocks: the hashes of the blocks of each prompt, packed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import whole

USUAL_BLOCK_TOKENS = 512
"""Tokens that a hash stands for where nothing is said: those of the Mooncake traces."""

ENGINE_BLOCK_TOKENS = 16
"""Tokens of a block of an engine's KV-cache; a hash stands for a whole number of them."""

_LEAST = -(2**63) + 2**40
"""Numbers below it stand for hashes that do not fit: text, and numbers out of their range."""


class PrefixBlocks(Sequence):
    """For each request a tuple of hashes; eight bytes a hash, where tuples of ints take 36.

    A hash is any whole number or text. Text, and numbers that 63 bits and a sign do not hold, are
    stood for by very negative numbers, a number for each.

    Parameters
    ----------
    rows : iterable of sequences of int or str
        The hashes of each prompt, the first block first.

    Examples
    --------
    >>> blocks = PrefixBlocks([(7, 8), (), (7, 9, 4)])
    >>> blocks[2], len(blocks), blocks[1:]
    ((7, 9, 4), 3, PrefixBlocks([(), (7, 9, 4)]))
    """

    def __init__(self, rows: Iterable[Sequence[int | str]] = ()) -> None:
        self._hashes = array("q")
        self._ends = array("q", [0])
        self._order: NDArray[np.int64] | None = None
        self._stand_ins: dict[int | str, int] = {}
        for row in rows:
            self.append(row)

    def append(self, row: Sequence[int | str]) -> None:
        """Add the blocks of one more prompt.

        Raises
        ------
        TypeError
            If it is not a list of whole numbers or text.
        """
        numbers: Sequence[Any] = row  # if it holds text, the next line says so
        try:
            fitting = array("q", numbers) if min(numbers, default=0) >= _LEAST else None
        except (TypeError, OverflowError):
            fitting = None
        if isinstance(row, str | bytes | dict | set):
            raise TypeError(f"{type(row).__name__} is no list")
        self._hashes.extend(fitting or [self._number(block) for block in row])
        self._ends.append(len(self._hashes))

    def _number(self, block: int | str) -> int:
        if isinstance(block, Integral):
            block = int(block)
            if _LEAST <= block < 2**63:
                return block
        elif not isinstance(block, str):
            raise TypeError(f"{block!r} is no hash")
        return self._stand_ins.setdefault(block, -(2**63) + len(self._stand_ins))

    def ordered(self, order: NDArray[np.int64]) -> PrefixBlocks:
        """The rows of these indices in their order; the hashes are shared, not copied."""
        view = PrefixBlocks()
        view._hashes, view._ends = self._hashes, self._ends
        view._order = order if self._order is None else self._order[order]
        return view

    def heads(self, most: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """At most so many hashes of each row, laid in one row; and how many each has in it.

        Examples
        --------
        >>> hashes, each = PrefixBlocks([(7, 8), (), (7, 9, 4)]).heads(np.array([1, 1, 9]))
        >>> hashes.tolist(), each.tolist()
        ([7, 7, 9, 4], [1, 0, 3])
        """
        ends = np.array(self._ends)
        begins, lengths = ends[:-1], np.diff(ends)
        if self._order is not None:
            begins, lengths = begins[self._order], lengths[self._order]
        lengths = np.minimum(lengths, most)
        gaps = begins - (lengths.cumsum() - lengths)  # from a place in the result to one in all
        places = np.arange(lengths.sum()) + np.repeat(gaps, lengths)
        return np.array(self._hashes)[places], lengths

    @property
    def hash_count(self) -> int:
        """Hashes of all rows together, also of those that a view leaves out."""
        return len(self._hashes)

    def __len__(self) -> int:
        return len(self._ends) - 1 if self._order is None else len(self._order)

    @overload
    def __getitem__(self, index: int) -> tuple[int, ...]: ...

    @overload
    def __getitem__(self, index: slice) -> PrefixBlocks: ...

    def __getitem__(self, index: int | slice) -> tuple[int, ...] | PrefixBlocks:
        if isinstance(index, slice):
            return self.ordered(np.arange(*index.indices(len(self))))
        order, ends = self._order, self._ends
        # an IndexError, and a negative index, as in a list
        row = range(len(ends) - 1)[index] if order is None else int(order[index])
        return tuple(self._hashes[ends[row] : ends[row + 1]])

    def __repr__(self) -> str:
        shown = ", ".join(map(str, self[:3])) + (", ..." if len(self) > 3 else "")
        return f"PrefixBlocks([{shown}])"


def packed(rows: Sequence[Sequence[int | str]] | None) -> PrefixBlocks | None:
    """`rows` as packed blocks; None for None.

    Raises
    ------
    TypeError
        If a row is not a list of whole numbers or text.
    """
    if rows is None or isinstance(rows, PrefixBlocks):
        return rows
    blocks = PrefixBlocks()
    for i, row in enumerate(rows):
        try:
            blocks.append(row)
        except TypeError as error:
            raise TypeError(
                f"prefix_blocks[{i}]={row!r} must be a list of whole numbers or text: {error}"
            ) from None
    return blocks


def block_tokens(tokens: int | None, blocks: PrefixBlocks | None) -> int | None:
    """Tokens that a hash stands for, checked; the usual ones if there are hashes and it is None.

    Raises
    ------
    TypeError, ValueError
        If it is not a multiple of `ENGINE_BLOCK_TOKENS`.
    """
    if tokens is None:
        return None if blocks is None else USUAL_BLOCK_TOKENS
    whole("prefix_block_tokens", tokens, at_least=ENGINE_BLOCK_TOKENS)
    if tokens % ENGINE_BLOCK_TOKENS:
        raise ValueError(
            f"prefix_block_tokens={tokens!r} must be a multiple of {ENGINE_BLOCK_TOKENS}, the "
            f"tokens of an engine's block: give {tokens - tokens % ENGINE_BLOCK_TOKENS}"
        )
    return int(tokens)
