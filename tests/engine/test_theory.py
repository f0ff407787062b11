"""Closed forms against the table of exact values, and against each other."""

from math import inf

import numpy as np
import pytest

from inference_lab import theory


@pytest.mark.parametrize(
    ("servers", "rho", "chance", "wait"),
    [
        (8, 0.7, 0.270603, 0.112751),
        (8, 0.8, 0.457645, 0.286028),
        (8, 0.9, 0.701533, 0.876916),
        (4, 0.8, 0.596432, 0.745541),
    ],
)
def test_o4_erlang_c(servers, rho, chance, wait):
    assert theory.erlang_c(servers, rho) == pytest.approx(chance, abs=5e-7)
    assert theory.mmc_wait(servers, rho) == pytest.approx(wait, abs=5e-7)


def test_o2_the_law_of_the_wait_of_m_d_1():
    for rho, mean, p95, p99 in ((0.7, 7 / 6, 4.103, 6.485), (0.8, 2.0, 6.620, 10.356)):
        assert theory.mg1_wait(rho, scv=0) == pytest.approx(mean)
        assert theory.md1_wait_within(rho, p95) == pytest.approx(0.95, abs=1e-4)
        assert theory.md1_wait_within(rho, p99) == pytest.approx(0.99, abs=1e-4)
    grain = 0.005
    tail = [1 - theory.md1_wait_within(0.7, wait) for wait in np.arange(grain / 2, 20, grain)]
    assert sum(tail) * grain == pytest.approx(theory.mg1_wait(0.7, 0), rel=1e-3)


@pytest.mark.parametrize(("rate", "mean"), [(1, 6.704), (3, 24.070), (5, 49.943)])
def test_o6_symmetric_queue(rate, mean):
    found = theory.batching_in_system(rate, 211, lambda k: 0.029 + 0.00036 * k)
    assert found == pytest.approx(mean, abs=5e-4)


def test_o6_with_a_constant_step_has_infinitely_many_servers():
    assert theory.batching_in_system(3, 100, lambda k: 0.05) == pytest.approx(15)


@pytest.mark.parametrize(
    ("choices", "times"),
    [(1, (3.333, 5, 10)), (2, (1.6145, 1.9474, 2.6141)), (3, (1.3568, 1.5809, 2.0279))],
)
def test_o7_power_of_d(choices, times):
    found = [theory.power_of_d_time(rho, choices) for rho in (0.7, 0.8, 0.9)]
    assert found == pytest.approx(times, abs=5e-4)


def test_limits_meet():
    assert theory.erlang_c(1, 0.8) == pytest.approx(0.8)
    assert theory.mg1_wait(0.8, scv=1) + 1 == pytest.approx(theory.mm1_time(0.8))
    assert theory.round_robin_time(1, 0.8) == pytest.approx(theory.mm1_time(0.8))
    assert theory.round_robin_time(2000, 0.8) > theory.round_robin_time(20_000, 0.8)
    assert theory.round_robin_time(20_000, 0.8) == pytest.approx(solved_d_m_1(0.8), rel=1e-4)


def solved_d_m_1(rho):
    """The limit of round robin: ``sigma = exp(-(1 - sigma) / rho)``, by search."""
    sigmas = np.linspace(0.01, 0.99, 981_001)
    return 1 / (1 - sigmas[np.abs(sigmas - np.exp(-(1 - sigmas) / rho)).argmin()])


def test_o16_kv_cache_of_a_token_and_its_transfer():
    held = 2048 * theory.kv_bytes_per_token(80, 8, 128, 2)
    assert held == pytest.approx(0.671e9, rel=1e-3)
    assert 2048 * theory.kv_bytes_per_token(80, 64, 128, 2) == pytest.approx(5.37e9, rel=1e-3)
    times_ms = [1e3 * theory.transfer_s(held, gb) for gb in (10, 25, 100, 200, 400, 800)]
    assert times_ms == pytest.approx([537, 215, 53.7, 26.8, 13.4, 6.7], rel=5e-3)


@pytest.mark.parametrize(
    "unstable",
    [
        lambda: theory.mm1_time(1.0),
        lambda: theory.mg1_wait(-0.1, 1),
        lambda: theory.erlang_c(8, 1.5),
        lambda: theory.round_robin_time(8, inf),
        lambda: theory.power_of_d_time(float("nan"), 2),
        lambda: theory.md1_wait_within(1.0, 3),
    ],
)
def test_an_unstable_queue_is_refused(unstable):
    with pytest.raises(ValueError, match="a queue is stable from 0 to below 1"):
        unstable()


def test_an_unstable_batch_is_refused():
    with pytest.raises(ValueError, match="rate_per_s=9 is not stable: give a lower rate"):
        theory.batching_in_system(9, 211, lambda k: 0.001 * k)
