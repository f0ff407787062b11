"""The routers that come with the package, each by its rule."""

from math import exp
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.serving.macro.candidates import Candidates
from inference_lab.serving.router import ROUTERS, new_router
from inference_lab.serving.routers import KVAware
from inference_lab.traffic.request import Request

RNG = np.random.default_rng
LOADS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=9)
"""Outstanding requests and cached blocks of each replica."""


def view(index=0, outstanding=0, cached=0, queued_tokens=0, held=0):
    return SimpleNamespace(
        index=index,
        outstanding=outstanding,
        queued_tokens=queued_tokens,
        blocks=1_000,
        free_blocks=1_000 - held,
        cached_tokens=lambda request: cached,
    )


def views(loads):
    return [view(i, outstanding, 16 * hit) for i, (outstanding, hit) in enumerate(loads)]


def request(index=0, prompt_tokens=160, prefix_blocks=None, session=None):
    return Request(index, 0.0, prompt_tokens, prefix_blocks, session, None)


@given(st.sets(st.integers(0, 99), min_size=2, max_size=12), st.data())
def test_when_a_replica_leaves_only_its_own_sessions_move(living, data):
    route = new_router("session_affinity")
    fleet = [view(index) for index in sorted(living)]
    gone = data.draw(st.sampled_from(fleet))
    rest = [one for one in fleet if one is not gone]
    for session in range(50):
        asked = request(session=f"user {session}")
        before = fleet[route(asked, fleet, RNG(0))]
        after = rest[route(asked, rest, RNG(0))]
        assert before is gone or after is before


def test_sessions_are_spread_evenly():
    """Of 8,000 sessions each of 8 replicas gets 1,000, with a standard deviation of 30."""
    route, fleet = new_router("session_affinity"), [view(index) for index in range(8)]
    chosen = [route(request(session=i), fleet, RNG(0)) for i in range(8_000)]
    assert abs(np.bincount(chosen, minlength=8) - 1_000).max() < 4 * 30


def test_a_conversation_is_known_by_its_session_else_its_second_hash_else_its_first():
    route, fleet = new_router("session_affinity"), [view(index) for index in range(100)]

    def place(**what):
        return route(request(**what), fleet, RNG(0))

    assert place(session="ann", prefix_blocks=(1, 2)) == place(session="ann", index=7)
    assert place(prefix_blocks=(1, 2, 3)) == place(prefix_blocks=(9, 2)) == place(session=2)
    assert place(prefix_blocks=(4,)) == place(session=4)
    assert place(index=5) == place(index=5, prefix_blocks=()) == place(session=5)
    assert len({place(index=i) for i in range(50)}) > 25


@given(LOADS, st.floats(1, 4))
def test_the_guard_lets_nobody_have_more_than_factor_times_the_mean(loads, factor):
    chosen = il.routers.GuardedPrefix(factor)(request(), views(loads), RNG(0))
    outstanding, cached = np.array(loads).T
    most = np.ceil(factor * (outstanding.sum() + 1) / len(loads))
    assert outstanding[chosen] + 1 <= most
    better = (cached > cached[chosen]) | (
        (cached == cached[chosen]) & (outstanding < outstanding[chosen])
    )
    assert (outstanding[better] + 1 > most).all()


@given(LOADS)
def test_without_its_guard_it_is_the_longest_prefix(loads):
    shown = views([(0, hit) for _, hit in loads])
    chosen = new_router("longest_prefix")(request(), shown, RNG(0))
    assert chosen == il.routers.GuardedPrefix(1e9)(request(), shown, RNG(0))
    assert chosen == np.argmax([hit for _, hit in loads])


@pytest.mark.parametrize(("overlap_weight", "worker"), [(1, 2), (4, 3)])
def test_the_kv_aware_cost_of_the_documented_example(overlap_weight, worker):
    """Ten blocks of prompt; 8 + 10, 5 + 5, 2 + 9 blocks to prefill and to decode."""
    workers = [view(held=10, cached=32), view(held=5, cached=80), view(held=9, cached=128)]
    route = il.routers.KVAware(overlap_weight)
    assert [route.cost(request(), one) - overlap_weight * 0 for one in workers] == [
        overlap_weight * prefill + decode for prefill, decode in ((8, 10), (5, 5), (2, 9))
    ]
    assert route(request(), workers, RNG(0)) == worker - 1


def test_what_waits_at_a_replica_is_prefill_to_come():
    workers = [view(queued_tokens=1_600, cached=160), view()]
    assert il.routers.KVAware()(request(), workers, RNG(0)) == 1


def test_equal_costs_and_temperatures_are_left_to_chance():
    """Counts of 4,000 draws, within four standard deviations of at most 32."""

    def shares(route, workers):
        rng = RNG(0)
        chosen = [route(request(), workers, rng) for _ in range(4_000)]
        return np.bincount(chosen, minlength=len(workers)) / 4_000

    tied = [view(held=7), view(held=5), view(held=5)]
    assert shares(il.routers.KVAware(), tied) == pytest.approx([0, 0.5, 0.5], abs=0.032)
    warm = il.routers.KVAware(temperature=0.5)
    assert shares(warm, [view(held=3)] * 3) == pytest.approx([1 / 3] * 3, abs=0.032)
    chances = np.array([1, exp(-0.5 / 0.5), exp(-1 / 0.5)])  # 0, half and all of their range
    workers = [view(held=20), view(held=30), view(held=40)]
    assert shares(warm, workers) == pytest.approx(chances / chances.sum(), abs=0.032)
    cold = il.routers.KVAware(temperature=1e-300)
    assert shares(cold, workers) == pytest.approx([1, 0, 0])


def test_candidates_are_chosen_from_as_all_replicas_are(monkeypatch):
    """Ties and random draws included; and mostly there are few."""
    rng, many, few = RNG(0), [], Candidates.few

    class Asked(KVAware):
        """Of another type, so asked about all of them."""

    def counted(self, i):
        found = few(self, i)
        many.append(len(found))
        return found

    monkeypatch.setattr(Candidates, "few", counted)
    blocks = np.cumsum(rng.integers(0, 3, (300, 8)) * 10 ** np.arange(8), axis=1)
    load = il.Workload.from_arrays(
        arrival_s=np.cumsum(rng.exponential(0.2, 300)),
        prompt_tokens=rng.integers(1, 300, 300),
        output_tokens=rng.integers(1, 200, 300),
        prefix_blocks=(blocks * 8 + np.arange(8)).tolist(),
        prefix_block_tokens=32,
    )
    one = il.AffineReplica(
        prefill_s=(0.1, 0.001, 0), decode_s=(0.01, 0, 1e-6), kv_capacity_tokens=1_000
    )
    for scheduler, weight in (("chunked", 0), ("chunked", 1), ("continuous", 7)):
        both = [
            il.simulate(
                il.Cluster(one, 6, router=route, scheduler=scheduler, prefix_cache=True), load
            )
            for route in (KVAware(weight), Asked(weight))
        ]
        np.testing.assert_array_equal(both[0].replica, both[1].replica)
        np.testing.assert_array_equal(both[0].e2e_s, both[1].e2e_s)
    assert len(many) == 3 * len(load)
    assert {1, 6} <= set(many)
    assert np.mean(many) < 6 / 2


@pytest.mark.parametrize("name", ROUTERS)
def test_no_router_remembers_another_run(name):
    """The same instance or name in a second run: the same choices."""
    one = il.AffineReplica(prefill_s=(0.1, 0, 0), decode_s=(0.01, 0, 0))
    load = il.Workload.poisson(20, 60, 100, 10)
    made = new_router(name)
    fresh, first, second = (
        il.simulate(il.Cluster(one, 3, router=router), load).replica
        for router in (name, made, made)
    )
    np.testing.assert_array_equal(first, fresh)
    np.testing.assert_array_equal(second, fresh)


def test_affinity_in_a_run_is_the_affinity_of_prefix_hits():
    """37 conversations that begin alike: a cache without limit loses nothing to eight replicas."""
    rng = RNG(0)
    talks, turns = rng.integers(0, 37, 300), np.zeros(37, int)
    blocks = []
    for talk in talks:
        turns[talk] += 1
        blocks.append((0, *(1 + 100 * talk + turn for turn in range(turns[talk]))))
    load = il.Workload.from_arrays(
        arrival_s=np.arange(300.0),
        prompt_tokens=[512 * len(each) for each in blocks],
        output_tokens=[1] * 300,
        prefix_blocks=blocks,
    )
    one = il.AffineReplica(prefill_s=(0.1, 0, 0), decode_s=(0.01, 0, 0))
    replica = il.simulate(il.Cluster(one, 8, router="session_affinity"), load).replica
    homes = {talk: set(replica[talks == talk]) for talk in range(37)}
    assert all(len(home) == 1 for home in homes.values())
    apart = [il.prefix_hits(load, replicas=n, router="session_affinity").sum() for n in (1, 8)]
    assert apart[0] - apart[1] == 512 * (len(set(replica)) - 1)  # the first block, once each


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: il.routers.GuardedPrefix(0.9), "factor=0.9 is out of range"),
        (lambda: il.routers.KVAware(-1), "overlap_weight=-1 is out of range"),
        (lambda: il.routers.KVAware(temperature="hot"), "temperature='hot' must be a number"),
    ],
)
def test_bad_input_names_argument_value_and_fix(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_the_hot_spot_of_a_real_trace_and_what_its_guard_costs(shared_data):
    """The first block is in every prompt, so longest prefix sends all to whoever had it first.

    The guard leaves less than twice its share to the busiest, and at most five points of the hit
    rate of session affinity, which has nearly the best there is.
    """
    load = il.Workload.from_trace(
        shared_data / "traces" / "mooncake_conversation_trace.jsonl", jitter_s=3.0, first=4_000
    )
    llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
    one = il.Replica(llama, h100, tp=4, stack="vllm-2025")

    def run(router):
        found = il.simulate(il.Cluster(one, 8, router=router), load)
        busiest = np.bincount(found.replica, minlength=8).max() / len(load)
        return busiest, 100 * found.cached_tokens.sum() / load.prompt_tokens.sum()

    assert run("longest_prefix")[0] == 1
    busiest, hits = run("guarded_prefix")
    assert busiest < 2 / 8
    assert hits > run("session_affinity")[1] - 5
