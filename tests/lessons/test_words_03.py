"""Figures in the words of lesson 03, as the functions that its cells call compute them."""

from math import factorial
from pathlib import Path

import numpy as np
import pytest

import inference_lab as il
from inference_lab import theory
from inference_lab.experiments.fabric import cold_start_s, congested_share
from inference_lab.experiments.fabric_bill import demand_table, largest_ratio
from inference_lab.experiments.kv_traffic import TEXT_BYTES, first_token_s, text_gbit_per_s
from inference_lab.experiments.leaf import HOSTS, RATE_PER_S, chat_on_a_leaf, largest_ratio_within
from inference_lab.experiments.placement import LOAD, SIZES
from inference_lab.experiments.zones import zone_lost
from inference_lab.fabric.cost import bill
from inference_lab.fabric.transport import Transport
from inference_lab.lab.played import number
from inference_lab.lab.views.leaf import FULL, SECONDS
from inference_lab.pipeline import answers
from inference_lab.pipeline.project import lessons
from inference_lab.pipeline.sides import solved
from inference_lab.pipeline.source import read

ROOT = Path(__file__).parents[2]
(LESSON,) = lessons(ROOT, ["03"])
CELLS = answers.references(solved(read(LESSON.source)))
EXERCISES = {each.id: each for each in answers.definitions(LESSON)}
KV_BYTES = il.LLM.named("Llama-3.1-70B").kv_bytes_per_token("bf16")
WEIGHTS = 141e9


@pytest.fixture(scope="module")
def prose():
    return " ".join(LESSON.source.read_text(encoding="utf-8").replace("\n# ", " ").split())


def solution(exercise):
    return answers.reference(EXERCISES[exercise], CELLS[exercise])


def test_4_to_1_saves_half_of_the_ports_and_2_to_1_a_third(prose):
    leaf = {"hosts": 64, "hosts_per_leaf": 16, "nic_gbit_per_s": 100}
    flat, two, four = (
        bill(il.LeafSpine(**leaf, oversubscription=ratio)).ports for ratio in (1, 2, 4)
    )
    assert (four / flat, two / flat) == pytest.approx((1 / 2, 2 / 3))
    assert "4:1 save half of the switch ports" in prose
    saved = (flat - two) / (flat - four)
    assert saved == pytest.approx(2 / 3)
    assert "a third of the ports, two thirds of what 4:1 saves" in prose


def test_text_and_kv_cache_of_a_host(prose):
    text = text_gbit_per_s(RATE_PER_S, 1155, 211)
    kv = RATE_PER_S * 1155 * KV_BYTES * 8 / 1e9
    assert f"{TEXT_BYTES[0]} bytes on its way in and {TEXT_BYTES[1]} on its way out" in prose
    assert f": {100 * text / 100:.3f} % of the NIC" in prose
    assert f"{KV_BYTES:,} bytes: {kv:.0f} Gb/s, 8,100 times as much" in prose
    assert kv / text == pytest.approx(8100, rel=0.01)


def test_collisions_of_eight_flows(prose):
    apart = factorial(8) / 8**8
    assert theory.ecmp_all_apart(8, 8) == pytest.approx(apart)
    assert f"put each on its own uplink: {100 * apart:.2f} %" in prose
    assert f"the fullest uplink has {theory.ecmp_fullest(8, 8):.1f} flows" in prose
    empty = 1 - theory.ecmp_mean_share(8, 8)
    assert empty == pytest.approx(1 / 3, abs=0.02)
    assert "eight flows leave a third of the uplinks empty" in prose


def test_the_three_ratios(prose):
    text = chat_on_a_leaf(200, kv_moves=False, seconds=8)
    assert f"At 8:1 its uplinks are {100 * text.uplinks_use.mean():.2f} % used" in prose
    within = [largest_ratio_within(0.250, seed=seed) for seed in range(6)]
    assert np.mean(within) == pytest.approx(2.4, abs=0.1)
    assert "about 2.4:1" in prose
    gbit = HOSTS * WEIGHTS * 8 / 20 / 1e9
    assert f"in 20 s are {gbit:.0f} Gb/s, so {HOSTS * 100 / gbit:.2f}:1" in prose


def test_sixteen_hosts_together_vary_by_a_quarter_and_one_by_far_more(prose):
    sent = [chat_on_a_leaf(1600, seconds=SECONDS, seed=seed).sent_gbit_per_s for seed in range(4)]
    together = [each.sum(axis=1).std() / each.sum(axis=1).mean() for each in sent]
    alone = [(each.std(axis=0) / each.mean(axis=0)).mean() for each in sent]
    assert np.mean(together) == pytest.approx(1 / 4, abs=0.03)
    assert min(alone) > 3 * max(together)
    assert "vary far less: at 1:1 about a quarter around their mean in 100 ms" in prose


def test_the_view_counts_full_frames_with_a_queue_and_the_exercise_instants_without(prose):
    full = {
        ratio: 100 * (chat_on_a_leaf(1600 / ratio, seconds=SECONDS).uplinks_use >= FULL).mean()
        for ratio in (2, 4)
    }
    assert f"uplinks are: {full[2]:.0f} % at 2:1, {full[4]:.0f} % at 4:1." in prose
    two, four = (100 * solution("3.2")(16, 0.335, ratio) for ratio in (2, 4))
    assert f"Here 0.335 gives {two:.0f} % and {four:.0f} %" in prose


def test_ecmp_on_four_uplinks_is_congested_by_three_flows_at_2_to_1_and_by_two_at_4_to_1(prose):
    leaf = {"hosts": 32, "hosts_per_leaf": 16, "nic_gbit_per_s": 100, "spines": 4, "spray": "ecmp"}
    rates = {ratio: il.LeafSpine(**leaf, oversubscription=ratio) for ratio in (2, 4)}
    assert {each.uplinks for each in rates.values()} == {4}
    two, four = (each.uplink_gbit_per_s for each in rates.values())
    assert f"four uplinks, {two:.0f} Gb/s each at 2:1 and {four:.0f} at 4:1" in prose
    assert (two // 100 + 1, four // 100 + 1) == (3, 2)
    assert "three flows on one are enough at 2:1, two at 4:1" in prose


def test_in_turns_the_first_hosts_serve_early_and_the_last_is_no_sooner(prose):
    leaf = il.LeafSpine(
        hosts=16, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=2, spray="ideal"
    )
    together, turns = (cold_start_s(leaf, WEIGHTS, range(16), at_once) for at_once in (16, 8))
    assert turns[0] == pytest.approx(together[0] / 2)
    assert turns[-1] == pytest.approx(together[-1])
    assert f"the last is no sooner ({turns[-1]:.1f} s at 2:1)" in prose


def test_ratios_by_window(prose):
    load = il.Workload.like("azure-2023-conv", rate_scale=32)
    ratios = [largest_ratio(demand_table(load, HOSTS, KV_BYTES, w), 100) for w in (0.1, 1, 10)]
    assert (
        f"{ratios[0]:.2f} with windows of 100 ms, {ratios[1]:.2f} with 1 s and "
        f"{ratios[2]:.2f} with 10 s" in prose
    )
    table = demand_table(load, HOSTS, KV_BYTES, 1)
    assert solution("3.3")(table.tolist(), 100, 0.99) == pytest.approx(ratios[1])


def test_examples_of_the_exercises(prose):
    two_s, all_s = (solution("3.1")(n, WEIGHTS, 100, 16, 4) for n in (2, 16))
    assert f"two load in {two_s:.1f} s, all 16 in {all_s:.1f} s" in prose
    assert f"0.3, 2:1: {solution('3.2')(16, 0.3, 2):.3f}" in prose
    assert solution("3.3")([[10, 0, 30, 20], [10, 40, 30, 10]], 100, 0.6) == 5
    assert solution("3.4")(100, [80, 10, 40]) == [50, 10, 40]
    assert f"on eight uplinks: {solution('3.6')(4, 8):.3f}" in prose
    alone, four = (solution("3.7")(16, n, WEIGHTS, 100, 400) for n in (16, 4))
    assert f"groups of four: {four:.1f} s, the last still after {alone:.1f} s" in prose
    assert f"groups of six: {solution('3.7')(10, 6, WEIGHTS, 100, 400):.1f} s" in prose


def test_borders_of_policies(prose):
    small = sum(share for size, share in SIZES.items() if size <= 4)
    assert f"{100 * small:.0f} % have 1 to 4 hosts, the largest {max(SIZES)}" in prose
    assert f"for {100 * LOAD:.0f} % of the hosts" in prose

    def emptiest_first(hosts, free):
        taken = [0] * len(free)
        for leaf in sorted(range(len(free)), key=lambda i: -free[i]):
            taken[leaf] = min(free[leaf], hosts)
            hosts -= taken[leaf]
        return taken

    policies = {"40": emptiest_first, "20": solution("3.5")}
    for said, policy in policies.items():
        jobs = [{"jobs": 2000, "seed": seed} for seed in range(30)]
        reached = [number("leaf_borders", policy, each) for each in jobs]
        assert np.mean(reached) == pytest.approx(float(said), abs=2)
        assert f"{said} %" in prose


def test_the_solutions_agree_with_the_fabric():
    leaf = il.LeafSpine(
        hosts=32, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=4, spray="ideal"
    )
    done_s = cold_start_s(leaf, WEIGHTS, range(16), at_once=4)
    assert solution("3.7")(16, 4, WEIGHTS, 100, 400) == pytest.approx(np.mean(done_s))
    for n in (3, 7, 16):
        assert solution("3.1")(n, WEIGHTS, 100, 16, 4) == pytest.approx(
            cold_start_s(leaf, WEIGHTS, range(n))[-1]
        )
    assert solution("3.2")(16, 0.2, 4) == pytest.approx(theory.congestion_probability(16, 0.2, 4))
    assert solution("3.6")(8, 8) == pytest.approx(theory.ecmp_mean_share(8, 8))
    rng = np.random.default_rng(0)
    for _ in range(20):
        demands = rng.exponential(40, 6).tolist()
        exact = il.max_min_shares([100], [[0]] * 6, demands)
        assert solution("3.4")(100, demands) == pytest.approx(exact.tolist())


def test_transports(prose):
    us = {name: 1e6 * Transport.named(name).message_s for name in ("RDMA", "TCP", "gRPC")}
    assert f"RDMA: {us['RDMA']:.0f} µs. Kernel TCP: {us['TCP']:.0f} µs" in prose
    assert f"call in Python: {us['gRPC']:.0f} µs" in prose
    way_ms = 1e3 * (first_token_s("gRPC", other_s=0.2) - 0.2)
    assert f"takes {way_ms:.1f} ms at most, of 200" in prose
    size = 131_072 * KV_BYTES
    assert f"{size / 1e9:.0f} GB, {size * 8 / 100e9:.1f} s at 100 Gb/s" in prose
    assert f"and {size * 8 / 42e9:.1f} s as one TCP flow" in prose
    one_flow_gbit = Transport.named("TCP").flow_bytes_per_s * 8 / 1e9
    assert f"of 400 Gb/s they reach {8 * one_flow_gbit:.0f}, with eight" in prose
    assert f"Up to {one_flow_gbit:.0f} Gb/s the link is the limit" in prose


def test_long_prompts_keep_most_of_a_host_busy(prose):
    gpu_flop_per_s = il.GPU.named("H100-SXM5-80GB").bf16_flop_per_s
    needed = 3.4 * 12_000 * 2 * il.LLM.named("Llama-3.1-70B").parameters
    assert f"{100 * needed / (8 * gpu_flop_per_s):.0f} % of the bf16 peak of eight" in prose


def test_a_third_of_the_hosts_congest_a_sprayed_leaf_at_2_to_1_just_at_the_limit(prose):
    leaf = il.LeafSpine(
        hosts=32, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=2, spray="ideal"
    )
    drawn = 100 * congested_share(leaf, 1 / 3)
    exact = 100 * theory.congestion_probability(16, 1 / 3, 2)
    assert f"exactly {exact:.1f} %; the draws gave {drawn:.1f} %" in prose
    assert f"they want {100 * 4 / 3:.0f} % of the uplinks at 4:1" in prose


def test_a_zone_of_a_leaf_at_4_to_1_is_back_after_the_cold_start_of_a_leaf(prose):
    served = il.Replica(
        il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4, stack="vllm-2025"
    )
    cold_s = zone_lost(served, rate_per_s=27).cold_start_s
    assert cold_s == pytest.approx(solution("3.1")(3, served.weight_bytes, 100, 3, 4), abs=0.1)
    assert f"{cold_s:.0f} s later the zone serves again" in prose
