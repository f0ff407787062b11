"""A sequence: one request as the engine of a replica sees it."""

from __future__ import annotations


class Sequence:
    """One request inside a replica.

    Parameters
    ----------
    index : int
        Its number in the workload.
    prompt_tokens, output_tokens : int
        Its lengths; a scheduler never looks at the latter.
    deadline_s : float
        When its client gives up, unless its prefill has begun.

    Attributes
    ----------
    emitted : int
        Output tokens so far.
    stored : int
        Tokens processed by the prefill that runs or ran; set back to 0 by a pre-emption.
    goal : int
        Tokens that this prefill processes: the prompt, and after a pre-emption the emitted tokens
        too.
    blocks : int
        Blocks of the KV-cache that it holds.
    """

    __slots__ = (
        "blocks",
        "deadline_s",
        "emitted",
        "goal",
        "index",
        "output_tokens",
        "prompt_tokens",
        "stored",
    )

    def __init__(
        self, index: int, prompt_tokens: int, output_tokens: int, deadline_s: float
    ) -> None:
        self.index = index
        self.prompt_tokens = prompt_tokens
        self.output_tokens = output_tokens
        self.deadline_s = deadline_s
        self.emitted = 0
        self.stored = 0
        self.goal = prompt_tokens
        self.blocks = 0

    @property
    def tokens(self) -> int:
        """Its context: the prompt and what has been emitted."""
        return self.prompt_tokens + self.emitted

    @property
    def decoding(self) -> bool:
        """Whether its prefill is done."""
        return self.stored == self.goal
