"""The verdicts of lesson 03, each from the run that its cell makes, and that they follow a run."""

import dataclasses

import numpy as np
import pytest

import inference_lab as il
from inference_lab import theory
from inference_lab.experiments.beside import JOB, MEMBERS, cold_start_beside
from inference_lab.experiments.fabric import congested_share
from inference_lab.experiments.fabric_bill import offers
from inference_lab.experiments.kv_traffic import kv_demand, long_prompts
from inference_lab.experiments.leaf import chat_on_a_leaf
from inference_lab.experiments.pinning import pinned
from inference_lab.experiments.training_step import step_on_a_nic
from inference_lab.experiments.zones import REPLICAS, ZoneLost, zone_lost
from inference_lab.lab.claims.fabric import (
    cheaper_and_no_slower,
    nic_is_enough,
    no_slower,
    rarely_congested,
    slower,
)
from inference_lab.lab.claims.zones import others_are_unaffected

LLAMA = il.LLM.named("Llama-3.1-70B")
KV_BYTES = LLAMA.kv_bytes_per_token("bf16")
SERVED = il.Replica(LLAMA, il.GPU.named("H100-SXM5-80GB"), tp=4, stack="vllm-2025")


def test_c20_long_prompts_are_as_those_of_the_trace_that_they_imitate(shared_data):
    trace = il.Workload.from_trace(
        shared_data / "traces" / "mooncake_conversation_trace.jsonl", jitter_s=3
    )
    drawn = [long_prompts(seed=seed) for seed in range(6)]
    means = [load.prompt_tokens.mean() for load in drawn]
    assert np.mean(means) == pytest.approx(trace.prompt_tokens.mean(), rel=0.03)
    tails = [np.percentile(load.prompt_tokens, 99) for load in drawn]
    assert np.mean(tails) == pytest.approx(np.percentile(trace.prompt_tokens, 99), rel=0.05)
    worst = [kv_demand(load, KV_BYTES).worst for load in drawn]
    assert np.mean(worst) == pytest.approx(kv_demand(trace, KV_BYTES).worst, rel=0.07)


@pytest.mark.parametrize("seed", range(4))
def test_c20_needs_200_gbit_for_the_worst_30_s_of_long_prompts(seed):
    worst = kv_demand(long_prompts(seed=seed), KV_BYTES).worst
    assert nic_is_enough(worst, "it").verdict == "holds if the NIC has 200 Gb/s"
    assert nic_is_enough(0.004, "it").verdict == "holds"
    assert nic_is_enough(201, "it").verdict == "does not hold"
    with pytest.raises(ValueError, match="rising"):
        nic_is_enough(1, "it", (200, 100))


def test_c20_training_wants_400_gbit_and_gains_little_beyond():
    steps = {nic: step_on_a_nic(700e9 / 128, nic, compute_s=1.78) for nic in (100, 200, 400, 800)}
    assert steps[400].total_s == pytest.approx(2.0, abs=0.005)
    shares = [round(100 * step.network_share) for step in steps.values()]
    assert shares[0] == pytest.approx(33, abs=1) and shares[2] == pytest.approx(11, abs=1)
    assert 1 - steps[800].total_s / steps[400].total_s == pytest.approx(0.05, abs=0.006)


def test_c23_verdict_follows_what_is_congested():
    assert rarely_congested({0.1: 0.01, 0.2: 0.04}).verdict == "holds"
    assert rarely_congested({0.1: 0.06, 0.2: 0.4}).verdict == "does not hold"
    said = rarely_congested({0.1: 0.01, 0.2: 0.2, 0.3: 0.5})
    assert said.verdict == "holds if at most 10 % of the hosts send"
    assert "20 % at 20 % sending" in said.because
    with pytest.raises(ValueError, match="rising"):
        rarely_congested({0.2: 0, 0.1: 0})


def test_c23_under_ecmp_4_to_1_does_not_hold_at_10_per_cent_either():
    two = {"hosts": 32, "hosts_per_leaf": 16, "nic_gbit_per_s": 100, "oversubscription": 4}
    hashed = {p: congested_share(il.LeafSpine(**two), p, draws=1000) for p in (0.1, 0.2)}
    assert rarely_congested(hashed).verdict == "does not hold"
    exact = {p: theory.congestion_probability(16, p, 4) for p in (0.1, 0.2, 0.3)}
    assert rarely_congested(exact).verdict == "holds if at most 10 % of the hosts send"


def test_c23_a_spray_at_2_to_1_ends_where_the_kv_load_of_this_leaf_is_and_ecmp_long_before():
    two = {"hosts": 32, "hosts_per_leaf": 16, "nic_gbit_per_s": 100}

    def judged(ratio, spray):
        leaf = il.LeafSpine(**two, oversubscription=ratio, spray=spray)
        return rarely_congested(
            {p: congested_share(leaf, p) for p in (0.1, 0.2, 1 / 3, 0.4)}
        ).verdict

    assert judged(2, "ideal") == "holds if at most 33.3 % of the hosts send"
    assert judged(2, "ecmp") == "holds if at most 10 % of the hosts send"
    assert judged(4, "ideal") == "holds if at most 10 % of the hosts send"
    assert judged(4, "ecmp") == "does not hold"


def test_slower_and_no_slower_are_opposites():
    for seconds in (1.0, 1.05, 1.2, 9.0):
        one, other = no_slower(seconds, 1.0, "alone"), slower(seconds, 1.0, "alone")
        assert {one.verdict, other.verdict} == {"holds", "does not hold"}
        assert one.because == other.because


def test_c24_the_others_are_unharmed_up_to_59_per_cent_of_the_limit():
    rates = (14, 21, 24, 27, 34, 41)
    draws = {rate / 41: [zone_lost(SERVED, rate, seed=s) for s in range(5)] for rate in rates}
    assert others_are_unaffected(draws).verdict == "holds if the load is at most 59 %"
    assert max(each for each in draws if each <= theory.steady_load(3)) == 27 / 41
    assert all(run.lost == 0 and run.moved > 0 for runs in draws.values() for run in runs)


def test_c24_nine_replicas_keep_both_limits_up_to_41_requests_a_second():
    def tails(rate):
        runs = [zone_lost(SERVED, rate, loses=False, seed=seed) for seed in range(8)]
        return [np.mean([getattr(r, name) for r in runs]) for name in ("p99_ttft_s", "p99_tpot_s")]

    (ttft_s, tpot_s), (_, above_s) = tails(41), tails(43)
    assert ttft_s < 0.45 and tpot_s < 0.040 < above_s
    assert REPLICAS == 9


def test_c24_verdict_follows_its_runs():
    fine = ZoneLost(1, 0.1, 0.01, 5, 1.0, 0, 45.0)
    late, lost = dataclasses.replace(fine, p99_ttft_s=0.5), dataclasses.replace(fine, lost=1)
    assert others_are_unaffected({0.5: [fine], 0.9: [fine]}).verdict == "holds"
    assert others_are_unaffected({0.5: [lost]}).verdict == "does not hold"
    said = others_are_unaffected({0.5: [fine, fine], 0.9: [late, late]})
    assert said.verdict == "holds if the load is at most 50 %"
    with pytest.raises(ValueError, match="rising"):
        others_are_unaffected({})


def test_c25_holds_on_the_fabric_that_is_meant_for_the_load_and_not_for_kv_cache_on_that_for_text():
    training, for_kv, for_text = offers()

    def judged(kv_moves, offer, saved=None):
        nic, ratio = offer.fabric.nic_gbit_per_s, offer.fabric.oversubscription
        thin, flat = (
            chat_on_a_leaf(16 * nic / each, kv_moves, 5, nic_gbit_per_s=nic) for each in (ratio, 1)
        )
        if saved is None:
            saved = 1 - offer.per_million_tokens / training.per_million_tokens
        return cheaper_and_no_slower(saved, thin, flat).verdict

    assert judged(False, for_text) == "holds"
    assert judged(True, for_kv) == "holds"
    assert judged(True, for_text) == "does not hold"
    assert judged(False, for_text, saved=0.01) == "does not hold"


def test_a_ring_that_stays_under_its_leaves_and_a_cold_start_do_not_disturb_each_other():
    hop_gb = 2 * (2 * MEMBERS - 1) / (2 * MEMBERS) * JOB["gradient_bytes"] * 8 / 1e9
    alone_s = cold_start_beside(SERVED, None).load_s
    assert alone_s == pytest.approx(theory.transfer_s(LLAMA.weight_bytes("bf16"), 100))
    kept = cold_start_beside(SERVED, "leaf")
    assert kept.step_s == pytest.approx(JOB["compute_s"] + hop_gb / 100)
    assert kept.load_s == pytest.approx(alone_s)
    alone, both = (cold_start_beside(SERVED, "interleaved", loads) for loads in (False, True))
    assert alone.step_s == pytest.approx(JOB["compute_s"] + hop_gb / (400 / MEMBERS))
    # nine flows share what eight had, until the load has ended
    assert alone.step_s < both.step_s <= JOB["compute_s"] + hop_gb / (400 / (MEMBERS + 1)) + 1e-9
    assert both.load_s > 1.4 * alone_s
    with pytest.raises(ValueError, match="ring='best'"):
        cold_start_beside(SERVED, "best")


@pytest.mark.parametrize("seed", range(3))
def test_few_long_lived_connections_double_a_replicas_load_and_the_tail(seed):
    few, many, turns = (pinned(SERVED, n, seed=seed) for n in (16, 512, None))
    assert few.hottest > 1.8 > 1.3 > many.hottest > turns.hottest == pytest.approx(1, abs=0.01)
    assert few.p99_ttft_s > 2 * turns.p99_ttft_s > turns.p99_ttft_s < many.p99_ttft_s
