"""The roofline: what an iteration would cost if nothing of the data sheet were lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from inference_lab.physics import weights
from inference_lab.physics.costs import Chunk, Line
from inference_lab.physics.hardware import GPU
from inference_lab.physics.llm import LLM


@dataclass(frozen=True)
class Roofline:
    """The larger of FLOPs at the peak rate and bytes at the peak bandwidth.

    FLOPs are 2 for each parameter and token and, for causal attention, 4 for each pair of a token
    and one it sees, head dimension and head (Kaplan et al., arXiv:2001.08361, table 1).
    """

    llm: LLM
    gpu: GPU
    tp: int
    precision: str
    kv_bytes_per_token: float

    def iteration_s(self, chunks: Sequence[Chunk], batch: int, context_tokens: int) -> float:
        """Seconds of an iteration over prompt `chunks` and `batch` decoding sequences."""
        tokens = batch + sum(new for _, new in chunks)
        pairs = context_tokens + sum(((p + k) ** 2 - p**2) / 2 for p, k in chunks)
        cached = context_tokens + sum(p for p, _ in chunks)
        (flop_s, flop_s_per_pair), (byte_s, byte_s_per_token) = self.decode_lines(tokens)
        return max(flop_s + flop_s_per_pair * pairs, byte_s + byte_s_per_token * cached)

    def decode_lines(self, batch: int) -> tuple[Line, Line]:
        """Compute-bound and memory-bound time: seconds fixed, and for each pair or cached token."""
        lines = self._known.get(batch)
        if lines is None:
            flop_s, flop_s_per_pair, byte_s, byte_s_per_token = self._rates
            weights_s = self.llm.read_bytes(batch, self.precision) * byte_s
            lines = (flop_s * batch, flop_s_per_pair), (weights_s, byte_s_per_token)
            self._known[batch] = lines
        return lines

    @cached_property
    def _known(self) -> dict[int, tuple[Line, Line]]:
        """The lines of every batch asked for so far."""
        return {}

    @cached_property
    def _rates(self) -> tuple[float, float, float, float]:
        """Seconds for one token's weights, one attention pair, one byte read, one KV token
        read."""
        llm = self.llm
        flop_per_s = self.tp * self.gpu.flop_per_s(self.precision)
        bf16_flop_per_s = self.tp * self.gpu.flop_per_s("bf16")
        kept = weights.bf16_in_layers(llm) + weights.tables(llm)
        bytes_per_s = self.tp * self.gpu.hbm_bytes_per_s
        return (
            2 * (llm.active_parameters - kept) / flop_per_s + 2 * kept / bf16_flop_per_s,
            4 * llm.layers * llm.heads * llm.head_dim / flop_per_s,
            1 / bytes_per_s,
            self.kv_bytes_per_token / bytes_per_s,
        )
