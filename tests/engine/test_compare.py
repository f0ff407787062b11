"""Paired comparisons: an honest interval, and what pairing is worth."""

import numpy as np
import pytest

import inference_lab as il
from inference_lab.sweep.compare import paired_difference
from inference_lab.sweep.student import student_t

ONE = il.AffineReplica(prefill_s=(0.1, 0, 0), decode_s=(0.01, 0, 0))
FAST = il.AffineReplica(prefill_s=(0.095, 0, 0), decode_s=(0.01, 0, 0))


def load(seed, requests=300):
    return il.Workload.poisson(30, requests, 100, 10, seed=seed)


def mean_ttft(result):
    return result.ttft_s.mean()


def test_student_s_quantiles():
    """Printed tables: 95 % and 99 %, two-sided."""
    found = [student_t(n) for n in (1, 2, 3, 4, 5, 10, 19, 30, 120)]
    table = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.2281, 2.0930, 2.0423, 1.9799]
    assert found == pytest.approx(table, abs=5e-5)
    found = [student_t(n, 0.99) for n in (1, 5, 19)]
    assert found == pytest.approx([63.657, 4.0321, 2.8609], 2e-5)


def skip_one(request, replicas, rng):
    """The random router with another stream of chance: equal, and never the same."""
    rng.random()
    return int(rng.integers(len(replicas)))


def test_an_interval_holds_the_truth_in_95_of_100_repetitions():
    """Equal policies, so the true difference is 0.

    Of 200 intervals 190 hold it on the mean, with a standard deviation of 3.1: four are 12.
    """
    repetitions, seeds = 200, 5
    policies = {
        "random": il.Cluster(ONE, 4, router="random"),
        "again": il.Cluster(ONE, 4, router=skip_one),
    }
    found = il.compare(policies, lambda seed: load(seed, 20), mean_ttft, range(1000))
    pairs = [values.reshape(repetitions, seeds) for values in found.values.values()]
    assert (pairs[0] != pairs[1]).mean() > 0.99
    intervals = [paired_difference(again, first) for first, again in zip(*pairs, strict=True)]
    held = sum(not interval.is_clear for interval in intervals)
    assert abs(held - 190) <= 12, held


def test_pairing_narrows_the_interval():
    policies = {
        "slow": il.Cluster(ONE, 4, router="round_robin"),
        "fast": il.Cluster(FAST, 4, router="round_robin"),
    }
    found = il.compare(policies, load, mean_ttft, seeds=range(12))
    paired = found.difference("fast")
    assert paired.is_clear
    assert paired.high < 0
    other_seeds = il.compare(policies, load, mean_ttft, seeds=range(100, 112))
    unpaired = paired_difference(other_seeds.values["fast"], found.values["slow"])
    assert paired.high - paired.low < (unpaired.high - unpaired.low) / 3


def test_every_policy_gets_the_same_requests():
    policies = {"a": il.Cluster(ONE, 4), "b": il.Cluster(ONE, 2)}
    found = il.compare(policies, load, lambda result: result.arrival_s.sum(), seeds=range(5))
    np.testing.assert_array_equal(found.values["a"], found.values["b"])
    assert len(set(found.values["a"])) == 5
    assert not found.difference("b").is_clear


def test_it_prints_a_table():
    policies = {"random": il.Cluster(ONE, 4, router="random"), "another": il.Cluster(ONE, 4)}
    lines = str(il.compare(policies, load, mean_ttft, seeds=range(4))).splitlines()
    assert lines[0].split() == ["policy", "mean", "difference", "95", "%", "interval"]
    assert lines[1].split()[0::2] == ["random", "(baseline)"]
    assert lines[2].startswith("another")
    assert " to " in lines[2]
    assert lines[3] == "the same 4 seeds for each policy"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"policies": {"a": il.Cluster(ONE)}}, "must be a dict of at least two clusters"),
        ({"policies": {"a": ONE, "b": il.Cluster(ONE)}}, r"policies\['a'\]=.* must be a Cluster"),
        ({"load": load(0)}, r"load=Workload\(300 requests, open\) must be a function"),
        ({"metric": "ttft_s"}, "metric='ttft_s' must be a function"),
        ({"seeds": [1]}, r"seeds=\(1,\) must be at least two"),
        ({"seeds": [1, 1]}, r"seeds=\(1, 1\) must be distinct"),
        ({"seeds": 5}, "seeds=5 must be a list of seeds: give range"),
        ({"seeds": [0.5, 1]}, r"seeds\[0\]=0.5 must be a whole number"),
        ({"jobs": 0}, "jobs=0 is too small"),
        ({"metric": lambda result: float("nan")}, "metric of 'a' is nan with seed 0"),
    ],
)
def test_bad_input_names_argument_value_and_fix(change, message):
    given = {"policies": {"a": il.Cluster(ONE), "b": il.Cluster(ONE)}, "seeds": [0, 1]}
    with pytest.raises((ValueError, TypeError), match=message):
        il.compare(**({"load": load, "metric": mean_ttft} | given | change))


def test_a_run_that_fails_is_named():
    with pytest.raises(RuntimeError, match="at policy='a', seed=3: TypeError: workload=None must"):
        il.compare(
            {"a": il.Cluster(ONE), "b": il.Cluster(ONE)}, lambda seed: None, mean_ttft, seeds=[3, 4]
        )


def test_processes_give_the_same_to_the_last_bit_with_a_router_of_a_notebook():
    """A learner's router is defined in `__main__`, so it goes to the other process by value."""
    cell = {"__name__": "__main__", "threshold": 2}
    exec(
        "def mine(request, replicas, rng):\n"
        "    short = [i for i, r in enumerate(replicas) if r.outstanding < threshold]\n"
        "    return short[0] if short else int(rng.integers(len(replicas)))\n",
        cell,
    )
    policies = {
        "round_robin": il.Cluster(ONE, 4),
        "mine": il.Cluster(ONE, 4, router=cell["mine"]),
        "two": il.Cluster(ONE, 4, router=il.PowerOf(2)),
    }
    alone, spread = (
        il.compare(policies, load, mean_ttft, seeds=range(4), jobs=jobs) for jobs in (1, 2)
    )
    assert alone.values.keys() == spread.values.keys()
    for policy, values in alone.values.items():
        np.testing.assert_array_equal(spread.values[policy], values, strict=True)
