"""Chains: hashes of a workload that occur only together, one after the other.

The whole workload is known before the run, so it is known which prompts will ever part, and where.
Between two such places a prompt has a chain: whoever has its first hash goes on with all the
others. A conversation of many turns is a few chains, however long its prompts are.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inference_lab.traffic.workload import Workload

EVERYWHERE = -1
"""The bits of all replicas."""

NONE = -1
"""Before the first hash of a prompt and after its last one."""

SPREAD = 8
"""Hashes from a range at most so many times their number are looked up in a table, which took a
sixth to a tenth of the time of sorting 276,491 of them. Those of Mooncake are counted from 0."""

Chain = tuple[int, int]
"""Where the numbers of its hashes begin and end: `start`, `start` + 1, ... `end` - 1."""


class Chains(list[tuple[Chain, ...]]):
    """The blocks that each prompt fills, as chains.

    A hash gets the number of hashes that stand before its first occurrence, all prompts laid in one
    row. As a chain occurs whole, its numbers follow each other.

    Parameters
    ----------
    workload : Workload
        With prefix blocks.

    Attributes
    ----------
    kept : dict of int to int
        By the number of the first hash of a chain: the replicas whose cache has that hash, or had
        it when somebody last looked, as bits.

    Examples
    --------
    >>> load = Workload.from_arrays(
    ...     arrival_s=[0, 1], prompt_tokens=[64, 80], output_tokens=[1, 1],
    ...     prefix_blocks=[(7, 3, 8, 9), (7, 3, 6)], prefix_block_tokens=16,
    ... )
    >>> Chains(load)
    [((0, 2), (2, 4)), ((0, 2), (6, 7))]
    """

    def __init__(self, workload: Workload) -> None:
        self.block_tokens: int = workload.prefix_block_tokens  # type: ignore[assignment]
        filled = workload.prompt_tokens // self.block_tokens
        hashes, lengths = workload.prefix_blocks.heads(filled)  # type: ignore[union-attr]
        rows = np.append(0, lengths.cumsum())  # where each prompt begins, and the last one ends
        numbers = _firsts(hashes)
        begins = np.flatnonzero(_begins(numbers, rows))
        starts = numbers[begins]
        ends = starts + np.diff(begins, append=len(numbers))
        chains = list(zip(starts.tolist(), ends.tolist(), strict=True))
        places = np.searchsorted(begins, rows).tolist()
        super().__init__(tuple(chains[a:b]) for a, b in pairwise(places))
        self.kept: dict[int, int] = {}

    def whereabouts(self, i: int) -> tuple[int, int, int]:
        """At which replicas most of a prompt may be, as bits; how much, and how much elsewhere.

        No cache has more hashes of it than that.

        Examples
        --------
        >>> load = Workload.from_arrays(
        ...     arrival_s=[0, 1], prompt_tokens=[64, 80], output_tokens=[1, 1],
        ...     prefix_blocks=[(7, 3, 8, 9), (7, 3, 6)], prefix_block_tokens=16,
        ... )
        >>> chains = Chains(load)
        >>> chains.kept |= {0: 0b101, 2: 0b100}
        >>> chains.whereabouts(0), chains.whereabouts(1)
        ((4, 4, 2), (5, 2, 0))
        """
        near, hashes, elsewhere = EVERYWHERE, 0, 0
        for start, end in self[i]:
            nearer = near & self.kept.get(start, 0)
            if not nearer:
                break
            if nearer != near:
                near, elsewhere = nearer, hashes
            hashes += end - start
        return near, hashes, elsewhere


def _firsts(hashes: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of some hashes, where the same one stands first.

    Examples
    --------
    >>> _firsts(np.array([7, -(2**62), 7, 9]))
    array([0, 1, 0, 3])
    """
    if not len(hashes):
        return hashes
    least = int(hashes.min())
    codes = hashes - least if int(hashes.max()) - least < SPREAD * len(hashes) else None
    if codes is None:  # a table of them would be too long
        codes = np.unique(hashes, return_inverse=True)[1]
    places = np.arange(len(codes))
    first = np.empty(codes.max() + 1, np.int64)
    first[codes[::-1]] = places[::-1]  # of equal codes, the last to be written stays
    return first[codes]


def _begins(numbers: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a chain begins: in front of a hash, or behind one, stands not always the same."""
    before, after = np.append(NONE, numbers), np.append(numbers, NONE)
    before[rows] = after[rows] = NONE
    before, after = before[:-1], after[1:]
    before_varies, after_varies = (np.zeros(len(numbers), bool) for _ in range(2))
    before_varies[numbers[before != before[numbers]]] = True
    after_varies[numbers[after != after[numbers]]] = True
    return (before == NONE) | before_varies[numbers] | after_varies[before]
