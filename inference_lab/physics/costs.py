"""Costs: what an engine asks of a replica, and what a reader does.

An engine asks for ``iteration_s``, ``decode_lines``, ``kv_capacity_tokens``, ``max_batch``, and for
how it is served: ``scheduler``, ``token_budget``, ``frontend_s``. Anything that answers can be
simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from inference_lab.checks import whole

Chunk = tuple[int, int]
"""Prompt tokens of one iteration: (tokens already in the KV-cache, new tokens)."""

Line = tuple[float, float]
"""A decode step in one regime: seconds at no context, seconds for each token of context."""

SCHEDULERS = ("continuous", "chunked", "static")
"""Names of the schedulers; each engine of `serving` has its own form of each."""


def check_budget(scheduler: str, token_budget: int | None) -> None:
    """Refuse a scheduler's token budget where it cannot be kept.

    Raises
    ------
    ValueError
        If chunked prefill has none, or static batches have one.
    """
    if scheduler == "chunked" and token_budget is None:
        raise ValueError(
            "token_budget=None does not go with chunked prefill: give the most tokens of an "
            "iteration, such as 2048"
        )
    if scheduler == "static" and token_budget is not None:
        raise ValueError(
            f"token_budget={token_budget!r} does not go with static batches, which prefill "
            "together: leave it out"
        )


class Costs(Protocol):
    """What an engine asks; a reader's two questions are answered from it."""

    max_batch: int
    """Most sequences that run together."""

    kv_capacity_tokens: int
    """Tokens that the KV-cache holds."""

    scheduler: str = "continuous"
    """What its engine does unless a `Cluster` names another one."""

    token_budget: int | None = None
    """Most tokens of its iterations; None is one prompt at a time."""

    prefix_cache: bool = False
    """Whether its engine keeps prompts for those that begin alike, unless a `Cluster` says."""

    kv_bytes_per_token: float = 0.0
    """Of the KV-cache, on all GPUs of the replica together."""

    weight_bytes: float = 0.0
    """That it loads before it serves."""

    hosts: int = 1
    """That its GPUs fill."""

    frontend_s: float = 0.0
    """Seconds of a request beside the engine: its client sees every token so much later."""

    def iteration_s(self, chunks: Sequence[Chunk], batch: int, context_tokens: int) -> float:
        """Seconds of an iteration over prompt `chunks` and `batch` decoding sequences.

        Parameters
        ----------
        chunks : sequence of (int, int)
            For each prompt, the tokens in the KV-cache already and the new ones.
        batch, context_tokens : int
            Sequences that decode one token, and the tokens they hold together before it.
        """

    def decode_lines(self, batch: int) -> tuple[Line, ...]:
        """The decode step of a batch as lines over its context; the largest holds."""

    def prefill_s(self, prompt_tokens: int, batch: int = 1, cached_tokens: int = 0) -> float:
        """Seconds to prefill `batch` prompts of `prompt_tokens`, of which `cached_tokens` are in
        the KV-cache.

        Raises
        ------
        TypeError, ValueError
            If a count is not a whole number, or no token is left to process.
        """
        prompt = whole("prompt_tokens", prompt_tokens, at_least=1)
        cached = whole("cached_tokens", cached_tokens)
        if cached >= prompt:
            raise ValueError(
                f"cached_tokens={cached} leaves nothing of prompt_tokens={prompt} to process: "
                "at least one token must be new"
            )
        chunks = [(cached, prompt - cached)] * whole("batch", batch, at_least=1)
        return self.iteration_s(chunks, 0, 0)

    def decode_step_s(self, batch: int, context_tokens: int) -> float:
        """Seconds to decode one token for each of `batch` sequences that hold `context_tokens`
        together.

        Raises
        ------
        TypeError, ValueError
            If a count is not a whole number, or the context is smaller than the batch.
        """
        sequences = whole("batch", batch, at_least=1)
        context = whole("context_tokens", context_tokens)
        if context < sequences:
            raise ValueError(
                f"context_tokens={context} is less than batch={sequences}: it is the sum over the "
                "batch, and each sequence holds at least one token"
            )
        return max(start + slope * context for start, slope in self.decode_lines(sequences))
