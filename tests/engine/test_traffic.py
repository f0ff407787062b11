"""Workloads: what arrives, that a seed means one thing, and broken traces."""

import gzip

import numpy as np
import pytest

import inference_lab as il
from inference_lab.traffic.likeness import SHIPPED

AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
MOONCAKE = '{"timestamp": %d, "input_length": 9, "output_length": 2, "hash_ids": [1, 2]}\n'


def test_poisson_has_its_rate_and_lengths():
    load = il.Workload.poisson(8, 20_000, prompt_tokens=(512, 2048), output_tokens=7, seed=3)
    gaps = np.diff(load.arrival_s)
    assert gaps.mean() == pytest.approx(1 / 8, rel=0.03)
    assert gaps.std() == pytest.approx(1 / 8, rel=0.03)
    assert (load.prompt_tokens.min(), load.prompt_tokens.max()) == (512, 2048)
    assert set(load.output_tokens) == {7}


def test_a_seed_gives_the_same_requests_and_purposes_do_not_disturb_each_other():
    first = il.Workload.poisson(8, 50, (1, 99), (1, 99), seed=5)
    again = il.Workload.poisson(8, 50, (1, 99), (1, 99), seed=5)
    other = il.Workload.poisson(8, 50, 7, (1, 99), seed=5)
    np.testing.assert_array_equal(first.arrival_s, again.arrival_s)
    np.testing.assert_array_equal(first.arrival_s, other.arrival_s)
    np.testing.assert_array_equal(first.output_tokens, other.output_tokens)
    assert (first.arrival_s != il.Workload.poisson(8, 50, 7, 7, seed=6).arrival_s).any()


def test_the_router_s_seed_does_not_touch_the_arrivals():
    load = il.Workload.poisson(8, 50, 9, 9)
    one = il.AffineReplica(prefill_s=(0.1, 0, 0), decode_s=(0.01, 0, 0))
    runs = [il.simulate(il.Cluster(one, 4, router="random"), load, seed=s) for s in (0, 1)]
    np.testing.assert_array_equal(runs[0].arrival_s, runs[1].arrival_s)
    assert (runs[0].replica != runs[1].replica).any()


def test_like_azure_has_its_minutes_and_its_means():
    assert SHIPPED == ("azure-2023-conv",)
    load = il.Workload.like("azure-2023-conv", seed=1)
    counts = np.bincount((load.arrival_s // 60).astype(int))
    assert len(load) == 19_366
    assert (counts[0], counts[47], counts[-1]) == (191, 249, 37)
    means = [
        (w.prompt_tokens.mean(), w.output_tokens.mean())
        for w in (il.Workload.like("azure-2023-conv", seed=seed) for seed in range(10))
    ]
    # The tables give the true means to 0.7 %; ten seeds add a standard error of 0.2 %.
    assert np.mean(means, axis=0) == pytest.approx((1154.7, 211.1), rel=0.012)
    faster = il.Workload.like("azure-2023-conv", rate_scale=8, requests=40_000, seed=1)
    assert len(faster) == 40_000
    # Two rounds of 3501.7 s; the other 1,268 requests: four minutes (1,138), 130 of the next 307.
    last_s = 2 * 3501.7 + 60 * (4 + 130 / 307)
    assert faster.arrival_s[-1] == pytest.approx(last_s / 8, rel=0.003)
    assert (np.diff(faster.arrival_s) >= 0).all()


def test_like_azure_is_the_trace(shared_data):
    real = il.Workload.from_trace(shared_data / "traces" / "AzureLLMInferenceTrace_conv.csv")
    like = il.Workload.like("azure-2023-conv")
    assert len(real) == len(like) == 19_366
    counts = [np.bincount((w.arrival_s // 60).astype(int)) for w in (real, like)]
    assert np.abs(counts[0] - counts[1]).max() <= 1
    for column in ("prompt_tokens", "output_tokens"):
        a, b = (np.quantile(getattr(w, column), [0.1, 0.5, 0.9]) for w in (real, like))
        np.testing.assert_allclose(a, b, rtol=0.05)


def test_the_mooncake_trace_keeps_its_prefix_blocks(shared_data):
    load = il.Workload.from_trace(shared_data / "traces" / "mooncake_conversation_trace.jsonl")
    assert len(load) == 12_031
    assert load.prompt_tokens.mean() == pytest.approx(12_035.1, abs=0.1)
    assert all(blocks[0] == 0 for blocks in load.prefix_blocks)
    assert len({block for blocks in load.prefix_blocks for block in blocks}) == 182_790


def test_time_stamps_keep_their_digits(tmp_path):
    trace = tmp_path / "a.csv"
    trace.write_text(AZURE + "2023-11-16 18:15:46.6805900,3,4\n2023-11-16 18:15:46.6805907,3,4\n")
    assert il.Workload.from_trace(trace).arrival_s[1] == 7e-7


def test_compressed_sorted_and_scaled(tmp_path):
    trace = tmp_path / "t.jsonl.gz"
    with gzip.open(trace, "wt") as out:
        lines = [MOONCAKE % ms for ms in (4000, 1000, 2000)]
        out.writelines([*lines[:2], lines[2].replace("[1, 2]", "[3]")])
    load = il.Workload.from_trace(trace, rate_scale=2)
    assert list(load.arrival_s) == [0, 0.5, 1.5]
    assert list(load.prefix_blocks) == [(1, 2), (3,), (1, 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the header"),
        ("a,b\n1,2\n", "line 1: expected the header TIMESTAMP,ContextTokens,GeneratedTokens"),
        (AZURE, "holds no request"),
        (AZURE + "2023-11-16 18:15:46,3\n", "line 2: expected 3 columns"),
        (AZURE + "2023-11-16 18:15:46,3,4\nyesterday,3,4\n", "line 3: expected a time like"),
        (AZURE + ",3,4\n", "line 2: expected a time like"),
        (AZURE + "2023-11-16 18:15:46,3.5,4\n", "line 2: expected ContextTokens, a whole number"),
        (AZURE + "2023-11-16 18:15:46,3,0\n", "line 2: expected GeneratedTokens, a whole number"),
        (MOONCAKE % 1 + "{broken\n", "line 2: "),
        (MOONCAKE % 1 + '{"timestamp": 3}\n', "line 2: missing 'input_length'"),
        (MOONCAKE % -1, "line 1: expected timestamp in milliseconds"),
        (MOONCAKE % 1 + "[1]\n", "line 2: "),
        ('{"timestamp": 0, "input_length": 1, "output_length": 1, "hash_ids": 7}', "hash_ids"),
    ],
)
def test_a_broken_trace_names_the_line(tmp_path, text, message):
    trace = tmp_path / "trace"
    trace.write_text(text)
    with pytest.raises(ValueError, match=message):
        il.Workload.from_trace(trace)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: poisson(rate_per_s=0), "rate_per_s=0 is out of range"),
        (lambda: poisson(rate_per_s="8"), "rate_per_s='8' must be a number"),
        (lambda: poisson(requests=0), "requests=0 is too small"),
        (lambda: poisson(prompt_tokens=0), "prompt_tokens=0 is too small"),
        (lambda: poisson(prompt_tokens=(9, 3)), "the low end exceeds the high end"),
        (lambda: poisson(prompt_tokens=[1, 2]), r"prompt_tokens=\[1, 2\] has shape \(2,\): give 9"),
        (
            lambda: poisson(prompt_tokens=[1.5] * 9),
            r"prompt_tokens=\[1.5, .* has dtype float64: give 9",
        ),
        (lambda: poisson(output_tokens=[1] * 8 + [0]), r"output_tokens\[8\]=0 is too small"),
        (lambda: poisson(seed=-1), "seed=-1 is too small"),
        (lambda: poisson(seed=None), "seed=None must be a whole number"),
        (
            lambda: arrays(arrival_s=[0, float("nan")]),
            r"arrival_s\[1\]=nan is out of range: give a finite",
        ),
        (lambda: arrays(arrival_s=[2, 1]), r"arrival_s\[1\]=1.0 is before arrival_s\[0\]=2.0"),
        (
            lambda: arrays(arrival_s=[]),
            r"arrival_s=\[\] has shape \(0,\): give one number a request",
        ),
        (
            lambda: arrays(arrival_s=["a", "b"]),
            "arrival_s=.'a', 'b'. has dtype <U1: give numbers of seconds",
        ),
        (lambda: arrays(session=[1]), "session has 1 entries: give 2"),
        (lambda: il.Workload.like("azure"), "did you mean azure-2023-conv"),
        (lambda: il.Workload.like("azure-2023-conv", rate_scale=0), "rate_scale=0 is out"),
        (
            lambda: il.Workload.closed_loop(0, prompt_tokens=1, output_tokens=1),
            "concurrency=0 is too small",
        ),
    ],
)
def test_bad_input_names_argument_value_and_fix(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def poisson(**changes):
    given = {"rate_per_s": 8, "requests": 9, "prompt_tokens": 7, "output_tokens": 7}
    return il.Workload.poisson(**(given | changes))


def arrays(**changes):
    given = {"arrival_s": [0, 1], "prompt_tokens": [1, 1], "output_tokens": [1, 1]}
    return il.Workload.from_arrays(**(given | changes))
