"""Replicas: one copy of a model on a group of GPUs, and what an iteration of it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from inference_lab.physics.checks import one_of, real, whole
from inference_lab.physics.costs import Chunk, Costs, Line
from inference_lab.physics.hardware import GPU
from inference_lab.physics.llm import LLM
from inference_lab.physics.units import bytes_per_number


@dataclass(frozen=True)
class Replica(Costs):
    """One copy of a model on a tensor-parallel group of GPUs.

    Parameters
    ----------
    llm : LLM
        The model.
    gpu : GPU
        Each of the GPUs.
    tp : int
        Tensor parallelism: GPUs that share each layer.
    precision, kv_precision : str
        Of the weights and of the KV-cache; the latter's default belongs to the stack.
    stack : str
        The software: ``"ideal"`` is the roofline of the data sheet, nothing lost.
    max_batch : int
        Most sequences that run together.
    memory_fraction : float
        Share of the GPU memory that weights and KV-cache may take.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the heads cannot be split `tp` ways.

    Notes
    -----
    A model that does not fit has ``fits == False`` and no KV capacity: a simulation refuses all
    its requests.

    Examples
    --------
    >>> replica = Replica(LLM.named("Llama-3.1-70B"), GPU.named("H100-SXM5-80GB"), tp=4)
    >>> round(replica.prefill_s(prompt_tokens=2048), 4)
    0.0744
    >>> replica.kv_capacity_tokens
    448280
    """

    llm: LLM
    gpu: GPU
    tp: int = 1
    precision: str = "bf16"
    kv_precision: str | None = None
    stack: str = "ideal"
    max_batch: int = 256
    memory_fraction: float = 0.9

    def __post_init__(self) -> None:
        for name, kind in (("llm", LLM), ("gpu", GPU)):
            if not isinstance(getattr(self, name), kind):
                raise TypeError(
                    f"{name}={getattr(self, name)!r} must be a {kind.__name__}: "
                    f"use {kind.__name__}.named(...)"
                )
        whole("tp", self.tp, at_least=1)
        if self.llm.heads % self.tp:
            raise ValueError(
                f"tp={self.tp} must divide the {self.llm.heads} heads of {self.llm.name}: "
                "each GPU takes the same number of heads"
            )
        one_of("stack", self.stack, STACKS)
        self.gpu.flop_per_s(self.precision)
        if self.kv_precision is None:
            object.__setattr__(self, "kv_precision", "bf16")
        bytes_per_number(self.kv_precision, "kv_precision")
        whole("max_batch", self.max_batch, at_least=1)
        real("memory_fraction", self.memory_fraction, above=0, at_most=1)

    @property
    def fits(self) -> bool:
        """Whether the weights leave room for at least one token."""
        return self.kv_capacity_tokens > 0

    @cached_property
    def kv_capacity_tokens(self) -> int:
        """Tokens of KV-cache that fit beside the weights; 0 if the weights do not fit.

        With more GPUs than KV heads, each head is kept on several GPUs.
        """
        memory = self.tp * self.gpu.memory_bytes * self.memory_fraction
        free = memory - self.llm.weight_bytes(self.precision)
        return max(0, int(free // self._kv_bytes_per_token))

    @property
    def _kv_bytes_per_token(self) -> float:
        copies = self.tp if self.llm.kv_latent_dim else max(1, self.tp / self.llm.kv_heads)
        return self.llm.kv_bytes_per_token(self.kv_precision) * copies

    def iteration_s(self, chunks: Sequence[Chunk], batch: int, context_tokens: int) -> float:
        """Seconds of an iteration over prompt `chunks` and `batch` decoding sequences.

        The roofline: the larger of FLOPs at the peak rate and bytes at the peak bandwidth. FLOPs
        are
        2 for each parameter and token and, for causal attention, 4 for each pair of a token and
        one it
        sees, head dimension and head (Kaplan et al., arXiv:2001.08361, table 1).
        """
        tokens = batch + sum(new for _, new in chunks)
        pairs = context_tokens + sum(((p + k) ** 2 - p**2) / 2 for p, k in chunks)
        cached = context_tokens + sum(p for p, _ in chunks)
        (flop_s, flop_s_per_pair), (byte_s, byte_s_per_token) = self._roofline(tokens)
        return max(flop_s + flop_s_per_pair * pairs, byte_s + byte_s_per_token * cached)

    def decode_lines(self, batch: int) -> tuple[Line, ...]:
        """The decode step of a batch as lines over its context; the largest holds."""
        return self._roofline(batch)

    def _roofline(self, tokens: int) -> tuple[Line, Line]:
        """Compute-bound and memory-bound time: seconds fixed, and for each pair or cached token."""
        flop_s, flop_s_per_pair, number_s, byte_s_per_token = self._rates
        weights_s = self.llm.parameters_read(tokens) * number_s
        return (flop_s * tokens, flop_s_per_pair), (weights_s, byte_s_per_token)

    @cached_property
    def _rates(self) -> tuple[float, float, float, float]:
        """Seconds for one token's weights, one attention pair, one weight read, one KV token
        read."""
        llm = self.llm
        flop_per_s = self.tp * self.gpu.flop_per_s(self.precision)
        bytes_per_s = self.tp * self.gpu.hbm_bytes_per_s
        return (
            2 * llm.active_parameters / flop_per_s,
            4 * llm.layers * llm.heads * llm.head_dim / flop_per_s,
            bytes_per_number(self.precision) / bytes_per_s,
            self._kv_bytes_per_token / bytes_per_s,
        )


STACKS = ("ideal",)
"""Software stacks with a cost model."""
