"""Errors of the shipped constants on all rows: what the test of the error table repeats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import inference_lab as il
from calibration import measured
from calibration.constants import reduced_pairs
from calibration.fit import percent_error
from calibration.models import Pair, eager_pairs, layer_pairs, serving_pairs, serving_replica
from inference_lab.physics.all_reduce import all_reduce_from
from inference_lab.physics.constants import shipped
from inference_lab.physics.links import Link, kv_transfer_s
from inference_lab.physics.stack import Stack

VERDICT_S = 5.0
"""A mean TTFT above this is the verdict that the KV-cache is too small."""


def figures(folder: Path) -> Iterator[tuple[str, float, int]]:
    """Name, median absolute percentage error and rows, one table line at a time."""
    for name, pairs in _pairs(folder):
        yield name, percent_error(pairs), len(pairs)


def _pairs(folder: Path) -> Iterator[tuple[str, list[Pair]]]:
    eager = measured.eager(folder)
    for gpu in sorted({row.gpu for row in eager}):
        stack = Stack.named("eager-2023", il.GPU.named(gpu))
        for what, decode in (("prefill", False), ("token time", True)):
            rows = [row for row in eager if row.gpu == gpu and bool(row.output_tokens) == decode]
            yield f"eager-2023, {gpu}, {what}", eager_pairs(stack, rows)
    vllm = measured.serving(folder, llm="Llama-3.1-70B", backend="vllm")
    ttft, tpot = serving_pairs("vllm-2025", [row for row in vllm if row.score_ttft])
    yield "vllm-2025, Llama-3.1-70B fp8 on H100, TTFT", ttft
    yield "vllm-2025, Llama-3.1-70B fp8 on H100, TPOT", tpot
    for llm, gpu in TRTLLM:
        rows = measured.serving(folder, llm=llm, gpu=gpu, backend="trtllm")
        rows = [row for row in rows if row.score_tpot]
        _, tpot = serving_pairs("trtllm-2025", rows)
        yield f"trtllm-2025, {llm} on {gpu}, TPOT", tpot
    groups = measured.all_reduces(folder)
    for name, entry in shipped()["all_reduce"].items():
        if entry["kind"] != "eager":
            rows = groups[name.split("/")[0], entry["data"]]
            pairs = reduced_pairs(all_reduce_from(entry), rows)
            yield f"all-reduce, {name} ({entry['data']})", pairs
    port = Link.named("RoCE-200G")
    yield (
        "KV transfer, 8 RoCE ports of 200 Gb/s",
        [(kv_transfer_s(size, port, ports=8), s) for size, s in measured.transfers(folder)],
    )
    for gpu, entry in shipped()["kernels"].items():
        rows = [row for row in measured.layers(folder) if row.gpu == gpu]
        yield f"one layer without attention, {gpu}", layer_pairs(**entry["constants"], rows=rows)


TRTLLM = (
    ("Qwen3-32B", "H100-SXM5-80GB"),
    ("Llama-3.1-8B", "H100-SXM5-80GB"),
    ("Llama-3.1-70B", "H200-SXM-141GB"),
)
"""Models and GPUs with TensorRT-LLM runs."""


def verdicts(folder: Path) -> tuple[int, int]:
    """Llama-3.1-70B runs whose mean TTFT is on the right side of `VERDICT_S`, and all such runs."""
    right = 0
    rows = measured.serving(folder, llm="Llama-3.1-70B")
    for stack, backend in (("vllm-2025", "vllm"), ("trtllm-2025", "trtllm")):
        chosen = [row for row in rows if row.backend == backend]
        ttft, _ = serving_pairs(stack, chosen)
        right += sum((said > VERDICT_S) == (was > VERDICT_S) for said, was in ttft)
    return right, len(rows)


def decode_only(folder: Path) -> float:
    """Error of the bare decode step on the vLLM runs whose prompts seem to come from a cache."""
    pairs = []
    for row in measured.serving(folder, llm="Llama-3.1-8B", backend="vllm"):
        context = row.concurrency * (9 * row.prompt_tokens + 4 * row.output_tokens) // 10
        step_s = serving_replica(row, "vllm-2025").decode_step_s(row.concurrency, context)
        pairs.append((step_s, row.tpot_s))
    return percent_error(pairs)
