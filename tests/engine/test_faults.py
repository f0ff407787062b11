"""Replicas that are slow, lost, missed, back again, or added in the middle of a run."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from tests.engine.test_two_engines import COLUMNS, TICK, both, systems

ENGINES = ["reference", "macro"]

ONE = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.5, 0, 0))
TWO_REQUESTS = il.Workload.from_arrays(
    arrival_s=[0, 0.25], prompt_tokens=[10, 10], output_tokens=[4, 4]
)
MIXED = il.Workload.poisson(5, 300, (100, 900), (1, 50), seed=3)
CHAT = il.AffineReplica(
    prefill_s=(0.01, 1e-4, 0), decode_s=(0.01, 1e-3, 0), kv_capacity_tokens=9000
)
ROUTERS = ["random", "round_robin", "least_outstanding", "least_queued_tokens", "power_of_two"]


def lost(replica=0, from_s=0.0, until_s=None, noticed_s=0.0):
    return il.LostReplica(replica=replica, from_s=from_s, until_s=until_s, noticed_s=noticed_s)


@pytest.mark.parametrize("engine", ENGINES)
def test_who_was_lost_is_missed_and_read_again_elsewhere(engine):
    """The first has its prefill at 0-1 on replica 0, the second at 0.25-1.25 on replica 1.

    Replica 0 dies at 1.75, in the step of the first one's third token, and is missed at 2: a
    prefill at 2.25-3.25, between two steps of the second, hands out that token.
    """
    cluster = il.Cluster(ONE, 2, faults=[lost(0, 1.75, noticed_s=0.25)])
    result = il.simulate(cluster, TWO_REQUESTS, engine=engine, spans=True)
    assert list(result.replica) == [1, 1]
    assert list(result.retries) == [1, 0]
    assert list(result.ttft_s) == [1.0, 1.0]
    assert list(result.e2e_s) == [3.25 + 0.5, 1.25 + 1 + 0.5 + 1 - 0.25 + 0]
    assert list(result.max_itl_s) == [3.25 - 1.5, 1.5]
    rows = [tuple(row)[1:] for row in result.spans if row["request"] == 0]
    assert rows == [
        (0, "prefill", 0.0, 1.0),
        (0, "decode", 1.0, 1.75),
        (0, "queue", 1.75, 2.0),
        (1, "queue", 2.0, 2.25),
        (1, "prefill", 2.25, 3.25),
        (1, "decode", 3.25, 3.75),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_router_sends_to_a_dead_replica_until_it_is_missed(engine):
    """Both die there: replica 0 at 0.125, in the first prefill; the second comes at 0.25.

    What waits there counts as outstanding, so that the third goes elsewhere.
    """
    load = il.Workload.from_arrays(
        arrival_s=[0, 0.25, 0.5], prompt_tokens=[10] * 3, output_tokens=[1] * 3
    )
    seen = []

    def router(request, replicas, rng):
        first = replicas[0]
        seen.append((first.index, first.outstanding, first.queued_tokens))
        return 0 if request.index < 2 else len(replicas) - 1

    cluster = il.Cluster(ONE, 2, router=router, faults=[lost(0, 0.125, noticed_s=0.5)])
    result = il.simulate(cluster, load, engine=engine)
    # From 0.625 on there is only replica 1, which has read the third at 0.5-1.5.
    assert seen == [(0, 0, 0), (0, 1, 10), (0, 2, 20), (1, 1, 10), (1, 2, 20)]
    assert list(result.ttft_s) == [2.5, 3.5 - 0.25, 1.0]
    assert list(result.ttft_parts["prefill"]) == [1.0] * 3
    assert list(result.ttft_parts["queue"]) == [1.5, 2.25, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_replica_that_returns_first_is_missed_then_and_empty(engine):
    cluster = il.Cluster(ONE, faults=[lost(0, 1.75, until_s=2.0, noticed_s=9.0)])
    result = il.simulate(cluster, TWO_REQUESTS, engine=engine)
    # The first had two tokens, the second was being read: both are read again at 2-3 and 3-4.
    assert list(result.retries) == [1, 1]
    assert list(result.ttft_s) == [1.0, 4.0 - 0.25]
    assert list(result.ttft_parts["queue"]) == [0.0, 2.75]


@pytest.mark.parametrize("engine", ENGINES)
def test_who_finds_nobody_alive_waits_in_the_gateway(engine):
    load = il.Workload.from_arrays(
        arrival_s=[1, 2, 9], prompt_tokens=[10, 9999, 10], output_tokens=[1, 1, 1]
    )
    small = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.5, 0, 0), kv_capacity_tokens=160)
    cluster = il.Cluster(small, 2, zones=2, faults=[lost(1), il.LostZone(zone=0, from_s=0)])
    result = il.simulate(cluster, load, engine=engine)  # the zone is missed at 1
    assert set(result.outcome) == {"no_replica"} and list(result.replica) == [-1] * 3
    assert result.no_replica == 3 and "3 found no replica alive" in str(result.summary())
    back = replace(cluster, faults=[lost(1), lost(0, 0, until_s=4.0)], network_s=0.5)
    result = il.simulate(back, load, engine=engine)
    assert list(result.outcome) == ["served", "kv_capacity", "served"]
    assert list(result.ttft_s[[0, 2]]) == [4 + 1 + 0.25 - 1, 1.5]
    assert list(result.ttft_parts["queue"][[0, 2]]) == [4 - 1.25, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_users_of_a_closed_loop_learn_that_nobody_is_left(engine):
    """Two wait at a dead replica until 3; each sends again at once, and all end there."""
    load = il.Workload.closed_loop(2, requests=6, prompt_tokens=10, output_tokens=4)
    cluster = il.Cluster(ONE, faults=[lost(0, 0.5, noticed_s=2.5)], network_s=0.5)
    told = []
    result = il.simulate(cluster, load, engine=engine, progress=told.append)
    assert set(result.outcome) == {"no_replica"} and sum(told) == 6
    assert list(result.retries) == [1, 1, 0, 0, 0, 0]
    assert list(result.arrival_s) == [0, 0, 3.25, 3.25, 3.75, 3.75]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_starts_while_a_replica_is_slow_takes_longer_and_factors_multiply(engine):
    """Prefill 0-1, steps to 1.5 and 2.0; from 2 twice, from 3 four times as long."""
    load = il.Workload.from_arrays(arrival_s=[0], prompt_tokens=[10], output_tokens=[7])
    faults = [
        il.SlowReplica(replica=0, factor=2.0, from_s=1.75, until_s=5.5),
        il.SlowReplica(replica=0, factor=2.0, from_s=2.5, until_s=5.0),
    ]
    result = il.simulate(il.Cluster(ONE, faults=faults), load, engine=engine)
    assert list(result.e2e_s) == [2.0 + 1.0 + 2.0 + 1.0 + 0.5]
    assert list(result.max_itl_s) == [2.0]
    # At the very start of an iteration it is slow, at the very end of its time no more.
    slow = il.SlowReplica(replica=0, factor=4.0, from_s=2.0, until_s=4.0)
    result = il.simulate(il.Cluster(ONE, faults=[slow]), load, engine=engine)
    assert list(result.e2e_s) == [2 + 2 + 3 * 0.5]


@pytest.mark.parametrize("engine", ENGINES)
def test_losses_that_overlap_are_one(engine):
    """From 1 to 3 without a gap at 2, where one ends and another begins: nothing starts there."""
    load = il.Workload.from_arrays(arrival_s=[0.5], prompt_tokens=[10], output_tokens=[1])
    faults = [lost(0, 1, 2, noticed_s=9), lost(0, 2, 3, noticed_s=0.5), lost(0, 1.5, 1.75)]
    result = il.simulate(il.Cluster(ONE, faults=faults), load, engine=engine)
    assert list(result.ttft_s) == [3 + 1 - 0.5]
    assert list(result.retries) == [1]  # missed at 1.5, by the shortest of them


@pytest.mark.parametrize("engine", ENGINES)
def test_a_retried_request_meets_no_full_queue_and_no_deadline(engine):
    """On replica 0, which dies at 1.5, one was read, one is read, one waits. At 2 the other's queue
    has one already.
    """
    load = il.Workload.from_arrays(
        arrival_s=[0, 0, 0.25, 0.5, 1.75], prompt_tokens=[10] * 5, output_tokens=[9] * 5
    )

    def router(request, replicas, rng):
        return 0 if request.index in (1, 2, 3) else len(replicas) - 1

    cluster = il.Cluster(
        ONE, 2, router=router, max_queue=2, timeout_s=1.5, faults=[lost(0, 1.5, noticed_s=0.5)]
    )
    result = il.simulate(cluster, load, engine=engine)
    assert list(result.outcome) == ["served", "served", "served", "timed_out", "served"]
    assert list(result.retries) == [0, 1, 1, 1, 0]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("router", ROUTERS)
def test_k_of_n_dead_from_the_start_are_as_n_minus_k(router, engine):
    """To the last bit; a router must not see them, nor remember them."""
    few = il.simulate(il.Cluster(CHAT, 3, router=router), MIXED, seed=4, engine=engine)
    for dead in [(3, 4), (0, 2)]:
        cluster = il.Cluster(CHAT, 5, router=router, faults=[lost(i) for i in dead])
        many = il.simulate(cluster, MIXED, seed=4, engine=engine)
        place = [i for i in range(5) if i not in dead]
        assert [place[i] for i in few.replica] == list(many.replica)
        for column in ("ttft_s", "e2e_s", "max_itl_s"):
            np.testing.assert_array_equal(getattr(few, column), getattr(many, column))


@pytest.mark.parametrize("engine", ENGINES)
def test_added_at_the_start_is_as_always_there_and_later_as_lost_until_then(engine):
    def run(replicas, *faults):
        cluster = il.Cluster(CHAT, replicas, router="least_outstanding", faults=faults)
        return il.simulate(cluster, MIXED, engine=engine)

    for one, other in [
        (run(2, il.AddedReplica(at_s=0)), run(3)),
        (
            run(2, il.AddedReplica(at_s=20), il.AddedReplica(at_s=7.5)),
            run(4, lost(2, 0, 7.5), lost(3, 0, 20)),
        ),
    ]:
        for column in COLUMNS:
            np.testing.assert_array_equal(getattr(one, column), getattr(other, column), column)
    assert set(other.replica[other.arrival_s > 20]) == {0, 1, 2, 3}


def test_a_zone_is_every_so_many_replicas_and_routers_see_it():
    zones = []

    def router(request, replicas, rng):
        zones.append([replica.zone for replica in replicas])
        return 0

    faults = [il.LostZone(zone=1, from_s=20, until_s=30, noticed_s=0), il.AddedReplica(at_s=40)]
    result = il.simulate(il.Cluster(CHAT, 7, router=router, zones=3, faults=faults), MIXED)
    assert list(map(list, dict.fromkeys(map(tuple, zones)))) == [
        [0, 1, 2, 0, 1, 2, 0],
        [0, 2, 0, 2, 0],
        [0, 1, 2, 0, 1, 2, 0, 1],
    ]
    assert result.served.all()


@st.composite
def faults(draw, fleet, zones, tick=TICK):
    """Some faults of every kind, at random instants."""

    def interval():
        from_s = draw(st.integers(0, 400_000)) * tick
        lasts = draw(st.none() | st.integers(1, 300_000))
        return {"from_s": from_s, "until_s": None if lasts is None else from_s + lasts * tick}

    kinds = draw(st.lists(st.sampled_from(["slow", "lost", "lost", "zone", "add"]), max_size=5))
    added = kinds.count("add")
    found = []
    for kind in kinds:
        replica = draw(st.integers(0, fleet + added - 1))
        noticed_s = draw(st.sampled_from([0, 0, 1, 1_000, 100_000])) * tick
        if kind == "slow":
            factor = draw(st.sampled_from([0.5, 2.0, 4.0]))
            found.append(il.SlowReplica(replica=replica, factor=factor, **interval()))
        elif kind == "lost":
            found.append(il.LostReplica(replica=replica, noticed_s=noticed_s, **interval()))
        elif kind == "zone":
            zone = draw(st.integers(0, zones - 1))
            found.append(il.LostZone(zone=zone, noticed_s=noticed_s, **interval()))
        else:
            found.append(
                il.AddedReplica(at_s=draw(st.integers(0, 400_000)) * tick, replica=CHAT_TICKS)
            )
    return found


CHAT_TICKS = il.AffineReplica(
    prefill_s=(900 * TICK, 3 * TICK, 0), decode_s=(9_000 * TICK, 90 * TICK, TICK), max_batch=5,
    kv_capacity_tokens=700,
)  # fmt: skip


@st.composite
def faulty_systems(draw, tick=TICK):
    """A cluster with faults, under a load."""
    cluster, load = draw(systems(tick))
    zones = draw(st.integers(1, 3))
    some = draw(faults(len(cluster.fleet), zones))
    rag = None
    if draw(st.booleans()):
        rng = np.random.default_rng(draw(st.integers(0, 2**32)))
        search_s = rng.integers(0, draw(st.sampled_from([9, 90_000])), len(load)) * tick
        context_tokens = draw(st.sampled_from([0, 5, 40]))
        rag = il.Rag(embed_s=tick, search_s=search_s, context_tokens=context_tokens)
    return replace(cluster, zones=zones, faults=some, rag=rag), load


@given(faulty_systems(), st.integers(0, 100))
def test_nothing_is_lost_or_finished_twice_and_the_engines_agree(system, seed):
    """Conservation of requests, tokens, blocks and Little's law is checked in each run."""
    plain, fast = both(system, seed, spans=True)
    np.testing.assert_array_equal(fast.spans, plain.spans)
    for column in COLUMNS:
        np.testing.assert_array_equal(getattr(fast, column), getattr(plain, column), column)
    for part in plain.ttft_parts:
        np.testing.assert_array_equal(fast.ttft_parts[part], plain.ttft_parts[part], part)
    cluster, load = system
    away = [fault for fault in cluster.faults if getattr(fault, "until_s", 0) is None]
    if not away:
        assert not (plain.outcome == "no_replica").any()
    decodes = plain.spans[(plain.spans["request"] >= 0) & (plain.spans["part"] == "decode")]
    assert set(np.flatnonzero(plain.served & (load.output_tokens > 1))) <= set(decodes["request"])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: il.SlowReplica(replica=-1, factor=2, from_s=0), "replica=-1 is too small"),
        (lambda: il.SlowReplica(replica=0, factor=0, from_s=0), "factor=0 is out of range"),
        (lambda: il.SlowReplica(replica=0, factor=1e-9, from_s=0), "factor=1e-09 is out of range"),
        (lambda: il.SlowReplica(replica=0, factor=1e9, from_s=0), "factor=1000000000.0 is out of"),
        (lambda: lost(from_s=5, until_s=5), "until_s=5 is not after from_s=5: give a later one"),
        (lambda: lost(from_s=-1), "from_s=-1 is out of range"),
        (lambda: lost(noticed_s=1e9), "noticed_s=1000000000.0 is out of range"),
        (lambda: il.LostZone(zone=-1, from_s=0), "zone=-1 is too small"),
        (lambda: il.AddedReplica(at_s=float("nan")), "at_s=nan is out of range"),
        (lambda: il.Cluster(ONE, 2, faults=[lost(2)]), "give replica= from 0 to 1"),
        (lambda: il.Cluster(ONE, zones=0), "zones=0 is too small"),
        (
            lambda: il.Cluster(ONE, faults=[il.LostZone(zone=1, from_s=0)]),
            r"no zone of this cluster: give zone= from 0 to 0, or Cluster\(zones=2\)",
        ),
        (lambda: il.Cluster([ONE, CHAT], faults=[il.AddedReplica(at_s=1)]), "give replica="),
    ],
)  # fmt: skip
def test_wrong_faults_are_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        wrong()


@pytest.mark.parametrize("wrong", [5, "slow", [5], lost(), [il.LostReplica]])
def test_what_is_no_fault_is_refused(wrong):
    with pytest.raises(TypeError, match=r"faults=.*must be a list of il.SlowReplica, .*use"):
        il.Cluster(ONE, faults=wrong)
    with pytest.raises(TypeError, match="replica=5 must be a Replica"):
        il.Cluster(ONE, faults=[il.AddedReplica(at_s=0, replica=5)])
