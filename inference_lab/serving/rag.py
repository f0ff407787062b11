"""Retrieval before the router: seconds that every request spends, and tokens that it brings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import whole
from inference_lab.serving.delays import Delay, checked_delay, drawn_s
from inference_lab.traffic.prefix_blocks import packed
from inference_lab.traffic.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Rag:
    """Retrieval-augmented generation: the prompt is embedded, and a search adds context to it.

    Both come before the router, once for each request, also if it is routed again later.

    Parameters
    ----------
    embed_s, search_s : float, (low, high) or array
        Seconds of the two steps: a pair draws them uniformly, an array gives them request by
        request.
    context_tokens : int
        That the prompt grows by. They follow what it says itself, and no two requests share them.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range; in a run, if an array has no entry for each request.

    Examples
    --------
    >>> Rag(embed_s=0.05, search_s=(0.02, 0.05), context_tokens=2000).search_s
    (0.02, 0.05)
    """

    embed_s: Delay
    search_s: Delay
    context_tokens: int

    def __post_init__(self) -> None:
        for name in ("embed_s", "search_s"):
            object.__setattr__(self, name, checked_delay(name, getattr(self, name)))
        whole("context_tokens", self.context_tokens)

    def drawn_s(self, requests: int, rng: np.random.Generator) -> float | NDArray[np.float64]:
        """Seconds before the router, of each request or of all."""
        embed_s = drawn_s("embed_s", self.embed_s, requests, rng)
        return embed_s + drawn_s("search_s", self.search_s, requests, rng)

    def extended(self, workload: Workload) -> Workload:
        """The same requests as the router sees them: each prompt with its context.

        Only blocks that the prompt itself fills keep their hash: the context begins in the last one
        otherwise.

        Examples
        --------
        >>> load = Workload.from_arrays(
        ...     arrival_s=[0], prompt_tokens=[600], output_tokens=[1], prefix_blocks=[[7, 8]]
        ... )
        >>> longer = Rag(embed_s=0, search_s=0, context_tokens=2000).extended(load)
        >>> longer.prompt_tokens, longer.prefix_blocks
        (array([2600]), PrefixBlocks([(7,)]))
        """
        if not self.context_tokens:
            return workload
        blocks, size = workload.prefix_blocks, workload.prefix_block_tokens
        if blocks is not None and size is not None:
            filled = (workload.prompt_tokens // size).tolist()
            blocks = packed([row[:count] for row, count in zip(blocks, filled, strict=True)])
        prompts = workload.prompt_tokens + self.context_tokens
        return replace(workload, prompt_tokens=prompts, prefix_blocks=blocks)
