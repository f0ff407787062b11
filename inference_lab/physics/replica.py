"""Replicas: one copy of a model on a group of GPUs, and what an iteration of it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from inference_lab.checks import one_of, real, whole
from inference_lab.physics.costs import Chunk, Costs, Line
from inference_lab.physics.hardware import GPU
from inference_lab.physics.kernels import Kernels
from inference_lab.physics.llm import LLM
from inference_lab.physics.roofline import Roofline
from inference_lab.physics.stack import Stack
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
    stack : str or Stack
        The software: ``"ideal"`` is the roofline of the data sheet, nothing lost; the others of
        `Stack.names` are calibrated on measurements.
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
    stack: str | Stack = "ideal"
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
        if not isinstance(self.stack, Stack):
            one_of("stack", self.stack, Stack.names())
        self.gpu.flop_per_s(self.precision)
        if self.kv_precision is None:
            kv_precision = self._stack.kv_precision(self.precision) if self._stack else "bf16"
            object.__setattr__(self, "kv_precision", kv_precision)
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

    @property
    def request_s(self) -> float:
        """Time of a request beside the engine (HTTP, tokenizer, stream).

        Its client sees every token so much later, and the engine works on meanwhile. A simulation
        leaves it out; `inference-lab predict` adds it to the TTFT.
        """
        stack = self._stack
        return 0.0 if stack is None or stack.host_bound else stack.first_token_s

    @property
    def scheduler(self) -> dict[str, str | int | None]:
        """How the stack's engine schedules, as keywords of `Cluster`."""
        if self._stack is None:
            return {}
        return {"scheduler": self._stack.scheduler, "token_budget": self._stack.token_budget}

    def iteration_s(self, chunks: Sequence[Chunk], batch: int, context_tokens: int) -> float:
        """Seconds of an iteration over prompt `chunks` and `batch` decoding sequences."""
        return self._costs.iteration_s(chunks, batch, context_tokens)

    def decode_lines(self, batch: int) -> tuple[Line, ...]:
        """The decode step of a batch as lines over its context; the largest holds."""
        return self._costs.decode_lines(batch)

    def all_reduces_s(self, tokens: int) -> float:
        """The part of an iteration over `tokens` tokens that goes to all-reduces; 0 if ideal."""
        return 0.0 if isinstance(self._costs, Roofline) else self._costs.all_reduces_s(tokens)

    @cached_property
    def _stack(self) -> Stack | None:
        """The stack's constants; None for the roofline."""
        if isinstance(self.stack, Stack):
            return self.stack
        return None if self.stack == "ideal" else Stack.named(self.stack, self.gpu)

    @cached_property
    def _costs(self) -> Roofline | Kernels:
        shape = (self.llm, self.gpu, self.tp, self.precision)
        if self._stack is None:
            return Roofline(*shape, self._kv_bytes_per_token)
        return Kernels(*shape, self.kv_precision, self._stack, self._kv_bytes_per_token)
