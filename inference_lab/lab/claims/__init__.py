"""Verdicts on the claims of the text, each computed from a run."""

from inference_lab.lab.claims.bands import in_band
from inference_lab.lab.claims.batching import batch_trades_tpot_for_throughput
from inference_lab.lab.claims.network import network_dominates_only_if_kv_moves
from inference_lab.lab.claims.queue import ttft_is_mostly_prefill
from inference_lab.lab.claims.roof import decode_is_memory_bound, prefill_is_compute_bound
from inference_lab.lab.claims.verdict import Verdict

__all__ = [
    "Verdict",
    "batch_trades_tpot_for_throughput",
    "decode_is_memory_bound",
    "in_band",
    "network_dominates_only_if_kv_moves",
    "prefill_is_compute_bound",
    "ttft_is_mostly_prefill",
]
