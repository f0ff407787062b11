import json

import numpy as np
import pytest

from inference_lab.lab import NotAttempted, NotYet, check, scenario
from inference_lab.lab.exercise import Misconception, PolicyExercise, Scenario
from inference_lab.pipeline.answers import describe, values

SCENARIO = {
    "replica": {
        "prefill_s": [0.0, 1e-4, 0.0],
        "decode_s": [0.01, 0.0, 0.0],
        "kv_capacity_tokens": 100_000,
        "max_batch": 8,
    },
    "replicas": 4,
    "workload": {
        "kind": "poisson",
        "rate_per_s": 34,
        "requests": 400,
        "prompt_tokens": [10, 2000],
        "output_tokens": 1,
    },
}


def least_work(request, replicas, rng):
    return min(range(len(replicas)), key=lambda i: replicas[i].queued_tokens)


def always_first(request, replicas, rng):
    return 0


@pytest.fixture
def policy(exercises):
    """A policy exercise and the file that a build makes of it."""
    defined = PolicyExercise(
        id="6.1",
        function="route",
        title="Beat round robin",
        scenario=Scenario(**SCENARIO),
        baseline="round_robin",
        limits={"mean_ttft_s": 0.9},
        public_seeds=(0, 1),
        misconceptions=(Misconception(always_first, "How many replicas are there?"),),
    )
    entry = json.loads(json.dumps(describe(defined) | values(defined, least_work)))
    (exercises / "06.json").write_text(json.dumps({"digest": "", "exercises": [entry]}))
    return defined


def test_a_scenario_survives_json_and_gives_the_same_run():
    first = scenario.from_data(json.loads(json.dumps(SCENARIO)))
    one = scenario.run(first, "round_robin", 3, ["p99_ttft_s"])
    tuples = SCENARIO["replica"] | {"prefill_s": (0.0, 1e-4, 0.0), "decode_s": (0.01, 0.0, 0.0)}
    work = SCENARIO["workload"] | {"prompt_tokens": (10, 2000)}
    again = Scenario(replica=tuples, replicas=4, workload=work)
    assert scenario.run(again, "round_robin", 3, ["p99_ttft_s"]) == one


def test_a_named_replica_and_the_seed():
    named = {"llm": "Llama-3.1-70B", "gpu": "H100-SXM5-80GB", "tp": 4}
    described = Scenario(named, 2, SCENARIO["workload"])
    assert scenario.run(described, "random", 1, ["mean_ttft_s"])["mean_ttft_s"] > 0
    one, same, other = (scenario.workload(described, seed).arrival_s for seed in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


class Run:
    ttft_s = np.array([1.0, np.nan, 3.0])
    tpot_s = np.array([np.nan, np.nan, 0.02])  # two of three answers have one token, or none


def test_metrics_leave_out_refused_requests():
    assert scenario.metric("mean_ttft_s", Run) == 2.0
    both = scenario.metrics(("p99_ttft_s", "p99_tpot_s"), Run)
    assert both == pytest.approx({"p99_ttft_s": 2.98, "p99_tpot_s": 0.02})


def test_every_limit_counts_on_the_worst_run_and_nan_is_no_pass():
    limits = {"p99_ttft_s": 0.75, "p99_tpot_s": 1.0}
    runs = [{"p99_ttft_s": 0.7, "p99_tpot_s": 0.9}, {"p99_ttft_s": 0.6, "p99_tpot_s": 1.02}]
    worst = scenario.worst(runs)
    assert worst == {"p99_ttft_s": 0.7, "p99_tpot_s": 1.02}
    assert scenario.within(runs[0], limits) and not scenario.within(worst, limits)
    assert scenario.within(worst, limits, margin=0.05)
    assert not scenario.within(scenario.worst([*runs, dict.fromkeys(limits, np.nan)]), limits)
    said = scenario.compared(worst, limits, "round_robin")
    assert "p99_tpot_s is 1.020 times round_robin's (needed: 1 or less)" in said


def test_bad_scenarios_are_refused():
    with pytest.raises(ValueError, match="'burst'"):
        scenario.workload(Scenario({}, 1, {"kind": "burst"}), 0)
    with pytest.raises(ValueError, match="p99_ttft_s, mean_ttft_s, p99_tpot_s"):
        scenario.metric("median", Run)
    with pytest.raises(ValueError, match="no request was served"):
        scenario.metric("mean_ttft_s", type("None", (), {"ttft_s": np.array([np.nan])}))


def test_a_good_policy_is_right_and_told_its_ratio(policy, capsys):
    check("6.1", least_work)
    out = capsys.readouterr().out
    assert out.startswith("6.1 right: public checks passed (2 of 2); mean_ttft_s is 0.")
    assert "(needed: 0.9 or less)" in out


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (lambda request, replicas, rng: request.index % 4, "is 1.000 times round_robin's"),
        (always_first, "How many replicas are there?"),
        (lambda request, replicas, rng: 99, "99"),
        (lambda request, replicas, rng: 1 / 0, "ZeroDivisionError"),
        (lambda request, replicas, rng: None, "None"),
        (lambda request: 0, "TypeError"),
    ],
)
def test_a_policy_that_does_not_reach_it(policy, route, reason):
    with pytest.raises(NotYet, match=r"6\.1 not yet") as wrong:
        check("6.1", route)
    assert reason in str(wrong.value)


def test_an_untouched_policy_is_not_attempted(policy):
    def route(request, replicas, rng):
        raise NotImplementedError("Exercise 6.1")

    with pytest.raises(NotAttempted):
        check("6.1", route)


def test_a_solution_that_misses_its_own_ratio_stops_the_build(policy):
    with pytest.raises(ValueError, match=r"needed: 0\.9 or less"):
        values(policy, lambda request, replicas, rng: request.index % 4)


def test_a_policy_that_crowds_one_replica_is_told_so(policy):
    def mostly_the_last(request, replicas, rng):
        return 3 if request.index % 5 else 0

    with pytest.raises(NotYet, match="Replica 3 got 80 % of the requests, of 4 replicas"):
        check("6.1", mostly_the_last)
