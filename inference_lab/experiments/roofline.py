"""Arithmetic intensity: FLOP for each byte read, of a prefill and of a decode step."""

from __future__ import annotations

from dataclasses import dataclass

from inference_lab.physics.llm import LLM


@dataclass(frozen=True)
class Step:
    """The work of one iteration of a model, over all its GPUs.

    Parameters
    ----------
    name : str
        Such as ``"decode 32"``.
    flop : float
        Floating-point operations.
    read_bytes : float
        Bytes read from the memory: weights and KV-cache.
    """

    name: str
    flop: float
    read_bytes: float

    @property
    def intensity(self) -> float:
        """FLOP for each byte; a GPU whose ridge is above it waits for its memory."""
        return self.flop / self.read_bytes


def prefill(llm: LLM, prompt_tokens: int, precision: str = "bf16") -> Step:
    """The prefill of one prompt.

    2 FLOP for each weight and token, and 4 for each pair of a token and an earlier one, head and
    head dimension (Kaplan et al., arXiv:2001.08361, table 1); the weights are read once.

    Raises
    ------
    ValueError
        If `prompt_tokens` is below 1, or the precision is not known.

    Examples
    --------
    >>> round(prefill(LLM.named("Llama-3.1-70B"), 2048).intensity)
    2119
    """
    if prompt_tokens < 1:
        raise ValueError(f"prompt_tokens={prompt_tokens!r} must be at least 1")
    pairs = prompt_tokens**2 / 2
    return _step(f"prefill {prompt_tokens:,}", llm, prompt_tokens, pairs, 0, precision)


def decode(llm: LLM, batch: int, context_tokens: int, precision: str = "bf16") -> Step:
    """One decode step of `batch` sequences that hold `context_tokens` together.

    As `prefill`; here each token is of another sequence, and the whole KV-cache is read too.

    Raises
    ------
    ValueError
        If the context is smaller than the batch, or the precision is not known.

    Examples
    --------
    >>> round(decode(LLM.named("Llama-3.1-70B"), batch=1, context_tokens=2048).intensity, 2)
    1.05
    """
    if not 1 <= batch <= context_tokens:
        raise ValueError(
            f"context_tokens={context_tokens!r} is the sum over batch={batch!r} sequences, "
            "each of at least one token"
        )
    return _step(f"decode {batch}", llm, batch, context_tokens, context_tokens, precision)


def _step(name: str, llm: LLM, tokens: int, pairs: float, cached: int, precision: str) -> Step:
    weights = llm.read_bytes(tokens, precision)
    return Step(
        name,
        flop=2.0 * llm.active_parameters * tokens
        + 4.0 * llm.layers * llm.heads * llm.head_dim * pairs,
        read_bytes=float(weights + cached * llm.kv_bytes_per_token(precision)),
    )
