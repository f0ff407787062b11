"""Workloads: what arrives, and that a seed means one thing."""

import numpy as np
import pytest

import inference_lab as il
from inference_lab.traffic.likeness import SHIPPED

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


def test_a_gamma_process_has_its_rate_and_its_burstiness():
    for cv in (0.3, 1, 3):
        load = il.Workload.gamma(8, cv=cv, requests=50_000, prompt_tokens=1, output_tokens=1)
        gaps = np.diff(load.arrival_s)
        # Standard errors: cv / sqrt(n) of the mean; of the cv 2 % at most, the tail being heavy.
        assert gaps.mean() == pytest.approx(1 / 8, rel=4 * cv / np.sqrt(50_000))
        assert gaps.std() / gaps.mean() == pytest.approx(cv, rel=0.08)


def test_a_gamma_process_of_cv_1_is_the_poisson_process_and_0_is_a_metronome():
    gamma = il.Workload.gamma(8, 1, 50, 9, 9, seed=4)
    poisson = il.Workload.poisson(8, 50, 9, 9, seed=4)
    np.testing.assert_array_equal(gamma.arrival_s, poisson.arrival_s)
    metronome = il.Workload.gamma(8, 0, 50, 9, 9)
    np.testing.assert_allclose(metronome.arrival_s, np.arange(1, 51) / 8)
    nearly = il.Workload.gamma(8, 1e-12, 50, 9, 9)
    np.testing.assert_allclose(nearly.arrival_s, metronome.arrival_s, rtol=1e-9)


def test_piecewise_keeps_the_rate_of_each_piece():
    pieces = [(100, 20), (50, 0), (100, 80)]
    load = il.Workload.piecewise(pieces, 1, 1, seed=2)
    counts, _ = np.histogram(load.arrival_s, [0, 100, 150, 200, 250])
    assert counts[1] == 0
    for found, mean in zip(counts[[0, 2, 3]], (2000, 4000, 4000), strict=True):
        assert abs(found - mean) < 4 * np.sqrt(mean)
    # Poisson: over many seeds the number of a round has a variance equal to its mean.
    sizes = [len(il.Workload.piecewise([(10, 10)], 1, 1, seed=seed)) for seed in range(400)]
    assert np.mean(sizes) == pytest.approx(100, abs=4 * 10 / 20)
    assert np.var(sizes, ddof=1) == pytest.approx(100, rel=4 * np.sqrt(2 / 400))


def test_piecewise_repeats_its_pieces_for_more_requests():
    load = il.Workload.piecewise([(10, 0), (10, 50)], 1, 1, requests=5_000, seed=3)
    assert len(load) == 5_000
    assert (load.arrival_s % 20 >= 10).all()
    assert load.arrival_s[-1] == pytest.approx(200, rel=4 / np.sqrt(5_000))
    assert (np.diff(load.arrival_s) >= 0).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda scale: il.Workload.poisson(8, 99, 9, 9, rate_scale=scale),
        lambda scale: il.Workload.gamma(8, 2, 99, 9, 9, rate_scale=scale),
        lambda scale: il.Workload.piecewise([(9, 8), (9, 2)], 9, 9, rate_scale=scale),
        lambda scale: il.Workload.like("azure-2023-conv", scale, requests=99),
        lambda scale: arrays(rate_scale=scale),
    ],
    ids=["poisson", "gamma", "piecewise", "like", "from_arrays"],
)
def test_a_rate_scale_of_two_is_the_same_load_twice_as_fast(make):
    np.testing.assert_array_equal(make(2).arrival_s, make(1).arrival_s / 2)
    np.testing.assert_array_equal(make(2).output_tokens, make(1).output_tokens)


@pytest.mark.parametrize(
    "law",
    [
        il.Geometric(mean=1),
        il.Geometric(mean=211.3),
        il.Geometric(mean=200, at_most=150),
        il.LogNormal(median=300, sigma=1.2),
        il.LogNormal(mean=1000, cv=2),
        il.LogNormal(mean=1000, cv=2, at_most=700),
        il.LogNormal(median=1, sigma=0),
        il.Quantiles((0, 0.1, 0.9, 1), (1, 10, 10, 5000)),
    ],
    ids=repr,
)
def test_a_law_gives_whole_tokens_with_its_mean(law):
    n = 200_000
    load = il.Workload.poisson(8, n, law, law, seed=8)
    assert load.prompt_tokens.dtype == np.int64
    assert load.prompt_tokens.min() >= 1
    assert (load.prompt_tokens != load.output_tokens).any() or law.mean_tokens == 1
    if getattr(law, "at_most", None):
        assert load.prompt_tokens.max() == law.at_most
    for tokens in (load.prompt_tokens, load.output_tokens):
        # A rounded mean may be off by what rounding moves: measured below .01 token.
        assert abs(tokens.mean() - law.mean_tokens) < 4 * tokens.std() / np.sqrt(n) + 0.01


def test_laws_have_their_shape():
    rng = np.random.default_rng(5)
    tokens = il.Geometric(mean=50).draw(100_000, rng)
    assert (tokens > 100).mean() == pytest.approx(0.98**100, rel=0.03)
    tokens = il.LogNormal(mean=1000, cv=1).draw(100_000, rng)
    assert tokens.std() / tokens.mean() == pytest.approx(1, rel=0.03)
    assert np.median(tokens) == pytest.approx(1000 / np.sqrt(2), rel=0.02)
    tokens = il.Quantiles((0, 0.25, 1), (1, 100, 900)).draw(100_000, rng)
    assert np.quantile(tokens, [0.25, 0.625]) == pytest.approx([100, 500], rel=0.02)


def test_a_law_of_one_s_own():
    class Coin:
        def draw(self, requests, rng):
            return rng.choice([1, 1000], requests)

    load = il.Workload.closed_loop(5, prompt_tokens=Coin(), output_tokens=1)
    assert set(load.prompt_tokens) == {1, 1000}


def test_jitter_spreads_rounded_time_stamps(tmp_path):
    trace = tmp_path / "t.jsonl"
    trace.write_text("".join(MOONCAKE % (3000 * (i // 500)) for i in range(2000)))
    rounded = il.Workload.from_trace(trace)
    assert len(set(rounded.arrival_s)) == 4
    spread = il.Workload.from_trace(trace, jitter_s=3, seed=1)
    again = il.Workload.from_trace(trace, jitter_s=3, seed=1, rate_scale=2)
    assert len(set(spread.arrival_s)) == 2000
    assert (spread.arrival_s[0], round(spread.arrival_s[-1])) == (0, 12)
    assert (np.diff(spread.arrival_s) >= 0).all()
    assert np.histogram(spread.arrival_s, [0, 3, 6, 9, 12])[0] == pytest.approx([500] * 4, abs=3)
    np.testing.assert_array_equal(again.arrival_s, spread.arrival_s / 2)
    other = il.Workload.from_trace(trace, jitter_s=3, seed=2)
    assert (other.arrival_s != spread.arrival_s).any()


def test_jitter_keeps_each_request_together(tmp_path):
    trace = tmp_path / "t.jsonl"
    line = '{"timestamp": 0, "input_length": %d, "output_length": %d, "hash_ids": [%d]}\n'
    trace.write_text("".join(line % (i, i, i) for i in range(1, 101)))
    load = il.Workload.from_trace(trace, jitter_s=1)
    assert (np.diff(load.prompt_tokens) < 0).any(), "jitter has moved nobody"
    np.testing.assert_array_equal(load.prompt_tokens, load.output_tokens)
    assert [blocks[0] for blocks in load.prefix_blocks] == load.prompt_tokens.tolist()


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
        (lambda: arrays(session=5), "session=5 must be a list"),
        (lambda: arrays(prefix_blocks=[[1], 2]), r"prefix_blocks\[1\]=2 must be a list"),
        (lambda: arrays(prefix_blocks=[[1], [0.5]]), r"prefix_blocks\[1\]=.* whole numbers or t"),
        (lambda: arrays(prefix_block_tokens=8), "prefix_block_tokens=8 is too small: give"),
        (lambda: arrays(prefix_block_tokens=40), "40 must be a multiple of 16, .* give 32"),
        (lambda: arrays(arrival_s=[0, 1e10]), r"arrival_s\[1\]=10000000000.0 is out of range"),
        (lambda: arrays(prompt_tokens=[1, 2**41]), r"prompt_tokens\[1\]=2199023255552 is too l"),
        (lambda: arrays(rate_scale=1e-30), "rate_scale=1e-30 puts the last arrival at 1e.30 s"),
        (
            lambda: poisson(rate_per_s=1e-300),
            "rate_per_s=1e-300 with .* puts the last arrival at .* give a higher rate",
        ),
        (lambda: poisson(requests=10**9), "requests=1000000000 is too large: give an int <="),
        (lambda: poisson(prompt_tokens=2**41), "prompt_tokens=2199023255552 is too large"),
        (lambda: il.Workload.gamma(8, 101, 9, 9, 9), "cv=101 is out of range"),
        (lambda: il.Workload.gamma(8, -1, 9, 9, 9), "cv=-1 is out of range"),
        (lambda: il.Workload.piecewise([], 9, 9), r"pieces=\[\] must be a list of \(duration_s"),
        (lambda: il.Workload.piecewise([(1, 2, 3)], 9, 9), r"pieces\[0\]=\(1, 2, 3\) must be a p"),
        (lambda: il.Workload.piecewise([(0, 2)], 9, 9), r"pieces\[0\]\[0\]=0 is out of range"),
        (lambda: il.Workload.piecewise([(1, -2)], 9, 9), r"pieces\[0\]\[1\]=-2 is out of range"),
        (lambda: il.Workload.piecewise([(1, 0)], 9, 9), "hold 0 requests on the mean"),
        (lambda: il.Workload.piecewise([(1, 1e-9)], 9, 9), "nothing arrived with this seed"),
        (lambda: il.Geometric(mean=0.5), "mean=0.5 is out of range"),
        (lambda: il.Geometric(mean=1000, at_most=5), "at_most=5 leaves 0.005 of the law"),
        (
            lambda: il.LogNormal(),
            "LogNormal got median=None, .* give median and sigma, or mean and cv",
        ),
        (
            lambda: il.LogNormal(median=9, cv=1),
            "LogNormal got median=9, sigma=None, mean=None, cv=1",
        ),
        (lambda: il.LogNormal(median=9, sigma=11), "sigma=11 is out of range"),
        (lambda: il.LogNormal(mean=2, cv=9), "has a median of 0.221 tokens"),
        (lambda: il.LogNormal(median=1e6, sigma=0.1, at_most=9), "at_most=9 leaves 0 of the law"),
        (
            lambda: poisson(prompt_tokens=il.LogNormal(median=1e12, sigma=1)),
            "sigma=1 drew .* give at_most=",
        ),
        (lambda: il.Quantiles((0, 1), (3, 2)), r"tokens=\(3, 2\) must not fall"),
        (lambda: il.Quantiles((0, 0.5), (1, 2)), "must rise from 0 to 1"),
        (lambda: il.Quantiles((0, 1), (1,)), "shares has 2 entries, tokens 1"),
        (lambda: il.Quantiles(5, (1,)), "shares=5 must be a list"),
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
