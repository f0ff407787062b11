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
    present : int
        Tokens whose KV-cache is there when it is admitted: they need no prefill.
    stored : int
        Tokens in the KV-cache: those that were present, and those processed by the prefill that
        runs or ran; set back to 0 by a pre-emption.
    goal : int
        Tokens that it needs before it decodes: the prompt, and after a pre-emption the emitted
        tokens too.
    blocks, shared_blocks : int
        Blocks of the KV-cache that it holds, and how many of them belong to the prefix cache.
    cached : int
        Tokens that it found in the prefix cache or on the host, when it was admitted last.
    fetch_s : float
        Seconds to fetch KV-cache from the host, in the iteration that admitted it.
    waits_since_s : float
        When it reached a replica, or its last chunk ended: what follows is queue.
    last_token_s : float
        When it got its last token.
    """

    __slots__ = (
        "blocks",
        "cached",
        "deadline_s",
        "emitted",
        "fetch_s",
        "goal",
        "index",
        "last_token_s",
        "output_tokens",
        "present",
        "prompt_tokens",
        "shared_blocks",
        "stored",
        "waits_since_s",
    )

    def __init__(
        self, index: int, prompt_tokens: int, output_tokens: int, deadline_s: float
    ) -> None:
        self.index = index
        self.prompt_tokens = prompt_tokens
        self.output_tokens = output_tokens
        self.deadline_s = deadline_s
        self.emitted = 0
        self.present = 0
        self.stored = 0
        self.goal = prompt_tokens
        self.blocks = self.shared_blocks = 0
        self.cached = 0
        self.fetch_s = 0.0
        self.waits_since_s = self.last_token_s = 0.0

    @property
    def tokens(self) -> int:
        """Its context: the prompt and what has been emitted."""
        return self.prompt_tokens + self.emitted

    @property
    def decoding(self) -> bool:
        """Whether its prefill is done."""
        return self.stored == self.goal

    @property
    def missing(self) -> int:
        """Tokens that its prefill has not processed yet."""
        return self.goal - max(self.stored, self.present)
