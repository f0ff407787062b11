"""Errors on rows that a fit has not seen: halves, and whole groups left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from calibration import constants, measured
from calibration.fit import Constants, halves, percent_error
from calibration.models import Pair, eager_pairs, eager_stack, serving_pairs, wave_pairs
from inference_lab.physics.constants import shipped

Line = tuple[str, str, str, float, int]
"""Stack, what was left out, quantity, median error in percent, rows."""

Split = tuple[str, list[tuple[list, list]]]
"""What is left out, and the (seen, unseen) rows; errors of several such pairs are pooled."""


def eager(folder: Path) -> Iterator[Line]:
    """The 2023 stack: halves, each TP degree, the other GPU."""
    rows = measured.eager(folder)
    for gpu in sorted({row.gpu for row in rows}):
        own = [row for row in rows if row.gpu == gpu]
        other = [row for row in rows if row.gpu != gpu]
        splits = _splits(own, (2, 4, 8), seeds=5)
        splits.append(("this GPU (constants of the other one)", [(other, own)]))
        for left_out, parts in splits:
            found: dict[str, list[Pair]] = {"prefill": [], "token time": []}
            for seen, unseen in parts:
                stack = eager_stack(constants.eager(seen))
                for what, decode in (("prefill", False), ("token time", True)):
                    chosen = [row for row in unseen if bool(row.output_tokens) == decode]
                    found[what] += eager_pairs(stack, chosen)
            yield from _lines(f"eager-2023, {gpu}", left_out, found)


def vllm(folder: Path, bf16: Constants, all_reduce: dict) -> Iterator[Line]:
    """vLLM: halves, each TP degree, long prompts; and the other model in the other precision."""
    rows = measured.serving(folder, llm="Llama-3.1-70B", backend="vllm")
    rows = [row for row in rows if row.score_ttft]
    splits = _splits(rows, (2, 8), seeds=2)
    splits.append(("prompts of 8,192", [_apart(rows, lambda row: row.prompt_tokens == 8192)]))
    for left_out, parts in splits:
        found: dict[str, list[Pair]] = {"TTFT": [], "TPOT": []}
        for seen, unseen in parts:
            fitted = constants.vllm(seen, bf16, all_reduce, 60)
            stack = constants.stack("vllm-2025", fitted, all_reduce)
            for what, pairs in zip(found, serving_pairs(stack, unseen), strict=True):
                found[what] += pairs
        yield from _lines("vllm-2025, Llama-3.1-70B fp8 on H100", left_out, found)
    shipped_constants = shipped()["stacks"]["vllm-2025"]["gpus"]["H100-SXM5-80GB"]["constants"]
    bare = shipped()["kernels"]["H100-SXM5-80GB"]["constants"]["bf16_efficiency"]
    guessed = {**shipped_constants, "bf16_efficiency": bare}
    stack = constants.stack("vllm-2025", guessed, all_reduce)
    waves = wave_pairs(stack, sglang_rows(folder))
    yield from _lines(
        "Qwen3-32B bf16 on H100, SGLang in waves",
        "model and precision (vLLM's constants, bf16 efficiency of bare layers)",
        dict(zip(("TTFT", "TPOT"), waves, strict=True)),
    )


def sglang_rows(folder: Path) -> list[measured.Serving]:
    """Qwen3-32B in bf16 on H100 by SGLang 0.5.1."""
    rows = measured.serving(folder, llm="Qwen3-32B", backend="sglang", version="0.5.1.post1")
    return [row for row in rows if row.score_ttft]


def trtllm(folder: Path, known: Constants, all_reduce: dict) -> Iterator[Line]:
    """TensorRT-LLM: halves, a TP degree, a model, and another GPU with another model."""
    qwen, llama = (trtllm_rows(folder, llm) for llm in ("Qwen3-32B", "Llama-3.1-8B"))
    splits = _splits(qwen + llama, (4,), seeds=1)
    splits.append(("Llama-3.1-8B", [(qwen, llama)]))
    name = "trtllm-2025 on H100, Qwen3-32B fp8 and Llama-3.1-8B bf16"
    for left_out, parts in splits:
        found: list[Pair] = []
        for seen, unseen in parts[:1]:
            fitted = constants.trtllm(seen[::4], known, all_reduce)
            stack = constants.stack("trtllm-2025", fitted, all_reduce)
            found += serving_pairs(stack, unseen)[1]
        yield from _lines(name, left_out, {"TPOT": found})
    h100 = shipped()["stacks"]["trtllm-2025"]["gpus"]["H100-SXM5-80GB"]["constants"]
    stack = constants.stack("trtllm-2025", h100, all_reduce)
    pairs = serving_pairs(stack, trtllm_rows(folder, "Llama-3.1-70B"))[1]
    name = "trtllm-2025 on H200, Llama-3.1-70B fp8"
    yield from _lines(name, "GPU and model (constants of H100)", {"TPOT": pairs})


def trtllm_rows(folder: Path, llm: str) -> list[measured.Serving]:
    """Runs of TensorRT-LLM whose token times can be scored."""
    return [row for row in measured.serving(folder, llm=llm, backend="trtllm") if row.score_tpot]


def _splits(rows: list, degrees: tuple[int, ...], seeds: int) -> list[Split]:
    """Halves, and each TP degree left out."""
    splits: list[Split] = [("half of the rows", list(halves(rows, seeds)))]
    for tp in degrees:
        splits.append((f"TP{tp}", [_apart(rows, lambda row, tp=tp: row.tp == tp)]))
    return splits


def _apart(rows: list, is_left_out: Callable) -> tuple[list, list]:
    return [row for row in rows if not is_left_out(row)], [row for row in rows if is_left_out(row)]


def _lines(name: str, left_out: str, found: dict[str, list[Pair]]) -> Iterator[Line]:
    for what, pairs in found.items():
        yield name, left_out, what, percent_error(pairs), len(pairs)
