"""A replica with affine costs: the building block of queueing models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference_lab.checks import real, whole
from inference_lab.physics.costs import Chunk, Costs, Line

UNLIMITED_TOKENS = 2**50
"""KV capacity of a queueing model without memory: more tokens than any run can hold."""

MOST_BYTES = 1e18
"""An exabyte: no replica has more."""

LONGEST_S = 1e6
"""Largest constant, eleven days a token: no queueing model needs it, and the clock overflows
later."""


@dataclass(frozen=True, init=False)
class AffineReplica(Costs):
    """A replica with affine costs: any queueing model can be put together from it.

    Parameters
    ----------
    prefill_s : (a, b, c)
        A prefill of n tokens takes ``a + b n + c n**2`` seconds.
    decode_s : (d, e, f)
        A decode step takes ``d + e batch + f context`` seconds.
    kv_capacity_tokens : int
        Tokens that the KV-cache holds; unlimited if not given.
    max_batch : int
        Most sequences that run together.
    kv_bytes_per_token : float
        Of the KV-cache, where it moves.
    weight_bytes : float
        That it loads before it serves, where it stands on a fabric.

    Raises
    ------
    TypeError, ValueError
        If a constant is negative, not finite or not a number.

    Examples
    --------
    >>> AffineReplica(prefill_s=(0.01, 1e-4, 0), decode_s=(0.03, 0, 0)).prefill_s(1000)
    0.11
    """

    prefill_constants: tuple[float, float, float]
    decode_constants: tuple[float, float, float]
    kv_capacity_tokens: int
    max_batch: int
    kv_bytes_per_token: float
    weight_bytes: float

    def __init__(
        self,
        *,
        prefill_s: Sequence[float],
        decode_s: Sequence[float],
        kv_capacity_tokens: int = UNLIMITED_TOKENS,
        max_batch: int = 256,
        kv_bytes_per_token: float = 0.0,
        weight_bytes: float = 0.0,
    ) -> None:
        for name, constants in (("prefill_s", prefill_s), ("decode_s", decode_s)):
            if not isinstance(constants, Sequence) or len(constants) != 3:
                raise ValueError(f"{name}={constants!r} must hold three numbers of seconds")
            for constant in constants:
                real(name, constant, at_most=LONGEST_S)
        store = object.__setattr__
        store(self, "prefill_constants", tuple(map(float, prefill_s)))
        store(self, "decode_constants", tuple(map(float, decode_s)))
        store(self, "kv_capacity_tokens", whole("kv_capacity_tokens", kv_capacity_tokens))
        store(self, "kv_bytes_per_token", real("kv_bytes_per_token", kv_bytes_per_token))
        store(self, "weight_bytes", real("weight_bytes", weight_bytes, at_most=MOST_BYTES))
        store(self, "max_batch", whole("max_batch", max_batch, at_least=1))

    def iteration_s(self, chunks: Sequence[Chunk], batch: int, context_tokens: int) -> float:
        """Seconds of an iteration over prompt `chunks` and `batch` decoding sequences."""
        a, b, c = self.prefill_constants
        d, e, f = self.decode_constants
        fixed = max(a if chunks else 0.0, d if batch else 0.0)
        prompts = 0.0
        for done, new in chunks:
            prompts += b * new + c * ((done + new) ** 2 - done**2)
        return fixed + prompts + e * batch + f * context_tokens

    def decode_lines(self, batch: int) -> tuple[Line, ...]:
        """The decode step of a batch as lines over its context; the largest holds."""
        d, e, f = self.decode_constants
        return ((d + e * batch, f),)
