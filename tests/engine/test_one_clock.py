"""A fabric on one clock with serving: cold starts, slow links, a training job beside."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.experiments.fabric import cold_start_s
from tests.engine.test_faults import CHAT, MIXED, faulty_systems, lost
from tests.engine.test_two_engines import COLUMNS, TICK, both

ENGINES = ["reference", "macro"]

GBIT = 125e6
HEAVY = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.5, 0, 0), weight_bytes=400 * GBIT)
ONE_AT = [
    il.Workload.from_arrays(arrival_s=[t], prompt_tokens=[10], output_tokens=[1]) for t in (0, 8)
]


def leaf(hosts=8, ratio=1.0, **more):
    return il.LeafSpine(
        hosts=hosts,
        hosts_per_leaf=4,
        nic_gbit_per_s=100,
        oversubscription=ratio,
        spray="ideal",
        **more,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_an_added_replica_serves_when_its_weights_are_loaded(engine):
    """400 Gb at 100 Gb/s from 1 on; the only other one is dead from the start."""
    cluster = il.Cluster(
        HEAVY, fabric=leaf(), faults=[lost(0), il.AddedReplica(at_s=1, replica=HEAVY)]
    )
    result = il.simulate(cluster, ONE_AT[0], engine=engine)
    assert list(result.ttft_s) == [1 + 4 + 1]
    assert list(result.ttft_parts["queue"]) == [5.0]
    carried = {i: size for i, size in enumerate(result.link_bytes) if size}
    fabric = leaf()
    assert carried == {link: 400 * GBIT for link in fabric.from_core(1)}


def test_the_hosts_of_a_replica_load_equal_shares_at_the_same_time():
    llama = il.LLM.named("Llama-3.1-70B")
    wide = il.Replica(llama, il.GPU.named("H100-SXM5-80GB"), tp=16)
    cluster = il.Cluster(wide, fabric=leaf(), faults=[lost(0), il.AddedReplica(at_s=1)])
    assert cluster.hosts == [(0, 1), (2, 3)]
    result = il.simulate(cluster, ONE_AT[0])
    share = wide.weight_bytes / 2
    read_s = wide.prefill_s(10)
    assert result.ttft_s == pytest.approx([1 + share / (100 * GBIT) + read_s])
    nics = result.link_bytes[8:16]
    assert list(nics) == pytest.approx([0, 0, share, share, 0, 0, 0, 0])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_slow_link_makes_a_load_longer_while_it_is_slow(engine):
    """100 Gb are there at 2, the next 100 take from 2 to 4, the rest 2 s."""
    added = il.AddedReplica(at_s=1, replica=HEAVY)
    slow = {"factor": 2.0, "from_s": 2, "until_s": 4}
    for link in [{"host": 1}, {"leaf": 0}, {"leaf": 0, "spine": 0}]:
        cluster = il.Cluster(HEAVY, fabric=leaf(ratio=4.0), faults=[lost(0), added])
        slowed = replace(cluster, faults=[*cluster.faults, il.SlowLink(**slow, **link)])
        result = il.simulate(slowed, ONE_AT[0], engine=engine)
        assert list(result.ttft_s) == [1 + 5 + 1]
    apart = replace(slowed, faults=[*cluster.faults, il.SlowLink(**slow, leaf=1)])
    assert list(il.simulate(apart, ONE_AT[0], engine=engine).ttft_s) == [1 + 4 + 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_zone_that_returns_loads_its_weights_together(engine):
    """Four replicas of a leaf whose uplinks carry one NIC: 16 s for all; nobody is left."""
    cluster = il.Cluster(
        HEAVY, 4, fabric=leaf(ratio=4.0), faults=[il.LostZone(zone=0, from_s=0, until_s=2)]
    )
    result = il.simulate(cluster, ONE_AT[0], engine=engine)
    weights_s = cold_start_s(leaf(ratio=4.0), 400 * GBIT, range(4))
    assert weights_s == [16.0] * 4
    assert list(result.ttft_s) == [2 + 16 + 1]
    spread = replace(cluster, placement=[[0], [4], [1], [5]])  # two under each leaf
    assert list(il.simulate(spread, ONE_AT[0], engine=engine).ttft_s) == [2 + 8 + 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_replica_that_dies_again_begins_its_load_anew(engine):
    """Its first load, from 1 on, is void at 3; the second begins at 5, beside nobody."""
    faults = [lost(0, 0, 1), lost(0, 3, 5)]
    result = il.simulate(il.Cluster(HEAVY, fabric=leaf(), faults=faults), ONE_AT[0], engine=engine)
    assert list(result.ttft_s) == [5 + 4 + 1]
    assert result.link_bytes.max() == (200 + 400) * GBIT
    never = il.Cluster(HEAVY, fabric=leaf(), faults=[lost(0, 0, 1), lost(0, 3)])
    assert list(il.simulate(never, ONE_AT[0], engine=engine).outcome) == ["no_replica"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_training_step_and_a_cold_start_share_a_link(engine):
    """Rings of 2 hosts move 100 Gb a hop, 1 s after 2 s of work. A load enters host 1 from 2 to 7.

    In 2-3 the hop into host 1 gets half the NIC: it ends at 4, as does half of the load's first
    200 Gb. The next step computes until 6 and reduces until 8 at half rate: the load has 100 + 200
    Gb at 6, and its last 100 at 8.
    """
    job = il.TrainingJob(hosts=[0, 1], gradient_bytes=100 * GBIT, compute_s=2.0)
    cluster = il.Cluster(
        HEAVY,
        fabric=leaf(),
        placement=[[4], [1]],
        training=job,
        faults=[lost(0), il.AddedReplica(at_s=2, replica=HEAVY)],
    )
    result = il.simulate(cluster, ONE_AT[0], engine=engine)
    assert list(result.ttft_s) == [8 + 1]
    assert list(result.training_steps_s[:2]) == [4.0, 4.0]
    alone = replace(cluster, faults=[], placement=[[4]])
    result = il.simulate(alone, ONE_AT[1], engine=engine)
    assert list(result.training_steps_s) == [3.0] * 3
    assert list(result.ttft_s) == [1.0]


def test_o20_one_slow_link_of_a_ring_doubles_the_communication_of_all():
    job = il.TrainingJob(hosts=range(8), gradient_bytes=700 * GBIT, compute_s=1.0)
    slow = il.SlowLink(host=5, factor=2.0, from_s=0)
    steps_s = [
        il.simulate(
            il.Cluster(CHAT, fabric=leaf(), training=job, faults=faults), ONE_AT[1]
        ).training_steps_s[0]
        for faults in ([], [slow])
    ]
    assert steps_s == [1 + 2 * 7 / 8 * 7, 1 + 4 * 7 / 8 * 7]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_fabric_that_nobody_uses_changes_nothing(engine):
    faults = [lost(1, 10, 20), il.SlowReplica(replica=0, factor=2.0, from_s=5, until_s=9)]
    cluster = il.Cluster(CHAT, 3, router="least_outstanding", faults=faults)
    without = il.simulate(cluster, MIXED, engine=engine)
    on_it = il.simulate(replace(cluster, fabric=leaf()), MIXED, engine=engine)
    for column in COLUMNS:
        np.testing.assert_array_equal(getattr(without, column), getattr(on_it, column))
    assert not on_it.link_bytes.any() and without.link_bytes is None


@st.composite
def systems_on_a_fabric(draw):
    """A faulty cluster whose replicas have weights, links that are slow, and a job beside."""
    cluster, load = draw(faulty_systems())
    fabric = leaf(hosts=12, ratio=draw(st.sampled_from([1.0, 2.0, 4.0])))
    gbit = draw(st.sampled_from([1.0, 8.0, 50.0]))
    fleet = [
        HEAVIER(costs, gbit) for costs in cluster.fleet[: len(cluster.fleet) - len(cluster.added)]
    ]
    added = [
        replace(f, replica=HEAVIER(f.replica, gbit)) if isinstance(f, il.AddedReplica) else f
        for f in cluster.faults
    ]
    links = st.sampled_from([{"host": 0}, {"host": 3}, {"leaf": 0}, {"leaf": 1, "spine": 0}])
    slow = [
        il.SlowLink(factor=2.0, from_s=at * TICK, until_s=(at + lasts) * TICK, **link)
        for at, lasts, link in draw(
            st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 400_000), links), max_size=2)
        )
    ]  # fmt: skip
    job = None
    if draw(st.booleans()):
        hosts = draw(st.permutations(range(12)).map(lambda all_: all_[:4]))
        job = il.TrainingJob(
            hosts=hosts, gradient_bytes=GBIT, compute_s=draw(st.sampled_from([0.01, 0.25]))
        )
    on = {"replica": fleet, "replicas": None, "faults": [*added, *slow], "fabric": fabric}
    return replace(cluster, **on, training=job), load


def HEAVIER(costs, gbit):  # a replica of the same costs
    return il.AffineReplica(
        prefill_s=costs.prefill_constants,
        decode_s=costs.decode_constants,
        kv_capacity_tokens=costs.kv_capacity_tokens,
        max_batch=costs.max_batch,
        weight_bytes=gbit * GBIT,
    )


@settings(max_examples=60)
@given(systems_on_a_fabric(), st.integers(0, 100))
def test_bytes_are_conserved_and_the_engines_agree(system, seed):
    """Bytes by rate and time against bytes by what was sent, on each link, are checked in each run.

    Ends of flows are no multiples of the tick, so times agree to 1e-9, unless an arrival falls on
    one: those systems are left out.
    """
    plain, fast = both(system, seed)
    assert plain.link_bytes is not None
    np.testing.assert_array_equal(plain.outcome, fast.outcome)
    np.testing.assert_allclose(fast.e2e_s, plain.e2e_s, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(fast.link_bytes, plain.link_bytes, rtol=1e-9)


def test_what_does_not_fit_a_fabric_is_named():
    job = il.TrainingJob(hosts=[0, 9], gradient_bytes=1e9, compute_s=1)
    llama = il.LLM.named("Llama-3.1-70B")
    wide = il.Replica(llama, il.GPU.named("H100-SXM5-80GB"), tp=16)
    assert wide.hosts == 2
    for wrong, words in [
        (
            {"replicas": 9, "fabric": leaf()},
            "9 replicas need 9 hosts, and hosts=8: give more hosts",
        ),
        ({"placement": [[0]]}, r"placement=\[\[0\]\] needs a fabric: give fabric="),
        ({"training": job}, "training=.* needs a fabric: give fabric="),
        ({"fabric": leaf(), "training": job}, "names host 9: give hosts from 0 to 7"),
        ({"fabric": leaf(), "placement": [[8]]}, r"placement\[0\]=8 is too large"),
        ({"replica": wide, "fabric": leaf(), "placement": [[0]]}, "a replica of 2 hosts: name 2"),
        ({"faults": [il.SlowLink(host=1, factor=2.0, from_s=1)]}, "needs a fabric whose link is"),
        (
            {"fabric": leaf(), "faults": [il.SlowLink(leaf=2, factor=2.0, from_s=1)]},
            "no link of this fabric: give leaf= from 0 to 1",
        ),
        (
            {"fabric": leaf(), "faults": [il.SlowLink(leaf=1, spine=1, factor=2.0, from_s=1)]},
            "give spine= from 0 to 0",
        ),
        ({"replicas": 8, "fabric": leaf(), "faults": [il.AddedReplica(at_s=1)]}, "need 9 hosts"),
    ]:
        with pytest.raises(ValueError, match=words):
            il.Cluster(**{"replica": HEAVY} | wrong)
    for wrong, words in [
        ({"factor": 0}, "factor=0 is out of range"),
        ({"factor": 1e-300}, "factor=1e-300 is out of range"),
        ({"factor": float("inf")}, "factor=inf is out of range: give a finite"),
        ({"host": None}, "must name one link: give host="),
        ({"leaf": 1}, "must name one link: give host="),
        ({"spine": 1}, "spine=1 does not go with a host: leave it out"),
    ]:
        with pytest.raises(ValueError, match=words):
            il.SlowLink(**{"host": 1, "factor": 2.0, "from_s": 0} | wrong)
    for wrong, words in [
        ({"hosts": [1]}, r"hosts=\(1,\) must be a ring: give at least two"),
        ({"hosts": [1, 1]}, "must be a ring"),
        ({"gradient_bytes": 1}, "gradient_bytes=1 is out of range"),
        ({"compute_s": 0}, "compute_s=0 is out of range"),
    ]:
        with pytest.raises(ValueError, match=words):
            il.TrainingJob(**{"hosts": [0, 1], "gradient_bytes": 1e9, "compute_s": 1} | wrong)
    with pytest.raises(TypeError, match="fabric=100 must be an il"):
        il.Cluster(HEAVY, fabric=100)
