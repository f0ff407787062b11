"""The KV-cache of one replica: blocks of tokens, given out and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from inference_lab.serving.prefix_cache import PrefixCache

BLOCK_TOKENS = 16
"""Tokens in a block: the default of vLLM (Kwon et al., arXiv:2309.06180, section 7.2)."""

Tokens = TypeVar("Tokens", int, NDArray[np.int64])


def blocks_for(tokens: Tokens) -> Tokens:
    """Blocks that hold `tokens` tokens.

    Examples
    --------
    >>> blocks_for(16), blocks_for(17)
    (1, 2)
    """
    return -(-tokens // BLOCK_TOKENS)


class KVCache:
    """Counts the blocks of one replica.

    Parameters
    ----------
    capacity_tokens : int
        Tokens that the memory holds; a part of a block is lost.
    prefixes : PrefixCache or None
        Prompts that several sequences share; what nobody holds of them counts as free.

    Attributes
    ----------
    blocks, held : int
        All, and those that sequences hold alone.
    """

    __slots__ = ("blocks", "held", "prefixes")

    def __init__(self, capacity_tokens: int, prefixes: PrefixCache | None = None) -> None:
        self.blocks = capacity_tokens // BLOCK_TOKENS
        self.held = 0
        self.prefixes = prefixes

    @property
    def free_blocks(self) -> int:
        """Blocks that nobody holds."""
        free = self.blocks - self.held
        if self.prefixes is not None:
            free -= len(self.prefixes.holders) * self.prefixes.blocks_each
        return free

    def allocate(self, blocks: int) -> None:
        """Give out blocks; the caller has asked for `free_blocks` before."""
        self.held += blocks
        if self.prefixes is not None:
            self.prefixes.fit(self.free_blocks)

    def free(self, blocks: int) -> None:
        """Take blocks back."""
        self.held -= blocks
