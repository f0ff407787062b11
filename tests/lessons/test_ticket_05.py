"""Ticket 4711 of lesson 05 closes on the stack of its replica: the figures that its text states."""

from bisect import bisect_left
from pathlib import Path

import numpy as np
import pytest

import inference_lab as il
from inference_lab.experiments.queue import ttft_at_load
from inference_lab.lab.views import latency, ttft_under_load

LLAMA = il.LLM.named("Llama-3.1-70B")
H100 = il.GPU.named("H100-SXM5-80GB")
IDEAL = il.Replica(LLAMA, H100, tp=4)
REAL = il.Replica(LLAMA, H100, tp=4, stack="vllm-2025", precision="fp8")
PREFILL_S = REAL.prefill_s(prompt_tokens=2048)
RATE_PER_S, LIMIT_S = 6, 0.450
SEEDS = range(6)
PROSE = Path(__file__).parents[2] / "solutions" / "05_the_latency_that_matters.py"


def p99s(replica, rate_per_s, output_tokens=1):
    load = rate_per_s * replica.prefill_s(prompt_tokens=2048)
    runs = [
        ttft_at_load(replica, load, output_tokens=output_tokens, requests=20_000, seed=seed)
        for seed in SEEDS
    ]
    return np.array([run.p99_s for run in runs])


@pytest.fixture(scope="module")
def slow():
    return p99s(REAL, RATE_PER_S)


def test_the_words_name_the_idle_replica_the_load_and_the_p99(slow):
    first_ms = 1e3 * (PREFILL_S + REAL.frontend_s)
    prose = " ".join(PROSE.read_text(encoding="utf-8").replace("\n# ", " ").split())
    assert f"a 2,048-token prompt takes {first_ms:.0f} ms on an idle replica" in prose
    assert (
        f"{RATE_PER_S} requests a second at {1e3 * PREFILL_S:.0f} ms each make a load of "
        f"{100 * RATE_PER_S * PREFILL_S:.0f} %, where the p99 of a long run is {slow.min():.2f} to "
        f"{slow.max():.2f} s: {first_ms:.0f} ms for the request itself" in prose
    )
    parts_ms = (1e3 * PREFILL_S, 1e3 * REAL.frontend_s)
    alone = "a request takes {:.0f} ms: {:.0f} of prefill, and {:.0f} of *front end*"
    assert alone.format(first_ms, *parts_ms) in prose
    assert f'two replicas for every three." ({100 * RATE_PER_S * PREFILL_S * 3 / 5:.0f} %' in prose


def test_the_view_passes_a_load_that_a_longer_run_does_not():
    assert "The view's 2,000 requests still pass at 44 %" in PROSE.read_text(encoding="utf-8")
    assert latency.REQUESTS == 2_000
    assert "which is within the limit" in ttft_under_load(REAL, load_percent=44).picture["reading"]
    assert p99s(REAL, 0.44 / PREFILL_S).min() > LIMIT_S


def test_the_ideal_stack_allows_the_load_at_which_the_tickets_replica_is_late(slow):
    assert p99s(IDEAL, RATE_PER_S * PREFILL_S / IDEAL.prefill_s(2048)).max() < LIMIT_S
    assert slow.min() > 1.3 * LIMIT_S


def test_two_more_replicas_for_every_three_keep_the_limit_and_one_does_not_with_longer_answers():
    for output_tokens in (1, 128):
        assert p99s(REAL, RATE_PER_S * 3 / 5, output_tokens).max() < LIMIT_S
    assert p99s(REAL, RATE_PER_S * 2 / 3, 128).max() > LIMIT_S


@pytest.mark.parametrize("seed", SEEDS)
def test_the_highest_load_of_the_memo(seed):
    def p99_s(percent):
        return ttft_at_load(REAL, percent / 100, requests=10_000, seed=seed).p99_s

    assert bisect_left(range(1, 100), LIMIT_S, key=p99_s) == pytest.approx(40, abs=2)


def test_gpus_twice_as_fast_cut_the_p99_to_less_than_a_third(slow):
    """At the same rate the load halves, and so does every time beside the front end."""
    after = (p99s(REAL, RATE_PER_S / 2) - REAL.frontend_s) / 2 + REAL.frontend_s
    assert (after < slow / 3).all()
    assert after == pytest.approx(0.19, abs=0.01)


def test_the_view_of_the_tickets_replica_has_the_front_end_as_a_piece_of_its_own():
    view = ttft_under_load(REAL, load_percent=35)
    front_ms = 1e3 * REAL.frontend_s
    for bar in view.picture["bars"]:
        assert bar["frontend_ms"] == pytest.approx(front_ms)
    total_ms = sum(view.picture["bars"][1][piece] for piece in latency.PIECES)
    assert total_ms == pytest.approx(1e3 * view.point.p99_s)
    assert view.picture["reading"].count(f"prefill + {front_ms:.0f} front end") == 2
    assert view.picture["p99_range_ms"][1] < 1e3 * LIMIT_S
    view.load_percent = 50
    assert view.picture["p99_range_ms"][0] > 1e3 * LIMIT_S
    assert "front end" not in ttft_under_load(IDEAL).picture["reading"]


def test_nobody_queues_for_an_idle_replica_with_a_front_end():
    alone = ttft_at_load(REAL, load=0.001, requests=200)
    assert alone.p99_queue_s == pytest.approx(0, abs=1e-9)
    assert (alone.mean_s, alone.p99_s) == pytest.approx([PREFILL_S + REAL.frontend_s] * 2)
