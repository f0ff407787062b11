"""Fits of all constants; each function takes rows and returns what it found."""

from __future__ import annotations

import inference_lab as il
from calibration.fit import Constants, fit, log_error
from calibration.measured import Eager, Layer, Reduced, Serving
from calibration.models import (
    HABITS,
    Pair,
    eager_pairs,
    eager_stack,
    layer_pairs,
    serving_pairs,
    wave_pairs,
)
from inference_lab.physics.all_reduce import KINDS, AllReduce, all_reduce_from
from inference_lab.physics.stack import Stack


def eager(rows: list[Eager]) -> Constants:
    """Constants of the 2023 stack on one GPU, its all-reduce included.

    Token times first: they do not depend on the rest, which prompt times then show.
    """
    prefills = [row for row in rows if row.output_tokens == 0]
    decodes = [row for row in rows if row.output_tokens > 0]
    rest = {
        "bf16_efficiency": 0.65,
        "first_token_s": 0.02,
        "bytes_per_s": 150e9,
        "long_bytes_per_s": 60e9,
    }

    def decode_error(constants: Constants) -> float:
        if constants["memory_efficiency"] > 1:
            return 9.0
        return log_error(eager_pairs(eager_stack({**rest, **constants}), decodes))

    start = {"memory_efficiency": 0.6, "layer_s": 4e-4, "sequence_s": 3e-4}
    seen = fit(decode_error, start, 150)

    def prefill_error(constants: Constants) -> float:
        if constants["bf16_efficiency"] > 1:
            return 9.0
        return log_error(eager_pairs(eager_stack({**seen, **constants}), prefills))

    return {**seen, **fit(prefill_error, rest, 250)}


SLOWEST_START_S = 1e-3
"""A larger start-up would only say that a branch of the model is never taken."""

LARGEST_BYTES = 2**28
"""Larger messages are left out of the fit, not of the error: 16,384 tokens of 8,192 numbers in bf16
are the most that an iteration sends."""


def reduced_pairs(all_reduce: AllReduce, rows: list[Reduced]) -> list[Pair]:
    """Predicted and measured all-reduce times."""
    return [(all_reduce.seconds(r.gpus, r.message_bytes), r.measured_s) for r in rows]


_STARTS = ("latency_s", "doubling_s", "peer_s", "barrier_s", "setup_s")


def _start_s(constants: Constants) -> float:
    return max(value for name, value in constants.items() if name in _STARTS)


def all_reduce(kind: str, rows: list[Reduced]) -> dict:
    """The entry of an all-reduce: the better of a ring and, but for PCIe, a switch that reduces."""
    starts = {
        "nccl": {
            "latency_s": 8e-6,
            "doubling_s": 5e-6,
            "small_bytes_per_s": 100e9,
            "setup_s": 20e-6,
            "bytes_per_s": 300e9,
        },
        "kernel": {
            "latency_s": 5e-6,
            "peer_s": 1e-7,
            "barrier_s": 8e-6,
            "setup_s": 30e-6,
            "bytes_per_s": 300e9,
        },
        "pcie": {"latency_s": 6e-6, "peer_s": 3e-6, "bytes_per_s": 19e9, "doubling": 0.25},
    }
    found = []
    used = [row for row in rows if row.message_bytes <= LARGEST_BYTES]
    for switch in ({},) if kind == "pcie" else ({"in_switch": False}, {"in_switch": True}):

        def error(constants: Constants, switch: dict = switch) -> float:
            if _start_s(constants) > SLOWEST_START_S:
                return 9.0
            return log_error(reduced_pairs(KINDS[kind](**switch, **constants), used))

        constants = fit(error, starts[kind], 600)
        found.append((error(constants), {**switch, **constants}))
    return {"kind": kind, "constants": min(found, key=lambda pair: pair[0])[1]}


def transfer(rows: list[tuple[float, float]], wire_bytes_per_s: float) -> Constants:
    """Start-up and share of the wire of a KV transfer."""

    def error(constants: Constants) -> float:
        rate = wire_bytes_per_s * constants["efficiency"]
        return log_error([(constants["start_s"] + size / rate, s) for size, s in rows])

    return fit(error, {"start_s": 4e-4, "efficiency": 0.75}, 200)


def kernels(rows: list[Layer]) -> Constants:
    """Efficiencies and gaps of the bare kernels of a layer."""

    def error(constants: Constants) -> float:
        return log_error(layer_pairs(**constants, rows=rows))

    start = {"bf16_efficiency": 0.7, "memory_efficiency": 0.8, "layer_s": 4e-5}
    return fit(error, start, 80)


def stack(name: str, constants: Constants, all_reduce_entry: dict) -> Stack:
    """A 2025 stack with constants on trial."""
    return Stack(
        name=name, all_reduce=all_reduce_from(all_reduce_entry), **HABITS[name], **constants
    )


def sglang(waves: list[Serving], all_reduce_entry: dict, steps: int = 90) -> Constants:
    """SGLang's constants from its waves: what bf16 kernels do on the GPU, for all stacks."""
    start = {
        "bf16_efficiency": 0.7,
        "memory_efficiency": 0.9,
        "layer_s": 6e-5,
        "sequence_s": 3e-5,
        "first_token_s": 0.02,
    }

    def error(constants: Constants) -> float:
        if max(constants["bf16_efficiency"], constants["memory_efficiency"]) > 1:
            return 9.0
        tried = {"fp8_efficiency": constants["bf16_efficiency"], **constants}
        return sum(map(log_error, wave_pairs(stack("vllm-2025", tried, all_reduce_entry), waves)))

    return fit(error, start, steps)


def vllm(
    rows: list[Serving], known: Constants, all_reduce_entry: dict, steps: int = 75
) -> Constants:
    """vLLM's constants from its closed loops; `known` ones are kept."""
    start = {
        "fp8_efficiency": 0.6,
        "memory_efficiency": 0.9,
        "layer_s": 6e-5,
        "sequence_s": 3e-5,
        "first_token_s": 0.02,
    }
    start = {name: value for name, value in start.items() if name not in known}

    def error(constants: Constants) -> float:
        if max(value for name, value in constants.items() if name.endswith("efficiency")) > 1:
            return 9.0
        tried = stack("vllm-2025", {**known, **constants}, all_reduce_entry)
        return sum(map(log_error, serving_pairs(tried, rows)))

    return {**known, **fit(error, start, steps)}


def trtllm(
    rows: list[Serving], known: Constants, all_reduce_entry: dict, steps: int = 45
) -> Constants:
    """TensorRT-LLM's constants from its token times; `known` ones are kept."""
    start = {
        "bf16_efficiency": 0.75,
        "fp8_efficiency": 0.52,
        "memory_efficiency": 0.88,
        "layer_s": 5e-5,
        "sequence_s": 2.5e-5,
    }
    start = {name: value for name, value in start.items() if name not in known}

    def error(constants: Constants) -> float:
        if max(value for name, value in constants.items() if name.endswith("efficiency")) > 1:
            return 9.0
        tried = stack("trtllm-2025", {**known, **constants}, all_reduce_entry)
        return log_error(serving_pairs(tried, rows)[1])

    return {**fit(error, start, steps), **known}


LOGGED_TOKENS = 6048
"""KV-cache that vLLM logged beside Llama-3.1-70B in bf16 on two GPUs of 80 GB, in blocks of 16."""


def reserve() -> dict:
    """Memory of each GPU that neither weights nor KV-cache get, from vLLM's log.

    The device has more than its data sheet says, so activations and captured graphs take more than
    this; the two together are what a user of the data sheet misses.
    """
    ideal = il.Replica(il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=2)
    lost_tokens = ideal.kv_capacity_tokens - (LOGGED_TOKENS + 8)  # the middle of the last block
    lost_bytes = lost_tokens * ideal.llm.kv_bytes_per_token("bf16")
    data = f"log of vLLM: Llama-3.1-70B bf16, two 80 GB GPUs, {LOGGED_TOKENS:,} tokens of KV-cache"
    return rounded({"bytes": lost_bytes / ideal.tp}) | {"data": f"measured: {data}"}


def rounded(constants: dict) -> dict:
    """Four significant digits: more would claim what no fit knows."""
    return {
        name: value if isinstance(value, bool) else float(f"{value:.4g}")
        for name, value in constants.items()
    }


def entry(constants: Constants, data: str) -> dict:
    """What the file of constants holds for a stack on a GPU."""
    return {"data": data, "constants": rounded(constants)}
