"""Replicas: one copy of a model on a group of GPUs, and what an iteration of it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from inference_lab.checks import one_of, real, whole
from inference_lab.physics.costs import Chunk, Costs, Line
from inference_lab.physics.hardware import GPU, GPUS_IN_A_HOST
from inference_lab.physics.kernels import Kernels
from inference_lab.physics.llm import LLM
from inference_lab.physics.roofline import Roofline
from inference_lab.physics.split import check_tp, degrees
from inference_lab.physics.stack import Stack
from inference_lab.physics.units import GB, bytes_per_number


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
    its requests; `advice` says what would fit.

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
        check_tp(self.llm, self.tp)
        if not isinstance(self.stack, Stack):
            one_of("stack", self.stack, Stack.names())
        self.gpu.flop_per_s(self.precision)
        object.__setattr__(self, "kv_precision", self._kv_precision)
        bytes_per_number(self._kv_precision, "kv_precision")
        whole("max_batch", self.max_batch, at_least=1)
        real("memory_fraction", self.memory_fraction, above=0, at_most=1)

    @property
    def fits(self) -> bool:
        """Whether the weights leave room for at least one token."""
        return self.kv_capacity_tokens > 0

    # A type checker must be told that what `Costs` declares as attributes may be computed.
    @cached_property
    def kv_capacity_tokens(self) -> int:  # type: ignore[override]
        """Tokens of KV-cache that fit beside the weights; 0 if the weights do not fit.

        The stack's reserve goes first. With more GPUs than KV heads, each head is kept on several
        GPUs.
        """
        free = self._memory_bytes - self.llm.weight_bytes(self.precision)
        return max(0, int(free // self.kv_bytes_per_token))

    @property
    def _memory_bytes(self) -> float:
        """What weights and KV-cache may take."""
        reserve = self._stack.reserve_bytes if self._stack else 0.0
        return self.tp * (self.gpu.memory_bytes * self.memory_fraction - reserve)

    def advice(self, tokens: int = 1) -> str | None:
        """What would fit, in one line; None if this replica does.

        Parameters
        ----------
        tokens : int
            That the KV-cache must hold beside the weights.

        Raises
        ------
        TypeError, ValueError
            If `tokens` is not a positive whole number.

        Examples
        --------
        >>> alone = Replica(LLM.named("Llama-3.1-70B"), GPU.named("H100-SXM5-80GB"))
        >>> alone.advice().rpartition("; ")[2]
        'use tp=2 in bf16 or fp8'
        """
        needed = whole("tokens", tokens, at_least=1)
        if self.kv_capacity_tokens >= needed:
            return None
        size = self.llm.weight_bytes(self.precision) + needed * self.kv_bytes_per_token
        return (
            f"{self.llm.name} in {self.precision} does not fit on {self.tp} x {self.gpu.name}: its "
            f"weights and {needed} token{'s' if needed > 1 else ''} of KV-cache take "
            f"{size / GB:.1f} GB of {self._memory_bytes / GB:.1f} GB; {self._remedy(needed)}"
        )

    def _remedy(self, tokens: int) -> str:
        """The smallest group of these GPUs that holds so much, in this precision and in fp8."""
        found: dict[int, list[str]] = {}
        for precision in dict.fromkeys((self.precision, "fp8")):
            if precision == "fp8" and not self.gpu.fp8_flop_per_s:
                continue
            for tp in degrees(self.llm):
                kv_precision = self.kv_precision if precision == self.precision else None
                other = replace(self, tp=tp, precision=precision, kv_precision=kv_precision)
                if other.kv_capacity_tokens >= tokens:
                    found.setdefault(tp, []).append(precision)
                    break
        ways = [f"tp={tp} in {' or '.join(kinds)}" for tp, kinds in found.items()]
        return (
            f"use {', or '.join(ways)}"
            if ways
            else "no group of these GPUs holds it: use larger ones"
        )

    @property
    def _kv_precision(self) -> str:
        if self.kv_precision is not None:
            return self.kv_precision
        return self._stack.kv_precision(self.precision) if self._stack else "bf16"

    @property
    def kv_bytes_per_token(self) -> float:  # type: ignore[override]
        """Of the KV-cache, on all GPUs together: what each of them keeps for itself counts anew."""
        copies = self.tp if self.llm.kv_latent_dim else max(1, self.tp / self.llm.kv_heads)
        return self.llm.kv_bytes_per_token(self._kv_precision) * copies

    @property
    def weight_bytes(self) -> float:  # type: ignore[override]
        """Of all its GPUs together."""
        return self.llm.weight_bytes(self.precision)

    @property
    def hosts(self) -> int:  # type: ignore[override]
        """Servers that its GPUs fill."""
        return -(-self.tp // GPUS_IN_A_HOST)

    @property
    def prefix_cache(self) -> bool:  # type: ignore[override]
        """Whether the stack's engine keeps prompts for those that begin alike."""
        return self._stack is not None and self._stack.prefix_cache

    @property
    def scheduler(self) -> str:  # type: ignore[override]
        """What the stack's engine does, as in `Cluster`."""
        return "continuous" if self._stack is None else self._stack.scheduler

    @property
    def token_budget(self) -> int | None:  # type: ignore[override]
        """Most tokens of an iteration of the stack's engine."""
        return None if self._stack is None else self._stack.token_budget

    @property
    def frontend_s(self) -> float:  # type: ignore[override]
        """Time of a request beside the engine (HTTP, tokenizer, stream).

        Its client sees every token so much later, and the engine works on meanwhile.
        """
        stack = self._stack
        return 0.0 if stack is None or stack.host_bound else stack.first_token_s

    @property
    def source(self) -> str:
        """What its times and its memory rest on: what is measured, and what is assumed.

        Examples
        --------
        >>> Replica(LLM.named("Llama-3.1-8B"), GPU.named("L40S"), stack="vllm-2025").source
        'efficiencies and host times assumed as on H100-SXM5-80GB; all-reduce measured; ...'
        """
        return self._stack.source if self._stack else "the data sheet of the GPU, nothing lost"

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
            return Roofline(*shape, self.kv_bytes_per_token)
        return Kernels(*shape, self._kv_precision, self._stack, self.kv_bytes_per_token)
