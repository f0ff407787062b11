"""Models: what the simulator predicts for a measured row."""

from __future__ import annotations

import numpy as np

import inference_lab as il
from calibration.fit import Constants
from calibration.measured import Eager, Layer, Serving
from inference_lab.cli.predict import closed_loop
from inference_lab.physics import weights
from inference_lab.physics.all_reduce import EagerAllReduce
from inference_lab.physics.kernels import HIDDEN_PASSES, INNER_PASSES
from inference_lab.physics.stack import Stack

Pair = tuple[float, float]
"""Predicted and measured seconds."""

SHORTEST = 0.8
"""The serving benchmark draws lengths uniformly between this share of the given one and it."""

HABITS = {
    "eager-2023": {"host_bound": True, "scheduler": "continuous", "token_budget": 2560},
    "vllm-2025": {"scheduler": "chunked", "token_budget": 8192, "prefix_cache": True},
    "trtllm-2025": {
        "scheduler": "chunked",
        "token_budget": 8192,
        "prefix_cache": True,
        "fp8_kv": True,
    },
}
"""What the engines do by default: vLLM 0.2 (``max_num_batched_tokens``), vLLM V1 on an H100 server,
TensorRT-LLM 1.0 (``max_num_tokens``), both with prefix caching on; the last keeps fp8 KV beside
fp8 weights."""


def eager_pairs(stack: Stack, rows: list[Eager]) -> list[Pair]:
    """Prompt and token times of Llama-2-70B; a token's time at the mean context of its run."""
    llm, pairs = il.LLM.named("Llama-2-70B"), []
    replicas = {
        (gpu, tp): il.Replica(llm, il.GPU.named(gpu), tp=tp, stack=stack)
        for gpu, tp in {(row.gpu, row.tp) for row in rows}
    }
    for row in rows:
        replica = replicas[row.gpu, row.tp]
        if row.output_tokens == 0:
            predicted_s = replica.prefill_s(row.prompt_tokens, batch=row.batch)
        else:
            context = row.batch * (row.prompt_tokens + row.output_tokens // 2)
            predicted_s = replica.decode_step_s(row.batch, context)
        pairs.append((predicted_s, row.measured_s))
    return pairs


def eager_stack(constants: Constants) -> Stack:
    """The 2023 stack with constants on trial; its fp8 efficiency has no data and no use."""
    own = {name: value for name, value in constants.items() if not name.endswith("bytes_per_s")}
    rates = {name: value for name, value in constants.items() if name.endswith("bytes_per_s")}
    return Stack(
        name="eager-2023",
        fp8_efficiency=own["bf16_efficiency"],
        all_reduce=EagerAllReduce(**rates),
        **HABITS["eager-2023"],
        **own,
    )


def serving_pairs(stack: Stack | str, rows: list[Serving]) -> tuple[list[Pair], list[Pair]]:
    """TTFT and TPOT of closed-loop runs, as `inference-lab predict --lengths 0.8` has them."""
    ttft, tpot = [], []
    for row in rows:
        cluster = il.Cluster(serving_replica(row, stack))
        lengths = (row.prompt_tokens, row.output_tokens)
        run = closed_loop(cluster, *lengths, row.concurrency, shortest=SHORTEST)
        ttft.append((run["ttft_s"], row.ttft_s))
        tpot.append((run["tpot_s"], row.tpot_s))
    return ttft, tpot


def serving_replica(row: Serving, stack: Stack | str) -> il.Replica:
    """The replica that a row measured; rows of unstated precision are bf16: their memory
    traffic says so."""
    precision = "fp8" if row.precision == "fp8" else "bf16"
    llm, gpu = il.LLM.named(row.llm), il.GPU.named(row.gpu)
    return il.Replica(llm, gpu, tp=row.tp, precision=precision, stack=stack)


def wave_pairs(stack: Stack, rows: list[Serving]) -> tuple[list[Pair], list[Pair]]:
    """TTFT and TPOT of SGLang's runs: all lengths equal, so that the requests come in waves.

    One wave, prefilled first, 16,384 tokens at a time.
    """
    ttft, tpot = [], []
    for row in rows:
        replica = serving_replica(row, stack)
        wave = il.Workload.closed_loop(
            row.concurrency,
            requests=row.concurrency,
            prompt_tokens=row.prompt_tokens,
            output_tokens=row.output_tokens,
        )
        cluster = il.Cluster(replica, scheduler="continuous", token_budget=16384)
        run = il.simulate(cluster, wave)
        served_s = run.ttft_parts["queue"] + run.ttft_parts["prefill"]
        ttft.append((float(np.mean(served_s)) + replica.frontend_s, row.ttft_s))
        tpot.append((float(np.mean(run.tpot_s)), row.tpot_s))
    return ttft, tpot


def layer_pairs(
    bf16_efficiency: float, memory_efficiency: float, layer_s: float, rows: list[Layer]
) -> list[Pair]:
    """Time of one layer without attention: the kernels of the cost model and the gaps between
    them."""
    pairs = []
    for row in rows:
        gpu = il.GPU.named(row.gpu)
        llm = il.LLM.named(row.llm)
        matrices = weights.attention(llm) + weights.mlp(llm, llm.expert_width)
        moved = 2 * (
            HIDDEN_PASSES * llm.hidden_size + INNER_PASSES * llm.intermediate_size / row.tp
        )
        bytes_per_s = gpu.hbm_bytes_per_s * memory_efficiency
        products_s = max(
            2 * matrices / row.tp * row.tokens / (gpu.bf16_flop_per_s * bf16_efficiency),
            2 * matrices / row.tp / bytes_per_s,
        )
        predicted_s = layer_s + products_s + moved * row.tokens / bytes_per_s
        pairs.append((predicted_s, row.measured_s))
    return pairs
