"""Capacity against exact answers: a metronome, M/D/1, and systems that have none."""

from math import ceil, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab import theory
from inference_lab.sweep.bounds import PRECISION, NotFound, fewest, largest

ONE_BY_ONE = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0, 0, 0), max_batch=1)
"""A server of one second a request."""


def metronome(gap_s, n):
    return il.Workload.from_arrays(
        arrival_s=np.arange(n) * gap_s, prompt_tokens=[1] * n, output_tokens=[1] * n
    )


@given(st.floats(1e-4, 1e4), st.floats(0.01, 100), st.sampled_from([1.15, 2.0]))
def test_the_largest_scale_is_found_to_its_precision(bound, start, step):
    found = largest(lambda scale: scale <= bound, start, step)
    assert found <= bound < found * PRECISION * (1 + 1e-12)


@given(st.integers(1, 300), st.integers(1, 300))
def test_the_fewest_is_found_exactly(bound, start):
    assert fewest(lambda n: n >= bound, 300, start=min(start, bound)) == bound


def test_no_bound_is_told_where_there_is_none():
    for holds, reason in (
        (lambda scale: True, "it holds even at"),
        (lambda scale: False, "it fails even at"),
        (
            lambda scale: scale < 3.3 or 3.7 < scale < 3.9,
            r"it holds at 3\.8.*, and fails again at 3",
        ),
        (lambda scale: scale < 2.5 or 2.8 < scale < 3, r"it holds at 2\.9.*, and fails again at 2"),
    ):
        with pytest.raises(NotFound, match=reason):
            largest(holds)
    with pytest.raises(NotFound, match="it fails even with 40"):
        fewest(lambda n: False, 40)
    with pytest.raises(NotFound, match="it holds at 5, and fails again at 6"):
        fewest(lambda n: n >= 5 and n != 6, 40)


@pytest.mark.parametrize(("wait_s", "share"), [(10, 0.99), (100, 0.9), (300, 0.5)])
def test_a_metronome_beyond_the_rate_of_its_server(wait_s, share):
    """Request i waits i (1 - 1/scale); number share n - 1 is the last that is to keep the limit."""
    n = 1000
    exact = 1 / (1 - wait_s / (share * n - 1))
    found = il.capacity(
        il.Cluster(ONE_BY_ONE), metronome(1.0, n), il.SLO(ttft_s=1 + wait_s, share=share)
    )
    assert found.value <= exact * (1 + 1e-9) < found.value * PRECISION * (1 + 1e-9)
    assert found.rate_per_s == pytest.approx(found.value)
    late = np.arange(900, n) * (1 - 1 / found.value) <= wait_s
    assert found.late_share == late.mean()
    assert ("queues were growing, and a longer load would get less" in str(found)) == (
        wait_s == 300
    )
    assert "one draw, so nobody knows" in str(found)
    assert all(np.isnan(bound) for bound in found.interval)


@pytest.mark.parametrize("gap_s", [0.3, 0.25, 0.07])
def test_the_fewest_replicas_for_a_metronome(gap_s):
    """Round robin gives each replica a request every n gaps: nobody waits from n gaps >= 1 on."""
    slo = il.SLO(ttft_s=1.0 + 1e-9)
    found = il.capacity(ONE_BY_ONE, metronome(gap_s, 500), slo, replicas=True)
    assert found.value == ceil(1 / gap_s)
    assert found.is_steady
    template = il.Cluster(ONE_BY_ONE, 7, router="least_outstanding")
    assert il.capacity(template, metronome(gap_s, 500), slo, replicas=True).value == found.value


def test_o2_the_rate_at_which_99_of_100_wait_no_longer_than_in_m_d_1():
    """6.485 services is the p99 of the wait at a load of 0.7; drawn loads, so within 4 errors."""
    wait = 6.485
    assert theory.md1_wait_within(0.7, wait) == pytest.approx(0.99, abs=1e-4)
    found = il.capacity(
        il.Cluster(ONE_BY_ONE),
        lambda seed: il.Workload.poisson(1.0, 10_000, 1, 1, seed=seed),
        il.SLO(ttft_s=1 + wait),
        seeds=range(8),
    )
    error = found.values.std(ddof=1) / sqrt(8)
    assert error < 0.02
    assert abs(found.rate_per_s - 0.7) < 4 * error + 0.7 * (PRECISION - 1)
    low, high = found.interval
    assert low < 0.7 < high * PRECISION
    assert found.is_steady


def drawn(seed):
    return il.Workload.poisson(4, 300, 1, 1, seed=seed)


def test_seeds_are_pairs_whatever_the_number_of_processes():
    slo = il.SLO(ttft_s=4.0, share=0.9)
    ways = [
        il.capacity(il.Cluster(ONE_BY_ONE, 8), drawn, slo, seeds=range(3), jobs=jobs)
        for jobs in (1, 2)
    ]
    np.testing.assert_array_equal(ways[0].values, ways[1].values)
    assert len(set(ways[0].values)) > 1
    assert ways[0].beyond == ways[1].beyond
    assert ways[0].beyond["TTFT <= 4 s"] < 0.9


def test_an_slo_that_nobody_can_keep_gets_no_number_but_the_reason():
    mixed = il.Workload.from_arrays(
        arrival_s=np.arange(200.0), prompt_tokens=[1, 3] * 100, output_tokens=[2] * 200
    )
    replica = il.AffineReplica(prefill_s=(0, 1, 0), decode_s=(0.5, 0, 0))
    for replicas in (False, True):
        with pytest.raises(
            ValueError, match=r"alone in the cluster 50 % keep it \(TTFT <= 2 s by 50"
        ):
            il.capacity(replica if replicas else il.Cluster(replica), mixed,
                        il.SLO(ttft_s=2, tpot_s=1), replicas=replicas)  # fmt: skip
    with pytest.raises(ValueError, match=r"TPOT <= 0\.4 s by 0 %, both by 0 %; 100 % are served"):
        il.capacity(il.Cluster(replica), mixed, il.SLO(ttft_s=9, tpot_s=0.4))
    small = il.AffineReplica(prefill_s=(0, 1, 0), decode_s=(0.5, 0, 0), kv_capacity_tokens=0)
    with pytest.raises(ValueError, match="0 % are served at all"):
        il.capacity(il.Cluster(small), mixed, il.SLO(ttft_s=9))


def test_no_number_for_a_load_that_never_fills_the_cluster_or_comes_all_at_once():
    with pytest.raises(ValueError, match=r"it holds even at .* give another load"):
        il.capacity(il.Cluster(ONE_BY_ONE, 100), metronome(1, 100), il.SLO(ttft_s=2))
    with pytest.raises(ValueError, match=r"it fails even at .* give another load"):
        il.capacity(il.Cluster(ONE_BY_ONE), metronome(0, 100), il.SLO(ttft_s=2))


def test_no_number_where_more_replicas_are_worse():
    """Every second request is long: with an even number, round robin sends all to the same ones."""
    n = 4000
    load = il.Workload.from_arrays(
        arrival_s=np.arange(n) * 0.55, prompt_tokens=[1, 300] * (n // 2), output_tokens=[1] * n
    )
    replica = il.AffineReplica(prefill_s=(0, 0.01, 0), decode_s=(0, 0, 0), max_batch=1)
    with pytest.raises(ValueError, match="it holds at 3, and fails again at 4"):
        il.capacity(replica, load, il.SLO(ttft_s=3.03, share=0.9), replicas=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"slo": 0.5}, "slo=0.5 must be an SLO: use SLO"),
        ({"replicas": 3}, "replicas=3 must be True or False"),
        ({"load": 3}, "load=3 must be a Workload or a function of a seed"),
        ({"load": lambda seed: None}, r"load\(seed=0\) returned None: return a Workload"),
        ({"load": metronome(1, 99)}, r"share=0.99 of 99 requests is all of them.* at least 100"),
        ({"seeds": []}, "seeds=.* must be distinct, and at least one"),
        ({"system": il.Cluster([ONE_BY_ONE, il.AffineReplica(prefill_s=(1, 0, 0),
          decode_s=(0, 0, 0))]), "replicas": True}, "several kinds of replicas"),
        ({"load": il.Workload.closed_loop(2, prompt_tokens=1, output_tokens=1)}, "closed loop"),
    ],
)  # fmt: skip
def test_bad_input_names_argument_value_and_fix(change, message):
    given = {"system": il.Cluster(ONE_BY_ONE), "load": metronome(1, 200), "slo": il.SLO(ttft_s=2)}
    given |= change
    system, load, slo = given.pop("system"), given.pop("load"), given.pop("slo")
    with pytest.raises((ValueError, TypeError), match=message):
        il.capacity(system, load, slo, **given)


def test_an_slo_counts_who_keeps_both_limits():
    """One token keeps any TPOT; who was not served keeps nothing; goodput counts the same."""
    replica = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.5, 0, 0), kv_capacity_tokens=64)
    load = il.Workload.from_arrays(
        arrival_s=[0, 10, 20, 30], prompt_tokens=[8, 8, 99, 8], output_tokens=[1, 3, 3, 3]
    )
    run = il.simulate(il.Cluster(replica), load)
    assert il.SLO(ttft_s=1).met(run).tolist() == [True, True, False, True]
    assert il.SLO(ttft_s=1, tpot_s=0.4).met(run).tolist() == [True, False, False, False]
    assert il.SLO(tpot_s=0.5).met(run).tolist() == [True, True, False, True]
    assert run.goodput_per_s(1, 0.4) == il.SLO(ttft_s=1, tpot_s=0.4).met(run).sum() / 32
    for bad, message in (
        ({}, "promise nothing"),
        ({"ttft_s": 0}, "ttft_s=0 is out of range"),
        ({"ttft_s": 1, "share": 1.1}, "share=1.1 is out of range"),
    ):
        with pytest.raises(ValueError, match=message):
            il.SLO(**bad)
