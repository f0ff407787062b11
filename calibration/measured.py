"""The measured timings: one function for each file, which returns the rows that can be used.

The files come from third parties who timed real GPUs: Splitwise (MIT), aiconfigurator-core
(Apache-2.0), Vidur (MIT), Mooncake's published benchmark.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "measured"
"""Where the data lie if they do: beside the checkout."""

GPUS = {
    "a100-80gb": "A100-SXM4-80GB",
    "h100-80gb": "H100-SXM5-80GB",
    "a100_sxm": "A100-SXM4-80GB",
    "h100_sxm": "H100-SXM5-80GB",
    "h200_sxm": "H200-SXM-141GB",
    "b200_sxm": "B200-SXM",
    "l40s": "L40S",
    "a100": "A100-SXM4-80GB",
    "h100": "H100-SXM5-80GB",
}
"""Names in the files, and in the catalogue."""


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with open(folder / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Eager:
    """One distinct configuration of the 2023 stack; `output_tokens` is 0 for a prefill."""

    gpu: str
    tp: int
    prompt_tokens: int
    batch: int
    output_tokens: int
    measured_s: float


def eager(folder: Path) -> list[Eager]:
    """Llama-2-70B on the 2023 stack: rows that share a prefill configuration become one, their
    median."""
    prefills, decodes = defaultdict(list), []
    for row in _rows(folder, "e2e_splitwise.csv"):
        key = (
            GPUS[row["hardware"]],
            int(row["tensor_parallel"]),
            int(row["prompt_size"]),
            int(row["batch_size"]),
        )
        prefills[key].append(float(row["prompt_time_ms_median"]) / 1e3)
        decodes.append(
            Eager(*key, int(row["token_size"]), float(row["token_time_ms_median"]) / 1e3)
        )
    return [Eager(*key, 0, median(times)) for key, times in prefills.items()] + decodes


@dataclass(frozen=True)
class Serving:
    """One closed-loop run; a time that must not be scored is None."""

    llm: str
    gpu: str
    backend: str
    version: str
    precision: str
    tp: int
    prompt_tokens: int
    output_tokens: int
    concurrency: int
    ttft_s: float
    tpot_s: float
    score_ttft: bool
    score_tpot: bool


def serving(folder: Path, **wanted: str) -> list[Serving]:
    """Serving runs of the 2025 stacks whose fields equal `wanted`."""
    rows = [
        Serving(
            row["model"],
            GPUS[row["system"]],
            row["backend"],
            row["backend_version"],
            row["precision"],
            int(float(row["tp_size"])),
            int(row["isl"]),
            int(row["osl"]),
            int(float(row["concurrency"])),
            float(row["ttft_ms"]) / 1e3,
            float(row["tpot_ms"]) / 1e3,
            row["score_ttft"] == "True",
            row["score_tpot"] == "True",
        )
        for row in _rows(folder, "e2e_silicon_dense.csv")
    ]
    return [row for row in rows if all(getattr(row, k) == v for k, v in wanted.items())]


@dataclass(frozen=True)
class Reduced:
    """One all-reduce."""

    gpus: int
    message_bytes: int
    measured_s: float


def all_reduces(folder: Path) -> dict[tuple[str, str], list[Reduced]]:
    """All-reduce times by (GPU, library); of Vidur's those across two hosts of eight A100."""
    groups = defaultdict(list)
    for row in _rows(folder, "allreduce_aiconfigurator.csv"):
        groups[GPUS[row["fabric"]], row["library"]].append(
            Reduced(int(row["num_gpus"]), int(float(row["bytes"])), float(row["latency_us"]) / 1e6)
        )
    for row in _rows(folder, "allreduce_vidur.csv"):
        if row["num_gpus"] == "16":
            groups["two-hosts", "nccl"].append(
                Reduced(16, int(float(row["bytes"])), float(row["latency_us"]) / 1e6)
            )
    return groups


@dataclass(frozen=True)
class Layer:
    """One layer without attention."""

    gpu: str
    llm: str
    tp: int
    tokens: int
    measured_s: float


def layers(folder: Path) -> list[Layer]:
    """Layer times without attention and all-reduce."""
    names = {
        "Llama-2-70b-hf": "Llama-2-70B",
        "Llama-2-7b-hf": "Llama-2-7B",
        "Meta-Llama-3-70B": "Llama-3.1-70B",
        "Meta-Llama-3-8B": "Llama-3.1-8B",
    }
    return [
        Layer(
            GPUS[row["gpu"]],
            names[row["model"]],
            int(row["tp"]),
            int(row["num_tokens"]),
            float(row["nonattn_us_per_layer"]) / 1e6,
        )
        for row in _rows(folder, "layer_times_vidur.csv")
    ]


def transfers(folder: Path) -> list[tuple[float, float]]:
    """KV transfers over 8 RoCE ports of 200 Gb/s: bytes, seconds."""
    return [
        (float(row["kv_bytes_computed"]), float(row["transfer_ms"]) / 1e3)
        for row in _rows(folder, "kv_transfer_mooncake.csv")
    ]
