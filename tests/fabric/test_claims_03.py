"""Claims C18 to C25 and oracle O20, from the experiments on the fabric."""

from math import sqrt

import numpy as np
import pytest

import inference_lab as il
from inference_lab import theory
from inference_lab.experiments.fabric import (
    all_reduce_s,
    cold_start_s,
    congested_share,
    ecmp_collisions,
    ring_gbit_per_s,
)
from inference_lab.experiments.fabric_bill import demand_table, largest_ratio, offers
from inference_lab.experiments.kv_traffic import (
    first_token_s,
    kv_demand,
    kv_on_a_nic,
    text_gbit_per_s,
)
from inference_lab.physics.collectives import ring_s

LLAMA = il.LLM.named("Llama-3.1-70B")
KV_BYTES = LLAMA.kv_bytes_per_token("bf16")
RATIOS = (1, 2, 4)


def fabric(oversubscription, hosts=64, nic=100, spray="ideal"):
    return il.LeafSpine(
        hosts=hosts,
        hosts_per_leaf=16,
        nic_gbit_per_s=nic,
        oversubscription=oversubscription,
        spray=spray,
    )


def test_o20_the_slowest_hop_of_a_ring():
    rates = {
        order: [ring_gbit_per_s(fabric(ratio), order) for ratio in RATIOS]
        for order in ("leaf", "interleaved")
    }
    assert rates == {"leaf": [100, 100, 100], "interleaved": [100, 50, 25]}
    drawn = [[ring_gbit_per_s(fabric(r), "random", seed) for seed in range(100)] for r in RATIOS]
    assert np.mean(drawn, axis=1) == pytest.approx([100, 59, 30], abs=1.5)
    assert np.std(drawn, axis=1)[1:] == pytest.approx([6, 3], abs=3)


def test_c18_oversubscription_hurts_only_a_ring_that_crosses_the_spine():
    across, ordered = (
        [all_reduce_s(fabric(ratio, nic=400), 140e9, order) for ratio in RATIOS]
        for order in ("interleaved", "leaf")
    )
    assert across == pytest.approx([5.6 * 63 / 64, 11.2 * 63 / 64, 22.4 * 63 / 64])
    assert ordered == pytest.approx([across[0]] * 3)


def test_c19_one_slow_link_doubles_the_step_of_all():
    assert ring_gbit_per_s(fabric(1), slow_host=5, slow_factor=0.5) == 50


def test_o20_700_gb_in_2_s_is_the_sum_of_sharded_groups():
    whole_s = ring_s(100_000, 700e9, latency_s=0, bytes_per_s=50e9)
    shard_s = ring_s(100_000, 700e9 / (8 * 16), latency_s=0, bytes_per_s=50e9)
    assert (whole_s, shard_s) == pytest.approx((28, 0.219), rel=1e-2)


def test_c20_kv_demand_of_the_public_traces(shared_data):
    azure = il.Workload.from_trace(shared_data / "traces" / "AzureLLMInferenceTrace_conv.csv")
    assert kv_demand(azure, KV_BYTES).mean == pytest.approx(16.7, abs=0.05)
    assert kv_demand(il.Workload.like("azure-2023-conv"), KV_BYTES).mean == pytest.approx(
        16.7, 0.02
    )
    mooncake = shared_data / "traces" / "mooncake_conversation_trace.jsonl"
    raw = kv_demand(il.Workload.from_trace(mooncake), KV_BYTES)
    assert (raw.mean, raw.worst) == pytest.approx((107, 173), abs=0.5)
    spread = [
        kv_demand(il.Workload.from_trace(mooncake, jitter_s=3, seed=s), KV_BYTES) for s in (0, 1)
    ]
    for demand in spread:
        assert demand.mean == pytest.approx(107, abs=0.5)
        assert 161 < demand.worst < raw.worst  # 161 on a grid of 10 s, 162 to 170 at any request


def test_c20_text_is_nothing_and_kv_is_8_000_times_as_much():
    text = text_gbit_per_s(11, 1155, 211)
    kv = theory.transfer_s(11 * 1155 * KV_BYTES, link_gb_per_s=1)
    assert text / 100 == pytest.approx(0.00004, rel=0.05)
    assert kv == pytest.approx(33, abs=0.5)
    assert kv / text == pytest.approx(8100, rel=0.02)


def test_c20b_a_kv_flow_takes_the_whole_nic_and_only_the_mean_is_low():
    drawn = np.random.default_rng(0).exponential(1155, size=20_000)
    load = il.Workload.poisson(11, 20_000, np.ceil(drawn).astype(int), 1)
    nic = kv_on_a_nic(load, KV_BYTES)
    assert nic.moving_gbit_per_s == pytest.approx(100)
    assert nic.mean_gbit_per_s == pytest.approx(33, abs=1)
    alone_s = theory.transfer_s(load.prompt_tokens.mean() * KV_BYTES, 100)
    assert nic.mean_s == pytest.approx(alone_s * theory.mm1_time(nic.busy), rel=0.03)


def test_c21_the_transport_to_the_replica_is_less_than_a_millisecond():
    ways = [first_token_s(name, other_s=0.2) for name in ("RDMA", "TCP", "gRPC")]
    assert ways == sorted(ways)
    assert ways[-1] - ways[0] < 1e-3


@pytest.mark.parametrize(("ratio", "active"), [(4, 0.1), (4, 0.2), (4, 0.3), (2, 0.3)])
def test_c23_light_independent_flows_share_an_oversubscribed_leaf(ratio, active):
    exact, draws = theory.congestion_probability(16, active, ratio), 2000
    error = sqrt(exact * (1 - exact) / draws)
    assert congested_share(fabric(ratio, 32), active, draws) == pytest.approx(exact, abs=4 * error)


def test_c23_under_ecmp_two_flows_on_one_uplink_are_enough():
    busy = congested_share(fabric(4, 32, spray="ecmp"), active=0.1)
    assert busy > 10 * theory.congestion_probability(16, 0.1, 4)


def test_c23_a_mass_cold_start():
    leaf, weights = fabric(4, hosts=16), LLAMA.weight_bytes("bf16")
    together = [cold_start_s(leaf, weights, range(n))[-1] for n in (4, 8, 16)]
    assert together == pytest.approx([11.3, 22.6, 45.2], abs=0.05)
    in_turn = cold_start_s(leaf, weights, range(16), at_once=4)
    assert (np.mean(in_turn), in_turn[-1]) == pytest.approx((28.2, 45.2), abs=0.05)


def test_eight_kv_flows_on_eight_uplinks_collide():
    found, draws = ecmp_collisions(draws=3000), 3000
    apart = theory.ecmp_all_apart(8, 8)
    assert apart == pytest.approx(0.0024, abs=5e-5)
    assert found.all_apart == pytest.approx(apart, abs=4 * sqrt(apart / draws))
    assert found.mean_share == pytest.approx(theory.ecmp_mean_share(8, 8), abs=0.01)
    assert found.fullest == pytest.approx(theory.ecmp_fullest(8, 8), abs=0.06)


def test_c24_a_lost_zone_of_three_needs_a_third_of_headroom():
    assert theory.steady_load(zones=3) == pytest.approx(2 / 3)


def test_c25_a_training_fabric_costs_a_tenth_more_for_the_same_tokens():
    training, _, text = offers()
    assert training.fabric.hosts == text.fabric.hosts
    assert training.per_million_tokens / text.per_million_tokens == pytest.approx(1.107, abs=0.002)
    assert text.bill.network_share < 0.0025 < 0.09 < training.bill.network_share


def test_the_window_decides_how_far_a_leaf_may_be_oversubscribed():
    load = il.Workload.like("azure-2023-conv", rate_scale=32)
    ratios = [largest_ratio(demand_table(load, 16, KV_BYTES, w), 100) for w in (0.1, 1.0, 10.0)]
    assert ratios == sorted(ratios)
    assert ratios == pytest.approx([1.41, 1.95, 2.1], abs=0.1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: ring_gbit_per_s(fabric(1), "best"), "order='best' is not known"),
        (lambda: ring_gbit_per_s(fabric(1), slow_host=64), "slow_host=64 is too large"),
        (lambda: congested_share(fabric(1, hosts=16), 0.1), "no other leaf to send to: give 32"),
        (lambda: cold_start_s(fabric(1), 1e9, [0], at_once=0), "at_once=0"),
        (lambda: ecmp_collisions(uplinks=0), "uplinks=0"),
        (lambda: kv_demand(il.Workload.poisson(9, 9, 9, 9), 1), "is longer than the load"),
        (lambda: largest_ratio([[0.0]], 100), "not only zeros"),
        (lambda: largest_ratio([1.0], 100), "a row for each host"),
    ],
)
def test_wrong_arguments_are_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        wrong()
