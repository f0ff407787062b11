"""The figures behind claims C31 and C34, from the functions that the lesson itself calls."""

import math

import numpy as np
import pytest

import inference_lab as il
from inference_lab.experiments import roofline
from inference_lab.experiments.queue import TtftAtLoad, ttft_at_load
from inference_lab.lab.claims.queue import ttft_is_mostly_prefill
from inference_lab.lab.claims.roof import decode_is_memory_bound, prefill_is_compute_bound

LLAMA = il.LLM.named("Llama-3.1-70B")
H100 = il.GPU.named("H100-SXM5-80GB")
REPLICA = il.Replica(LLAMA, H100, tp=4)
PREFILL_S = REPLICA.prefill_s(prompt_tokens=2048)
RIDGE = H100.ridge_flop_per_byte


def point(load, mean_share, p99_share):
    return TtftAtLoad(load, 1.0, mean_share, 1 - mean_share, p99_share, 1 - p99_share)


def test_unloaded_ttft_is_mostly_prefill():
    alone = ttft_at_load(REPLICA, load=0.001, requests=200)
    assert alone.mean_s == pytest.approx(PREFILL_S)
    assert alone.p99_queue_share == pytest.approx(0, abs=1e-9)
    assert pytest.approx(0.0744, abs=5e-5) == PREFILL_S


def test_at_load_80_the_queue_adds_2_prefills_to_the_mean_and_10_to_the_p99():
    runs = [ttft_at_load(REPLICA, 0.8, requests=20_000, seed=seed) for seed in range(16)]
    for waits, exact in (
        ([run.mean_queue_s / PREFILL_S for run in runs], 2.0),
        ([run.p99_queue_s / PREFILL_S for run in runs], 10.356),  # M/D/1
    ):
        error = np.std(waits, ddof=1) / math.sqrt(len(waits))
        assert error < 0.05 * exact
        assert abs(np.mean(waits) - exact) < 4 * error


def test_p99_doubles_where_md1_says():
    """In M/D/1 the wait exceeds one service with probability 1 - (1 - rho) exp(rho)."""
    rho = next(r for r in np.arange(0.01, 1, 0.0001) if (1 - r) * math.exp(r) <= 0.99)
    below = [ttft_at_load(REPLICA, rho - 0.02, requests=20_000, seed=s).p99_s for s in range(5)]
    above = [ttft_at_load(REPLICA, rho + 0.02, requests=20_000, seed=s).p99_s for s in range(5)]
    assert np.mean(below) < 2 * PREFILL_S < np.mean(above)


def test_a_p99_of_2000_requests_moves_and_one_of_20000_less():
    few = [ttft_at_load(REPLICA, 0.8, seed=seed).p99_s for seed in range(10)]
    assert (min(few), max(few)) == pytest.approx((0.712, 1.170), abs=1e-3)
    assert np.median(few[:5]) == pytest.approx(0.832, abs=1e-3)  # what the view shows
    many = [ttft_at_load(REPLICA, 0.8, requests=20_000, seed=seed).p99_s for seed in range(10)]
    assert many[0] == pytest.approx(0.877, abs=1e-3)
    assert np.std(many) < 0.7 * np.std(few)


def test_8192_tokens_break_the_limit_at_5_per_cent_and_keep_it_at_1():
    """What the lesson answers to "how high can the load go?", as its view runs it."""
    assert REPLICA.prefill_s(prompt_tokens=8192) == pytest.approx(0.314, abs=5e-4)
    draws = [ttft_at_load(REPLICA, 0.05, prompt_tokens=8192, seed=seed).p99_s for seed in range(5)]
    assert np.median(draws) == pytest.approx(0.560, abs=5e-4)
    for requests in (2_000, 20_000):
        assert ttft_at_load(REPLICA, 0.01, prompt_tokens=8192, requests=requests).p99_s < 0.450


def test_c31_verdict_of_the_lesson():
    points = [ttft_at_load(REPLICA, x / 100, requests=20_000) for x in (5, 10, 20, 40, 60, 70, 80)]
    mean = ttft_is_mostly_prefill(points, tail=False)
    p99 = ttft_is_mostly_prefill(points, tail=True)
    assert mean.verdict == "holds if the load is at most 60 %"  # exact: up to 2/3
    assert p99.verdict == "holds if the load is at most 10 %"  # exact: up to 13.5 %


def test_c31_verdict_follows_its_input():
    quiet = [point(0.1, 0.1, 0.4), point(0.2, 0.2, 0.5)]
    assert ttft_is_mostly_prefill(quiet, tail=True).verdict == "holds"
    busy = [point(0.8, 0.6, 0.9), point(0.9, 0.8, 0.99)]
    assert ttft_is_mostly_prefill(busy, tail=False).verdict == "does not hold"
    between = [point(0.1, 0.1, 0.4), point(0.2, 0.6, 0.5), point(0.3, 0.4, 0.4)]
    said = ttft_is_mostly_prefill(between, tail=False)
    assert said.verdict == "holds if the load is at most 10 %"
    assert "10 % at load 10 %" in said.because
    with pytest.raises(ValueError, match="rising"):
        ttft_is_mostly_prefill(busy[::-1], tail=True)


@pytest.mark.parametrize("tokens", [1, 128, 290, 291, 512, 2048, 8192])
def test_prefill_work_gives_the_replicas_time(tokens):
    step = roofline.prefill(LLAMA, tokens)
    slower = max(step.flop / H100.bf16_flop_per_s, step.read_bytes / H100.hbm_bytes_per_s) / 4
    assert slower == pytest.approx(REPLICA.prefill_s(prompt_tokens=tokens), rel=1e-12)


@pytest.mark.parametrize(("batch", "each"), [(1, 2048), (32, 2048), (218, 2048), (2000, 16)])
def test_decode_work_gives_the_replicas_time(batch, each):
    step = roofline.decode(LLAMA, batch, batch * each)
    slower = max(step.flop / H100.bf16_flop_per_s, step.read_bytes / H100.hbm_bytes_per_s) / 4
    expected = REPLICA.decode_step_s(batch=batch, context_tokens=batch * each)
    assert slower == pytest.approx(expected, rel=1e-12)


def test_c34_verdicts_of_the_lesson():
    assert pytest.approx(295, abs=0.5) == RIDGE
    prefills = [(n, roofline.prefill(LLAMA, n)) for n in range(1, 4097)]
    said = prefill_is_compute_bound(prefills, RIDGE)
    assert said.verdict == "holds if the prompt has at least 291 tokens"
    most = REPLICA.kv_capacity_tokens // 2048
    decodes = [(b, roofline.decode(LLAMA, b, b * 2048)) for b in range(1, most + 1)]
    assert decode_is_memory_bound(decodes, RIDGE).verdict == "holds"
    assert roofline.decode(LLAMA, 1, 2048).intensity / RIDGE < 0.004


def test_c34_verdicts_follow_their_input():
    long = [(n, roofline.prefill(LLAMA, n)) for n in (512, 2048)]
    assert prefill_is_compute_bound(long, RIDGE).verdict == "holds"
    short = [(n, roofline.prefill(LLAMA, n)) for n in (16, 128)]
    assert prefill_is_compute_bound(short, RIDGE).verdict == "does not hold"
    said = prefill_is_compute_bound(short + long, RIDGE)
    assert said.verdict == "holds if the prompt has at least 512 tokens"
    tiny = [(b, roofline.decode(LLAMA, b, b * 16)) for b in (1, 200, 400, 800)]
    said = decode_is_memory_bound(tiny, RIDGE)
    assert said.verdict == "holds if the batch is at most 200"
    assert decode_is_memory_bound(tiny[2:], RIDGE).verdict == "does not hold"
    for judge in (prefill_is_compute_bound, decode_is_memory_bound):
        with pytest.raises(ValueError, match="at least one"):
            judge([], RIDGE)


@pytest.mark.parametrize("load", [0, 1, -0.1, 2])
def test_a_load_outside_0_to_1_is_refused(load):
    with pytest.raises(ValueError, match="load="):
        ttft_at_load(REPLICA, load)


def test_work_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="prompt_tokens=0"):
        roofline.prefill(LLAMA, 0)
    with pytest.raises(ValueError, match="context_tokens=3"):
        roofline.decode(LLAMA, 4, 3)
