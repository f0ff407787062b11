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
    assert set(arrays) - set(columns) == {"spans"}
    assert columns["outcome"].tolist() == ["served", "served", "kv_capacity"]
