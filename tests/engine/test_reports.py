"""Stale views: what a gateway knows between two reports, by hand, and what that costs."""

import numpy as np
import pytest

import inference_lab as il
from tests.engine.others import At, simulated

ENGINES = ("reference", "macro")
SECOND = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(1, 0, 0))


def choices(engine, arrival_s, replicas=2, others=(), outputs=1, **cluster):
    load = il.Workload.from_arrays(
        arrival_s=arrival_s,
        prompt_tokens=[10] * len(arrival_s),
        output_tokens=np.broadcast_to(outputs, len(arrival_s)),
    )
    system = il.Cluster(SECOND, replicas, router="least_outstanding", **cluster)
    return list(simulated(engine, system, load, *others).replica)


@pytest.mark.parametrize("engine", ENGINES)
def test_between_reports_a_gateway_knows_only_what_it_sent(engine):
    """At 3.5 both are empty again, and the report of 4 s is the first to say something."""
    times = [0.1, 0.2, 0.3, 3.5, 4.0, 4.1, 4.2]
    assert choices(engine, times) == [0, 1, 0, 0, 1, 0, 1]
    assert choices(engine, times, report_s=4) == [0, 1, 0, 1, 0, 0, 1]
    assert choices(engine, times, report_s=100) == [0, 1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("engine", ENGINES)
def test_gateways_know_nothing_of_each_other_until_the_report(engine):
    """The report of 1 s says one and two: the first of replica 0 has ended at that instant."""
    times = [0.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2]
    found = choices(engine, times, gateways=2, report_s=1)
    assert found == [0, 0, 1, 1, 0, 0, 0]
    assert choices(engine, times, gateways=2) == choices(engine, times)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_report_comes_after_what_ends_and_before_who_arrives(engine):
    seen = []

    def look(request, replicas, rng):
        seen.append([(r.outstanding, r.waiting, r.queued_tokens, r.free_blocks) for r in replicas])
        return 0

    load = il.Workload.from_arrays(
        arrival_s=[0, 0, 2, 2.5, 3], prompt_tokens=[16, 16, 9, 16, 16], output_tokens=[1] * 5
    )
    one = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(1, 0, 0), kv_capacity_tokens=320)
    il.simulate(il.Cluster(one, router=look, report_s=2), load, engine=engine)
    assert [each[0] for each in seen] == [
        (0, 0, 0, 20),
        (1, 1, 16, 20),
        (0, 0, 0, 20),  # both have ended, the second of them now
        (1, 1, 9, 20),
        (2, 2, 25, 20),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_who_lives_and_what_is_cached_is_always_the_truth(engine):
    def lose(gateway, fleet):
        return At({0.5}, lambda now_s: gateway.living.leave(fleet[0]))

    times = [0.1, 0.6, 0.7]
    assert choices(engine, times, others=[lose], report_s=1) == [0, 1, 1]


def test_gateways_have_routers_of_their_own():
    load = il.Workload.from_arrays(arrival_s=range(6), prompt_tokens=[1] * 6, output_tokens=[1] * 6)
    for router in ("round_robin", il.routers.RoundRobin()):
        found = il.simulate(il.Cluster(SECOND, 3, router=router, gateways=2), load)
        assert list(found.replica) == [0, 0, 1, 1, 2, 2]


def test_a_late_start_and_long_pauses_cost_no_reports():
    """Thirty years of silence, in steps of a millisecond; and a run ends with its requests."""
    fired = []

    def look(request, replicas, rng):
        fired.append(request.index)
        return min(range(2), key=lambda i: replicas[i].outstanding)

    load = il.Workload.from_arrays(arrival_s=[0, 9e8], prompt_tokens=[1, 1], output_tokens=[1, 1])
    found = il.simulate(il.Cluster(SECOND, 2, router=look, report_s=1e-3), load)
    assert list(found.replica) == [0, 0]
    assert fired == [0, 1]
    away = [il.LostReplica(replica=i, from_s=0, until_s=8e8) for i in range(2)]
    found = il.simulate(il.Cluster(SECOND, 2, router=look, report_s=1e-3, faults=away), load)
    assert found.ttft_s[0] == 8e8 + 1


def test_stale_views_make_a_herd():
    """Eight gateways send all to the replica that looked empty; two random choices do not.

    Mitzenmacher, How useful is old information?, 2000.
    """
    one = il.AffineReplica(prefill_s=(0.1, 0, 0), decode_s=(0.01, 0, 0))

    def ttft(report_s):
        found = il.compare(
            {
                name: il.Cluster(one, 8, router=name, gateways=8, report_s=report_s)
                for name in ("power_of_two", "least_outstanding")
            },
            load=lambda seed: il.Workload.poisson(60, 1_500, 100, 10, seed=seed),
            metric=lambda result: result.ttft_s.mean(),
            seeds=range(6),
        )
        return found.difference("least_outstanding")

    assert ttft(0.0).high < 0, "with the truth, looking at all replicas is better"
    assert ttft(5.0).low > 0, "with old news, looking at two of them is"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gateways": 0}, "gateways=0 is too small"),
        ({"gateways": 2_000}, "gateways=2000 is too large"),
        ({"report_s": -1}, "report_s=-1 is out of range"),
        ({"report_s": 1e-9}, "report_s=1e-09 is too short: give 0 for the truth"),
    ],
)
def test_bad_input_names_argument_value_and_fix(arguments, message):
    with pytest.raises(ValueError, match=message):
        il.Cluster(SECOND, 2, **arguments)
