"""The figures of lesson 01, from the functions that the lesson itself calls."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import inference_lab as il
from inference_lab.experiments.routers import behind, one_at_a_time
from inference_lab.lab.claims.workload import router_balances, serves_enough_users

LLAMA = il.LLM.named("Llama-3.1-70B")
H100 = il.GPU.named("H100-SXM5-80GB")
REPLICA = il.Replica(LLAMA, H100, tp=4, stack="vllm-2025")
CLUSTER = il.Cluster(REPLICA, replicas=8, token_budget=4096)
CHAT = il.Workload.like("azure-2023-conv", rate_scale=8, requests=2_000, seed=0)
BLIND, SEEING = "round_robin", "least_queued_tokens"
SOURCE = Path(__file__).parents[2] / "solutions" / "01_what_an_inference_workload_looks_like.py"


@pytest.fixture(scope="module")
def prose():
    return " ".join(SOURCE.read_text(encoding="utf-8").replace("\n# ", " ").split())


def users(tp, precision="bf16"):
    one = replace(REPLICA, tp=tp, precision=precision)
    return one.kv_capacity_tokens // (2048 + 256)


def test_users_that_fit_on_2_4_and_8_gpus(prose):
    fit = [users(tp) for tp in (2, 4, 8)]
    assert fit == [2, 192, 571]
    assert "2, 4 and 8 H100s hold 2, 192 and 571 users" in prose
    assert f"{LLAMA.weight_bytes('bf16') / 1e9:.0f} GB of weights nearly fill two GPUs" in prose


def test_the_ticket_names_the_rate_the_busy_share_and_the_tail(prose):
    span_s = float(np.ptp(CHAT.arrival_s))
    assert f"sends {len(CHAT) / span_s:.0f} requests a second" in prose
    work_s = sum(REPLICA.prefill_s(int(n)) for n in CHAT.prompt_tokens)
    assert f"the replicas spend {100 * work_s / 8 / span_s:.0f} % of their time on prompts" in prose
    found = behind(CLUSTER, CHAT, [BLIND, "least_outstanding"])
    assert all(one.p99_ttft_s == pytest.approx(0.6, abs=0.02) for one in found.values())


def test_least_outstanding_is_no_better_than_taking_turns_over_draws():
    ratios = []
    for seed in range(8):
        load = il.Workload.like("azure-2023-conv", rate_scale=8, requests=2_000, seed=seed)
        found = behind(CLUSTER, load, [BLIND, "least_outstanding"], seed=seed)
        ratios.append(found["least_outstanding"].p99_ttft_s / found[BLIND].p99_ttft_s)
    assert 0.85 < min(ratios) < 1 < max(ratios) < 1.15


def test_request_1700_waits_for_two_long_prompts_where_it_is_sent(prose):
    sent = il.simulate(replace(CLUSTER, router="least_outstanding"), CHAT, seed=0)
    turns = il.simulate(replace(CLUSTER, router=BLIND), CHAT, seed=0)
    assert CHAT.prompt_tokens[1700] == 181
    assert f"its first token took {1e3 * sent.ttft_s[1700]:.0f} ms" in prose
    assert turns.ttft_s[1700] < 0.07


def test_c04_verdicts_of_the_lesson():
    said = {p: serves_enough_users({n: users(n, p) for n in (2, 4)}, 32) for p in ("bf16", "fp8")}
    assert said["bf16"].verdict == "holds if there are at least 4 GPUs"
    assert said["fp8"].verdict == "holds"
    assert serves_enough_users({1: 0, 2: 3}, 32).verdict == "does not hold"
    for wrong in ({}, {4: 1, 2: 3}):
        with pytest.raises(ValueError, match="users"):
            serves_enough_users(wrong, 32)


def test_c06_where_servers_take_one_at_a_time_every_router_that_looks_balances():
    times = {name: one_at_a_time(name) for name in (BLIND, "power_of_two", "least_outstanding")}
    assert router_balances(times, BLIND, "services").verdict == "holds"
    exact = {BLIND: 5.78, "power_of_two": 3.09, "least_outstanding": 2.134}
    assert times == pytest.approx(exact, rel=0.12)


def test_c06_in_a_chat_only_the_router_that_counts_prompt_tokens_balances():
    names = (BLIND, "power_of_two", "least_outstanding", SEEING)
    found = behind(CLUSTER, CHAT, names)
    waits = {name: one.p99_ttft_s for name, one in found.items()}
    assert router_balances(waits, BLIND, "s").verdict == f"holds if the router is {SEEING}"
    assert found[SEEING].late * 5 < found[BLIND].late
    assert found[SEEING].p99_tpot_s < found[BLIND].p99_tpot_s


def test_c06_verdict_follows_its_input():
    assert router_balances({"turns": 1.0, "A": 0.95}, "turns", "s").verdict == "does not hold"
    for wrong in ({"A": 1.0, "B": 2.0}, {"turns": 1.0}):
        with pytest.raises(ValueError, match="turns"):
            router_balances(wrong, "turns", "s")


@pytest.mark.parametrize("load", [0, 1, -0.1])
def test_a_load_outside_0_to_1_is_refused(load):
    with pytest.raises(ValueError, match="load="):
        one_at_a_time(BLIND, load)
