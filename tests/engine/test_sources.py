"""What takes part in a run beside replicas and gateway: the shape that faults, flows and timers
move into."""

import numpy as np
import pytest

import inference_lab as il
from tests.engine.others import At, loses, simulated

ENGINES = ["reference", "macro"]


ONE = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.5, 0, 0))
TWO_REQUESTS = il.Workload.from_arrays(
    arrival_s=[0, 0.25], prompt_tokens=[10, 10], output_tokens=[4, 4]
)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_fault_that_only_counts_changes_nothing(engine):
    load = il.Workload.poisson(4, 200, (100, 900), (1, 50))
    cluster = il.Cluster(
        il.AffineReplica(prefill_s=(0, 1e-4, 0), decode_s=(0.01, 0, 0)), 3, router="random"
    )
    alone = il.simulate(cluster, load, seed=5, engine=engine)
    seen = []
    times_s = [0.0, *load.arrival_s[::7].tolist(), 1e4]
    counted = simulated(
        engine, cluster, load, lambda gateway, fleet: At(times_s.copy(), seen.append), seed=5
    )
    assert seen == times_s
    np.testing.assert_array_equal(counted.e2e_s, alone.e2e_s)


def test_a_report_timer_sees_the_same_in_both_engines():
    rng = np.random.default_rng(0)
    load = il.Workload.from_arrays(
        arrival_s=np.arange(60) / 8,
        prompt_tokens=rng.integers(1, 80, 60),
        output_tokens=rng.integers(1, 60, 60),
    )
    replica = il.AffineReplica(
        prefill_s=(0.25, 0, 0), decode_s=(0.125, 0, 0), kv_capacity_tokens=300, max_batch=5
    )
    reports = {}
    for engine in ENGINES:
        mine = reports[engine] = []

        def make(gateway, fleet, mine=mine):
            def report(now_s):
                views = [(r.outstanding, r.queued_tokens, r.free_blocks) for r in fleet]
                mine.append((now_s, gateway.in_system, *views))

            return At([k / 16 for k in range(400)], report)

        simulated(engine, il.Cluster(replica, 3, router="least_outstanding"), load, make)
    assert reports["reference"] == reports["macro"]
    assert len({view for _, _, *views in reports["macro"] for view in views}) > 50


def elsewhere(without):
    """Replica 0 loses all at 1.75, which is noticed at 2; its zone says so to the routers here."""

    def make(gateway, fleet):
        source = loses(0, 1.75, noticed_s=0.25, without=without)(gateway, fleet)
        do = source.do
        source.do = lambda now_s: (setattr(fleet[0], "zone", 1), do(now_s))
        return source

    return make


@pytest.mark.parametrize("engine", ENGINES)
def test_a_request_is_sent_again_with_and_without_its_cache(engine):
    """The first has its prefill at 0-1 and one token; at 1.75 the step of its second is void.

    The other waits from 0.25, is read at 1-2: void too. Noticed at 2, both are routed to replica 1.
    """
    cluster = il.Cluster(ONE, 2, router=lambda request, replicas, rng: int(replicas[0].zone))
    again = simulated(engine, cluster, TWO_REQUESTS, elsewhere(None), spans=True)
    assert list(again.replica) == [1, 1]
    assert list(again.retries) == [1, 1]
    # Both are prefilled again, 2-3 and 3-4; the first has then two tokens, the second one.
    assert list(again.ttft_s) == [1.0, 4 - 0.25]
    assert list(again.ttft_parts["prefill"]) == [1.0, 1.0]
    assert list(again.e2e_s) == [5.0, 5.5 - 0.25]
    assert again.max_itl_s[0] == 2.0
    rows = [(r["part"], r["replica"], r["start_s"], r["end_s"]) for r in again.spans[-4:]]
    assert rows == [
        ("queue", 0, 0.25, 2.0),
        ("queue", 1, 2.0, 3.0),
        ("prefill", 1, 3.0, 4.0),
        ("decode", 1, 4.0, 5.5),
    ]
    handed_over = simulated(engine, cluster, TWO_REQUESTS, elsewhere(0))
    # The first decodes at once, but for the prefill of the second, 2-3.
    assert list(handed_over.ttft_s) == [1.0, 3 - 0.25]
    assert list(handed_over.e2e_s) == [4.5, 4.5 - 0.25]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_cache_that_was_handed_over_waits_for_a_place_in_the_batch(engine):
    """The first leaves replica 0 at 1.75, is known at 2, and replica 1 is full until 3.75.

    The span of its wait ends there, at the end of an iteration, when no other source fires.
    """
    one = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.5, 0, 0), max_batch=1)
    cluster = il.Cluster(
        one, 2, router=lambda request, replicas, rng: request.index or int(replicas[0].zone)
    )

    load = il.Workload.from_arrays(
        arrival_s=[0, 1.25], prompt_tokens=[10, 10], output_tokens=[4, 4]
    )
    result = simulated(engine, cluster, load, elsewhere(0), spans=True)
    rows = [tuple(row)[1:] for row in result.spans if row["request"] == 0]
    assert rows == [
        (0, "prefill", 0.0, 1.0),
        (0, "decode", 1.0, 1.75),
        (0, "queue", 1.75, 2.0),
        (1, "queue", 2.0, 3.75),
        (1, "decode", 3.75, 4.75),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_router_pays_again_for_what_is_sent_again(engine):
    cluster = il.Cluster(ONE, router_s=0.125)
    result = simulated(engine, cluster, TWO_REQUESTS, loses(0, 0.5))
    parts = {name: list(part) for name, part in result.ttft_parts.items()}
    assert parts["router"] == [0.25, 0.25]
    assert parts["queue"] == [0.375, 1.125]
    assert list(result.ttft_s) == [1.625, 2.625 - 0.25]


@pytest.mark.parametrize("engine", ENGINES)
def test_requests_overtake_each_other_on_the_network(engine):
    cluster = il.Cluster(ONE, network_s=[3.0, 1.0])
    result = il.simulate(cluster, TWO_REQUESTS, engine=engine)
    # The second is there at 0.75 and has its prefill until 1.75; the first, there at 1.5, follows.
    assert list(result.ttft_s) == [2.75 + 1.5, 1.75 + 0.5 - 0.25]
    assert list(result.ttft_parts["network"]) == [3.0, 1.0]
    assert list(result.ttft_parts["queue"]) == [0.25, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_closed_loop_takes_the_next_index_when_it_sends(engine):
    """The first two are on the network for 4 and 5 s, or 4 and 1; those after them for long."""
    load = il.Workload.closed_loop(2, requests=4, prompt_tokens=10, output_tokens=1)
    result = il.simulate(il.Cluster(ONE, network_s=[4.0, 5.0, 99, 99]), load, engine=engine)
    # There at 2 and 2.5; ended at 3 and 4; back at 5 and 6.5.
    assert list(result.arrival_s) == [0, 0, 5, 6.5]
    quick = il.simulate(il.Cluster(ONE, network_s=[4.0, 1.0, 99, 99]), load, engine=engine)
    # The second is there at 0.5, ended at 1.5, back at 2; the first is there at 2, back at 5.
    assert list(quick.arrival_s) == [0, 0, 2, 5]


def test_a_network_delay_for_each_request_or_an_error():
    load = il.Workload.poisson(4, 50, 100, 5)
    drawn = il.simulate(il.Cluster(ONE, network_s=(0.1, 0.3)), load, seed=1).ttft_parts["network"]
    assert 0.1 <= drawn.min() < drawn.max() <= 0.3
    assert len(set(drawn)) == 50
    with pytest.raises(ValueError, match="network_s has 2 entries: give one for each of 50"):
        il.simulate(il.Cluster(ONE, network_s=[0.1, 0.2]), load)
    with pytest.raises(ValueError, match=r"network_s=.*low, high.*swap"):
        il.Cluster(ONE, network_s=(0.3, 0.1))


def test_an_instance_of_a_router_forgets_between_runs():
    class Alternates:
        calls = 0

        def __call__(self, request, replicas, rng):
            self.calls += 1
            return self.calls % 2

    router = Alternates()
    load = il.Workload.poisson(4, 3, 10, 1)
    first, second = (il.simulate(il.Cluster(ONE, 2, router=router), load) for _ in range(2))
    assert list(first.replica) == list(second.replica) == [1, 0, 1]
    assert router.calls == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_progress_counts_every_ending(engine):
    load = il.Workload.from_arrays(
        arrival_s=[0, 0, 0, 0.5], prompt_tokens=[10, 10, 10, 99], output_tokens=[1, 1, 1, 9]
    )
    told = []
    cluster = il.Cluster(ONE, max_queue=1, timeout_s=0.5, max_model_len=50)
    result = il.simulate(cluster, load, engine=engine, progress=told.append)
    assert set(result.outcome) == {"served", "queue_full", "max_model_len", "timed_out"} - (
        set() if "timed_out" in result.outcome else {"timed_out"}
    )
    assert sum(told) == 4


def test_a_sequence_that_joins_and_is_pre_empted_at_one_instant_has_not_decoded():
    """Three blocks. Request 1 comes with its KV-cache when request 0 needs the third one."""
    replica = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(1, 0, 0), kv_capacity_tokens=48)
    load = il.Workload.from_arrays(
        arrival_s=[0, 12], prompt_tokens=[16, 10], output_tokens=[30, 10]
    )
    for engine in ENGINES:
        result = simulated(engine, il.Cluster(replica, 2), load, loses(1, 17, 0, 0), spans=True)
        assert result.preemptions == 1
        rows = [tuple(row)[1:] for row in result.spans.tolist() if row[0] == 1]
        assert rows == [
            *[(1, "prefill", 12, 13), (1, "decode", 13, 17)],
            *[(0, "queue", 17, 30), (0, "prefill", 30, 31), (0, "decode", 31, 35)],
        ]
