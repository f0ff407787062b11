"""Figures in the words of lesson 05 that no other test holds: as its cells compute them."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

import inference_lab as il
from inference_lab.experiments import network
from inference_lab.experiments.queue import ttft_at_load
from inference_lab.pipeline import answers
from inference_lab.pipeline.project import lessons
from inference_lab.pipeline.sides import solved
from inference_lab.pipeline.source import read

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "solutions" / "05_the_latency_that_matters.py"
LLAMA = il.LLM.named("Llama-3.1-70B")
H100 = il.GPU.named("H100-SXM5-80GB")
IDEAL = il.Replica(LLAMA, H100, tp=4)
EAGER = il.Replica(LLAMA, H100, tp=4, stack="eager-2023")
CELLS = answers.references(solved(read(SOURCE)))
EXERCISES = {
    each.id: each
    for lesson in lessons(ROOT)
    if lesson.number == "05"
    for each in answers.definitions(lesson)
}


@pytest.fixture(scope="module")
def prose():
    return " ".join(SOURCE.read_text(encoding="utf-8").replace("\n# ", " ").split())


def solution(exercise):
    return answers.reference(EXERCISES[exercise], CELLS[exercise])


def test_at_15_per_cent_load_the_mean_hides_it(prose):
    runs = [ttft_at_load(IDEAL, 0.15, requests=20_000, seed=seed) for seed in range(4)]
    assert f"The mean, {1e3 * np.mean([run.mean_s for run in runs]):.0f} ms, hides it." in prose


def test_steps_of_eager_2023_are_flat_up_to_eight_users(prose):
    one, eight = (1e3 * EAGER.decode_step_s(b, b * 2048) for b in (1, 8))
    assert f"a step takes {one:.0f} ms for one user and {eight:.0f} ms for eight" in prose


def test_the_memory_holds_the_users_that_the_words_count(prose):
    room = IDEAL.kv_capacity_tokens
    assert f"{room:,} // 2,048 = {room // 2048}" in prose
    assert f"{room:,} // 2,176 = {room // (2048 + 128)} users" in prose


def test_examples_of_the_exercises(prose):
    prefill_ms = 1e3 * solution("5.1")(70e9, 2048, 4, 989e12, 0.5)
    assert f"MFU 0.5: {prefill_ms:.0f} ms." in prose
    alone_ms, many_ms = (
        1e3 * solution("5.2")(70e9, 2, b, tokens, 327_680, 4, 3.35e12, 989e12)
        for b, tokens in ((1, 1), (32, 32 * 2048))
    )
    assert (
        f"batch 1, one token: {alone_ms:.1f} ms; "
        f"batch 32, each 2,048 tokens of 327,680 bytes: {many_ms:.2f} ms." in prose
    )
    one_s, two_s = (IDEAL.decode_step_s(b, b * 2048) for b in (1, 2))
    each_s = two_s - one_s
    room = IDEAL.kv_capacity_tokens
    most = solution("5.3")(0.020, one_s - each_s, each_s, 2048, room)
    assert (
        f"limit 20 ms, {1e3 * (one_s - each_s):.2f} ms + {1e3 * each_s:.4f} ms a sequence, "
        f"sequence_tokens 2,048, kv_capacity_tokens {room:,}: {most}." in prose
    )
    ttfts_s = solution("5.4")([0, 0.030, 0.040, 0.500], [0.074, 0.074, 0.020, 0.050])
    assert f"[{', '.join(f'{each_s:.3f}' for each_s in ttfts_s)}]." in prose
    rate = solution("5.5")([1, 2, 3], [0.5, 0.5, 2.5], [8, 1.5, 2.5], [31, 5, 1], 2, 0.25)
    assert f"in the 8 seconds from 1 to 9, so {rate} a second." in prose
    found = solution("5.6")([100, 0.05], [1000, 0.2], [500, 0.125], 1e11, 1e15)
    assert json.dumps({name: round(number, 9) for name, number in found.items()}) in prose


def test_right_formulas_differ_only_where_floats_do(prose):
    limit_s, fixed_s, each_s = 0.030, 0.012, 0.001
    divided = int((limit_s - fixed_s) / each_s)
    multiplied = max(b for b in range(100) if fixed_s + each_s * b <= limit_s)
    assert solution("5.3")(limit_s, fixed_s, each_s, 1, 100) == multiplied
    assert (
        f"paper and `/` give {divided}, whereas `//` and a multiplication give {multiplied}"
        in prose
    )


def test_bytes_of_the_all_reduces_and_of_what_moves(prose):
    each_bytes, times = 2048 * LLAMA.hidden_size * 2, 2 * LLAMA.layers
    assert (
        f"= {each_bytes / 1e6:.0f} MB, and there are {times} of them: "
        f"{times * each_bytes / 1e9:.1f} GB" in prose
    )
    assert f"A decode step carries {LLAMA.hidden_size * 2 / 1024:.0f} KB each time" in prose
    graph = next(iter(network.ALL_REDUCES))
    assert network.all_reduces_s(LLAMA, 1, 4, graph) < 1e-3
    cache_gb = 2048 * LLAMA.kv_bytes_per_token("bf16") / 1e9
    weights_gb = LLAMA.weight_bytes("bf16") / 1e9
    assert f"its {cache_gb:.2f} GB of KV-cache, and {weights_gb:.0f} GB of weights" in prose


def test_errors_of_the_model_of_two_constants(prose):
    measured = runpy.run_path(str(ROOT / "solutions" / "exercises_05.py"))["MEASURED"]
    near, far = (
        100 * solution("5.6")(**measured, unseen=unseen)["error"]
        for unseen in ([1024, 0.1056], [4096, 0.4635])
    )
    assert f"the errors are {near:.0f} % at 1,024 tokens and {far:.0f} % at 4,096" in prose


def test_the_trace_of_the_goodput_section_comes_at_5_a_second(prose):
    arrival_s = il.Workload.like("azure-2023-conv", requests=4000, seed=0).arrival_s
    assert "came at about 5 a second" in prose
    assert 4000 / (arrival_s[-1] - arrival_s[0]) == pytest.approx(5, abs=0.5)
