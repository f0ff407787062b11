"""Claims C30, C32, C33: three stacks side by side, empty, under load and in batches."""

import pytest

import inference_lab as il
from inference_lab.experiments.batching import tpot_at_users
from inference_lab.experiments.goodput import goodput_curve
from inference_lab.experiments.queue import ttft_at_load
from inference_lab.lab.claims.bands import in_band
from inference_lab.lab.claims.batching import batch_trades_tpot_for_throughput
from inference_lab.lab.plots import goodput_picture
from inference_lab.lab.views.batch import STEPS

LLAMA = il.LLM.named("Llama-3.1-70B")
H100 = il.GPU.named("H100-SXM5-80GB")
BUILT = {
    name: il.Replica(LLAMA, H100, tp=4, stack=name) for name in ("ideal", "eager-2023", "vllm-2025")
} | {"vllm-2025 fp8": il.Replica(LLAMA, H100, tp=4, stack="vllm-2025", precision="fp8")}


def first_token_ms(name):
    return 1e3 * (BUILT[name].prefill_s(2048) + BUILT[name].frontend_s)


def test_empty_each_stack_has_the_first_token_that_the_ledger_states():
    assert first_token_ms("ideal") == pytest.approx(74.4, abs=0.05)
    assert first_token_ms("eager-2023") == pytest.approx(201, rel=0.05)  # measured: Llama-2-70B
    assert 110 <= first_token_ms("vllm-2025 fp8") <= 150
    assert first_token_ms("vllm-2025") > 150  # bf16


def test_c32_each_stack_comes_into_the_band_at_some_load_and_leaves_it_again():
    rows = {}
    for name, one in BUILT.items():
        runs = [(x, ttft_at_load(one, x / 100)) for x in (1, 20, 40, 60, 80, 90)]
        rows[name] = [(x, run.mean_s) for x, run in runs]
    said = in_band(rows, 0.2, 0.5, "load {} %")
    assert said.verdict.startswith("holds if ")
    assert "eager-2023 at load 20 to 60 %" in said.verdict
    assert "ideal at load 80 to 90 %" in said.verdict
    assert all(name in said.verdict for name in rows)


def test_c33_only_the_software_of_2023_is_in_the_band():
    rows = {
        name: [(b, one.decode_step_s(b, b * 2048)) for b in (1, 2, 4, 8, 16, 32, 64)]
        for name, one in BUILT.items()
    }
    said = in_band(rows, 0.03, 0.05, "batch {}")
    assert said.verdict == "holds if eager-2023 at batch 2 to 32"
    assert rows["ideal"][0][1] == pytest.approx(0.0104, abs=5e-5)
    assert 0.0105 <= rows["vllm-2025 fp8"][0][1] <= 0.016


def test_a_band_holds_fails_and_refuses():
    assert in_band({"a": [(1, 0.2), (2, 0.3)]}, 0.2, 0.3, "{}").verdict == "holds"
    assert in_band({"a": [(1, 0.1)]}, 0.2, 0.3, "{}").verdict == "does not hold"
    for rows in ({}, {"a": []}, {"a": [(2, 0.1), (1, 0.1)]}):
        with pytest.raises(ValueError, match="rows"):
            in_band(rows, 0.2, 0.3, "{}")


@pytest.mark.parametrize("name", BUILT)
def test_c30_a_larger_batch_serves_more_tokens_and_each_user_slower(name):
    runs = [tpot_at_users(BUILT[name], users) for users in (1, 4, 16, 64)]
    assert batch_trades_tpot_for_throughput(runs).verdict == "holds"


def test_c30_does_not_hold_where_a_batch_costs_nothing_or_gains_nothing():
    free = il.AffineReplica(prefill_s=(0, 0, 0), decode_s=(0.01, 0, 0))
    runs = [tpot_at_users(free, users) for users in (1, 2, 4)]
    assert batch_trades_tpot_for_throughput(runs).verdict == "does not hold"
    alone = il.AffineReplica(prefill_s=(0.001, 0, 0), decode_s=(0.01, 0.001, 0), max_batch=2)
    runs = [tpot_at_users(alone, users) for users in (1, 2, 8)]
    assert "at most 2 users" in batch_trades_tpot_for_throughput(runs).verdict
    with pytest.raises(ValueError, match="points"):
        batch_trades_tpot_for_throughput(runs[::-1])


def test_the_decision_and_the_price_of_more_users_that_the_lesson_states():
    def most(name):
        return max(u for u in STEPS if tpot_at_users(BUILT[name], u).tpot_s <= 0.040)

    stated = {"ideal": 80, "eager-2023": 8, "vllm-2025": 24, "vllm-2025 fp8": 32}
    assert {name: most(name) for name in BUILT} == stated
    few, many = (tpot_at_users(BUILT["ideal"], users) for users in (64, 192))
    assert many.output_tokens_per_s / few.output_tokens_per_s == pytest.approx(1.16, abs=0.005)
    assert many.tpot_s / few.tpot_s == pytest.approx(2.4, abs=0.05)
    assert many.room == 206


def test_goodput_falls_past_the_edge_and_the_picture_says_where():
    curve = goodput_curve(BUILT["eager-2023"], (0.2, 0.4, 2.0), requests=600)
    assert curve[0].share_met > 0.95 > 0.5 > curve[2].share_met
    assert curve[2].goodput_per_s < curve[1].goodput_per_s
    _, reads = goodput_picture({"eager-2023": curve})
    assert f"up to {curve[1].rate_per_s:.1f} requests/s" in reads
