"""Summaries and columns: figures that can be worked out by hand or counted."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.serving.parts import PARTS
from inference_lab.serving.summary import PERCENTILES, quantiles

ONE = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.25, 0.25, 0), kv_capacity_tokens=64)
LOAD = il.Workload.from_arrays(
    arrival_s=[0, 0, 2], prompt_tokens=[10, 30, 65], output_tokens=[3, 5, 1]
)
"""The prompts are read until 2 s; two steps of 0.75 s for both, two of 0.5 s; one never fits."""


def test_throughput_and_the_mean_over_all_gaps():
    summary = il.simulate(il.Cluster(ONE), LOAD).summary()
    assert summary.duration_s == 2 + 2 * 0.75 + 2 * 0.5
    assert summary.prompt_tokens_per_s == pytest.approx(40 / 4.5)
    assert summary.output_tokens_per_s == pytest.approx(8 / 4.5)
    gaps_s = [1.75, 0.75, 0.75, 0.75, 0.5, 0.5]  # the first waits for the prompt of the second
    assert summary.itl_s["mean"] == pytest.approx(np.mean(gaps_s))
    assert "prompt and 1.778 output tokens/s" in str(summary)


@given(st.lists(st.floats(0.001, 1e3), min_size=1, max_size=30), st.integers(0, 30))
def test_a_failed_request_is_slower_than_any_other(values, failed):
    """Instead of infinity any huge number gives the same order: what is huge then is infinite."""
    found = quantiles(np.array([*values, np.nan]), failed)
    huge = 1e300
    marks = np.percentile([*values, *[huge] * failed], PERCENTILES)
    for p, mark in zip(PERCENTILES, marks, strict=True):
        expected = np.inf if mark > 1e280 else mark
        assert found[f"p{p}"] == pytest.approx(expected, rel=1e-12)
    assert found["mean"] == (np.inf if failed else pytest.approx(np.mean(values)))


@pytest.mark.parametrize("engine", ["macro", "reference"])
def test_every_gap_is_known_if_it_is_asked_for(engine):
    """By hand; then sums, counts and longest gaps where sequences are pre-empted and one fails."""
    run = il.simulate(il.Cluster(ONE), LOAD, engine=engine, spans=True)
    assert run.itl_s.tolist() == [1.75, 0.75, 0.75, 0.75, 0.5, 0.5]
    assert run.summary().itl_s["p90"] == np.percentile(run.itl_s, 90)
    assert run.summary(warmup=1).itl_s["mean"] == pytest.approx((0.75 + 0.75 + 0.5 + 0.5) / 4)
    assert il.simulate(il.Cluster(ONE), LOAD).itl_s is None
    small = il.AffineReplica(
        prefill_s=(1, 0, 0), decode_s=(0.25, 0.25, 0), kv_capacity_tokens=96, max_batch=5
    )
    load = il.Workload.poisson(0.2, 60, (1, 40), (1, 90), seed=3)
    run = il.simulate(il.Cluster(small, 2), load, engine=engine, spans=True)
    assert run.preemptions > 5 and run.refused
    gaps = run.output_tokens[run.served] - 1
    each = np.split(run.itl_s, np.cumsum(gaps)[:-1])
    decode_s, longest_s = (run.e2e_s - run.ttft_s)[run.served], run.max_itl_s[run.served]
    np.testing.assert_allclose([own.sum() for own in each], decode_s, atol=1e-9)
    np.testing.assert_allclose([own.max() for own in each if len(own)], longest_s[gaps > 0])


@pytest.mark.parametrize("engine", ["macro", "reference"])
def test_what_held_up_the_first_of_a_queue(engine):
    """Two places and 128 tokens: the third waits for a place, the fifth for memory."""
    replica = il.AffineReplica(
        prefill_s=(1, 0, 0), decode_s=(1, 0, 0), kv_capacity_tokens=128, max_batch=2
    )
    load = il.Workload.from_arrays(
        arrival_s=[0, 0, 0, 50, 51, 51.5], prompt_tokens=[9, 9, 9, 90, 90, 9], output_tokens=[5] * 6
    )
    full = il.simulate(il.Cluster(replica, max_queue=1), load, engine=engine)
    assert f"max_queue ({full.rejected} rejected)" in str(full.summary()) and full.rejected
    run = il.simulate(il.Cluster(replica), load, engine=engine)
    assert run.held_by["max_batch"].nonzero()[0].tolist() == [2]
    assert run.held_by["memory"].nonzero()[0].tolist() == [4]
    text = "capped by  max_batch (1 waited at the head of a queue), memory (1 waited"
    assert text in str(run.summary())
    assert "capped" not in str(il.simulate(il.Cluster(replica, 6), load).summary())
    assert run.summary(warmup=3).held_by == {"max_batch": 0, "memory": 1}


@pytest.mark.parametrize("engine", ["macro", "reference"])
def test_samples_of_the_memory(engine):
    """Of four blocks, one for the first until 12.5 s, and two for the second, three later."""
    load = il.Workload.from_arrays(
        arrival_s=[0.5, 0.5], prompt_tokens=[10, 27], output_tokens=[3, 9]
    )
    replica = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(5, 0, 0), kv_capacity_tokens=64)
    run = il.simulate(il.Cluster(replica), load, engine=engine, sample_s=5)
    # Prefills end at 1.5 and 2.5 s; eight steps, of 28 to 35 tokens of the second, until 42.5 s.
    assert run.samples["time_s"].tolist() == list(range(0, 45, 5))
    assert run.samples["outstanding"].tolist() == [0, 2, 2, *[1] * 6]
    blocks = 4 * run.samples["kv_use"]
    assert blocks.tolist() == [0, 3, 3, 2, 2, 2, 3, 3, 3]
    summary = run.summary()
    assert summary.kv_use == {"mean": blocks.mean() / 4, "max": 0.75}
    assert "75 % at most, of a replica and as sampled" in str(summary)
    assert run.summary(warmup=1).kv_use["mean"] == blocks[1:].mean() / 4
    with pytest.raises(ValueError, match="sample_s=0 is out of range"):
        il.simulate(il.Cluster(replica), load, sample_s=0)


def test_failed_requests_are_left_out_or_counted_in():
    result = il.simulate(il.Cluster(ONE), LOAD)
    left_out, counted = result.summary(), result.summary(count_failed=True)
    assert (left_out.failed, counted.failed) == (0, 1)
    assert left_out.ttft_s["p90"] < np.inf
    assert counted.ttft_s["p50"] == 2 and counted.ttft_s["p90"] == np.inf
    assert "1 requests that were not served count as infinitely slow" in str(counted)
    with pytest.raises(TypeError, match="count_failed=1 must be True or False"):
        result.summary(count_failed=1)


def test_columns_hold_everything_that_is_known_of_a_request():
    result = il.simulate(il.Cluster(ONE), LOAD, spans=True)
    columns = result.to_columns()
    assert {len(column) for column in columns.values()} == {len(LOAD)}
    for part in PARTS:
        np.testing.assert_array_equal(columns[f"{part}_s"], result.ttft_parts[part])
    arrays = [f.name for f in fields(result) if isinstance(getattr(result, f.name), np.ndarray)]
    assert set(arrays) - set(columns) == {"spans", "itl_s"}
    assert columns["held_by_memory"].tolist() == result.held_by["memory"].tolist()
    assert columns["outcome"].tolist() == ["served", "served", "kv_capacity"]
