"""Kernels: what an iteration costs on a real stack, kernel by kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from inference_lab.physics import weights
from inference_lab.physics.costs import Chunk, Line
from inference_lab.physics.hardware import GPU
from inference_lab.physics.llm import LLM
from inference_lab.physics.stack import Stack
from inference_lab.physics.units import bytes_per_number

GPUS_PER_HOST = 8
"""Largest tensor-parallel group inside one host (NVIDIA DGX and HGX; AMD Instinct platform)."""

HIDDEN_PASSES = 14
INNER_PASSES = 5
"""Times that each layer moves a token's hidden vector (on every GPU) and its MLP vector (its share
of it) through device memory: normalisations, residuals, activation, rotary embedding. From the
layer times without attention in Vidur's public profiles (arXiv:2405.05465), A100 and H100, TP1 to
TP8; counts, not fitted per stack."""


@dataclass(frozen=True)
class Kernels:
    """Times of one model on a tensor-parallel group under a stack.

    Matrix products take the longer of their FLOPs and of reading the weights once; attention,
    element-wise kernels and all-reduces add to it. A stack that launches kernel by kernel cannot be
    faster than its launches; one that runs a captured graph adds the gaps between kernels.
    """

    llm: LLM
    gpu: GPU
    tp: int
    precision: str
    kv_precision: str
    stack: Stack
    kv_bytes_per_token: float
    _rates: dict[str, float] = field(init=False, repr=False, compare=False)
    _known: dict[tuple[int, int], float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rates", self._seconds_per_unit())
        object.__setattr__(self, "_known", {})

    def _seconds_per_unit(self) -> dict[str, float]:
        """Seconds of one unit of each kind of work, spread over the group."""
        llm, gpu, stack = self.llm, self.gpu, self.stack
        bytes_per_s = gpu.hbm_bytes_per_s * stack.memory_efficiency
        kept = weights.bf16_in_layers(llm)
        flop = 2 * (llm.active_parameters - weights.tables(llm) - kept)
        flop_s = flop / self._flop_per_s(self.precision) + 2 * kept / self._flop_per_s("bf16")
        always = llm.read_bytes(0, self.precision)
        expert = (llm.read_bytes(1, self.precision) - always) / llm.active_experts
        always -= llm.embedding_parameters * bytes_per_number("bf16")  # the head is apart
        passes = HIDDEN_PASSES * llm.hidden_size + INNER_PASSES * llm.inner_width / self.tp
        heads_flop = 4 * llm.layers * llm.heads * llm.head_dim
        return {
            "products": flop_s / self.tp,
            "always": always / (self.tp * bytes_per_s),
            "expert": expert / (self.tp * bytes_per_s),
            "bf16_flop": 1 / (self.tp * self._flop_per_s("bf16")),
            "pair": heads_flop / (self.tp * self._flop_per_s(self._attention_precision)),
            "byte": 1 / (self.tp * bytes_per_s),
            "kv_token": self.kv_bytes_per_token / (self.tp * bytes_per_s),
            "token": llm.layers * passes * bytes_per_number("bf16") / bytes_per_s,
        }

    @property
    def _attention_precision(self) -> str:
        """Attention computes in the precision of the KV-cache, or in bf16 on a GPU without fp8."""
        return self.kv_precision if self.gpu.fp8_flop_per_s else "bf16"

    def _flop_per_s(self, precision: str) -> float:
        return self.gpu.flop_per_s(precision) * self.stack.matrix_efficiency(precision)

    def iteration_s(self, chunks: Sequence[Chunk], batch: int, context_tokens: int) -> float:
        """Seconds of an iteration over prompt `chunks` and `batch` decoding sequences."""
        tokens, pairs = batch, 0.0
        for done, new in chunks:  # mostly one, so a loop beats two sums
            tokens += new
            pairs += ((done + new) ** 2 - done**2) / 2
        rates, stack = self._rates, self.stack
        logits = batch + len(chunks)
        work_s = self._known.get((tokens, logits)) or self._fixed_s(tokens, logits)
        work_s += rates["pair"] * pairs + rates["kv_token"] * context_tokens
        host_s = stack.layer_s * self.llm.layers
        layers_s = max(host_s, work_s) if stack.host_bound else host_s + work_s
        prefill_s = stack.first_token_s if chunks and stack.host_bound else 0.0
        return layers_s + prefill_s + stack.sequence_s * batch

    def decode_lines(self, batch: int) -> tuple[Line, ...]:
        """The decode step of a batch as lines over its context; the largest holds."""
        host_s = self.stack.layer_s * self.llm.layers
        sequences_s = self.stack.sequence_s * batch
        work_s, slope = self._fixed_s(batch, batch), self._rates["kv_token"]
        if self.stack.host_bound:
            return (host_s + sequences_s, 0.0), (work_s + sequences_s, slope)
        return ((host_s + work_s + sequences_s, slope),)

    def _fixed_s(self, tokens: int, logits: int) -> float:
        """What does not depend on the context: products, element-wise kernels, all-reduces."""
        known = self._known.get((tokens, logits))
        if known is None:
            known = self._products_s(tokens) + self._head_s(logits)
            known += self._rates["token"] * tokens + self.all_reduces_s(tokens)
            self._known[tokens, logits] = known
        return known

    def _products_s(self, tokens: int) -> float:
        """Products of the layers: their weights are read once an iteration."""
        rates, experts = self._rates, self.llm.experts_touched(tokens)
        return max(rates["products"] * tokens, rates["always"] + rates["expert"] * experts)

    def _head_s(self, logits: int) -> float:
        """The output projection: only for tokens that are sampled, and in bf16 in every stack."""
        table = self.llm.embedding_parameters
        table_bytes = table * bytes_per_number("bf16")
        return max(2 * table * logits * self._rates["bf16_flop"], table_bytes * self._rates["byte"])

    def all_reduces_s(self, tokens: int) -> float:
        """Two all-reduces in each layer, of a bf16 hidden vector for each token."""
        across = self.tp > GPUS_PER_HOST
        all_reduce = self.stack.host_all_reduce if across else self.stack.all_reduce
        if all_reduce is None or self.tp == 1:
            return 0.0
        message_bytes = tokens * self.llm.hidden_size * bytes_per_number("bf16")
        return 2 * self.llm.layers * all_reduce.seconds(self.tp, message_bytes)
