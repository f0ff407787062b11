"""The macro-step engine against the reference, which takes one iteration at a time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.physics.costs import SCHEDULERS
from inference_lab.serving.macro.stretch import envelope
from tests.engine.others import loses, simulated

TICK = 2.0**-20
"""Times that are multiples of it add up exactly in both engines."""

COLUMNS = ("arrival_s", "ttft_s", "tpot_s", "e2e_s", "max_itl_s", "replica", "outcome")
COUNTS = ("retries", "cached_tokens", "preempted")


SAMPLED_S = (None, 0.25)
"""Intervals of samples: some fall on ends of iterations."""


def by_memory(request, replicas, rng):
    """A router that looks at all that is shown, so that every view is compared."""
    views = [
        (r.queued_tokens - r.cached_tokens(request), -r.free_blocks, r.outstanding, r.waiting)
        for r in replicas
    ]
    return min(range(len(views)), key=views.__getitem__)


def sometimes_random(request, replicas, rng):
    if request.prompt_tokens % 2:
        return int(rng.integers(len(replicas)))
    return by_memory(request, replicas, rng)


ROUTERS = [
    "random",
    "round_robin",
    "least_outstanding",
    "least_queued_tokens",
    "power_of_two",
    "session_affinity",
    "longest_prefix",
    "guarded_prefix",
    "kv_aware",
    il.routers.KVAware(overlap_weight=0.5, temperature=0.3),
    by_memory,
    sometimes_random,
]


@st.composite
def tenancies(draw):
    """Whose turn it is, and how many requests of a tenant are let in."""
    weights = st.sampled_from([0, 0.5, 1, 2, 3])
    fair = st.builds(il.Fair, weights, weights.filter(bool))
    queue = draw(st.sampled_from(["fcfs", "priority", "fair"]) | fair)
    classes = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), min_size=1)
    rates = st.sampled_from([1, 2, 100, 10_000])
    return {
        "queue": queue,
        "priorities": draw(classes) if queue == "priority" else None,
        "limits": draw(st.none() | st.dictionaries(st.sampled_from("ab"), rates, max_size=1)),
    }


@st.composite
def systems(draw, tick):
    """A cluster under a load; `tick` None draws real numbers instead of multiples of it.

    Iterations take time: while some take none, one instant has several rounds, and what is born in
    the second of them finds a stretch begun in the reference, and cut at that instant in the other.
    """

    def seconds(most):
        if tick is None:
            return draw(st.floats(0, most * TICK, allow_subnormal=False))
        return draw(st.integers(0, most)) * tick

    def replica():
        return il.AffineReplica(
            prefill_s=(TICK + seconds(3_000), seconds(200), draw(st.sampled_from([0, 0, TICK]))),
            decode_s=(TICK + seconds(40_000), seconds(300), seconds(20)),
            kv_capacity_tokens=draw(st.integers(100, 1_500)),
            max_batch=draw(st.integers(1, 12)),
            kv_bytes_per_token=1,
        )

    scheduler = draw(st.sampled_from(sorted(SCHEDULERS)))
    budgets = {
        "chunked": st.integers(1, 150),
        "continuous": st.none() | st.integers(1, 150),
        "static": st.none(),
    }
    n = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    network_s = 2 * seconds(1_000)
    if draw(st.booleans()):  # requests overtake each other
        network_s = 2 * TICK * rng.integers(0, draw(st.sampled_from([9, 900, 90_000])), n)
    one = replica()
    size = draw(st.integers(1, 4))
    fleet = [replica() for _ in range(size)] if draw(st.booleans()) else [one] * size
    cluster = il.Cluster(
        fleet,
        **draw(tenancies()),
        router=draw(st.sampled_from([r for r in ROUTERS if size > 1 or r != "power_of_two"])),
        scheduler=scheduler,
        token_budget=draw(budgets[scheduler]),
        max_model_len=draw(st.sampled_from([None, None, 150])),
        max_queue=draw(st.sampled_from([None, None, 1, 3])),
        timeout_s=draw(st.sampled_from([None, None, 100 * TICK, 100_000 * TICK])),
        network_s=network_s,
        router_s=seconds(1_000),
        prefix_cache=True,
        host_cache_tokens=draw(st.sampled_from([0, 0, 100, 1_000])),
        host_link=il.Link(name="host", bytes_per_s=1 / draw(st.sampled_from([1, 64, 256])) / TICK),
        gateways=draw(st.sampled_from([1, 1, 3])),
        report_s=draw(st.sampled_from([0, 0, 2_000, 30_000])) * TICK,
    )
    lengths = {
        "prompt_tokens": rng.integers(1, 120, n),
        "output_tokens": np.where(rng.random(n) < 0.3, 1, rng.integers(1, 100, n)),
    }
    tenant = draw(st.sampled_from([["a"], ["a", "b"], ["b", "c", None, "a", "a"]]))
    tenant = [tenant[k] for k in rng.integers(0, len(tenant), n)]
    if draw(st.booleans()):
        load = il.Workload.closed_loop(draw(st.integers(1, 10)), requests=n, **lengths)
    else:
        most = draw(st.sampled_from([0, 100, 3_000, 30_000, 300_000]))
        gaps = rng.integers(0, most + 1, n) * TICK
        if tick is None:
            gaps = rng.exponential(max(most, 1) * TICK, n)
        load = il.Workload.from_arrays(arrival_s=np.cumsum(gaps), **lengths)
    if draw(st.booleans()):
        block_tokens = 16 * int(rng.integers(1, 3))
        load = replace(load, prefix_blocks=hashes(rng, n), prefix_block_tokens=block_tokens)
    return cluster, replace(load, tenant=tenant)


def hashes(rng, n):
    """Of each prompt some blocks: mostly they hang together as in a tree, sometimes in no way."""
    kinds = rng.integers(1, 5)
    if rng.random() < 0.2:
        return [rng.integers(0, kinds + 3, rng.integers(0, 9)).tolist() for _ in range(n)]
    rows = np.cumsum(rng.integers(0, kinds, (n, 8)) * 10.0 ** np.arange(8), axis=1).astype(int)
    return [[f"{depth}:{h}" for depth, h in enumerate(row)] for row in rows.tolist()]


@st.composite
def losses(draw):
    """Instants at which a replica loses all that it holds, for the routers to send again."""
    times = st.integers(0, 500_000).map(lambda ticks: ticks * TICK)
    some = st.lists(
        st.tuples(st.integers(0, 3), times, times, st.sampled_from([None, 0, 1])), max_size=3
    )
    return draw(st.just([]) | some)


@st.composite
def slow_times(draw):
    """A replica that is slow, or quick, for a while: nothing, or replica, factor, start and end."""
    if draw(st.booleans()):
        return []
    from_s, lasts_s = (draw(st.integers(least, 300_000)) * TICK for least in (0, 1))
    return [(draw(st.integers(0, 3)), draw(st.sampled_from([0.5, 2, 4])), from_s, from_s + lasts_s)]


def both(system, seed, lost=(), slow=(), **recorded):
    cluster, load = system
    for replica, factor, from_s, until_s in slow:
        index = replica % len(cluster.fleet)
        fault = il.SlowReplica(replica=index, factor=factor, from_s=from_s, until_s=until_s)
        cluster = replace(cluster, faults=[*cluster.faults, fault])
    others = [
        loses(replica % len(cluster.fleet), at_s, noticed_s, without)
        for replica, at_s, noticed_s, without in lost
    ]
    engines = ("reference", "macro")
    return [simulated(e, cluster, load, *others, seed=seed, **recorded) for e in engines]


@given(systems(TICK), losses(), slow_times(), st.integers(0, 100), st.sampled_from(SAMPLED_S))
def test_equal_to_the_last_bit_where_sums_are_exact(system, lost, slow, seed, sample_s):
    plain, fast = both(system, seed, lost, slow, spans=True, sample_s=sample_s)
    for table in ("spans", "itl_s", "samples"):
        np.testing.assert_array_equal(getattr(fast, table), getattr(plain, table), table)
    for limit in plain.held_by:
        np.testing.assert_array_equal(fast.held_by[limit], plain.held_by[limit], limit)
    for column in COLUMNS + COUNTS:
        np.testing.assert_array_equal(getattr(fast, column), getattr(plain, column), column)
    for part in plain.ttft_parts:
        np.testing.assert_array_equal(fast.ttft_parts[part], plain.ttft_parts[part], part)


@given(systems(None), st.integers(0, 100))
def test_equal_to_1e_9_with_real_times(system, seed):
    """Cases in which an arrival meets a boundary within rounding may go either way: left out."""
    cluster, load = system
    if load.concurrency is not None:
        # a closed loop arrives on boundaries by construction
        load = replace(load, arrival_s=np.arange(len(load)) * 0.0137, concurrency=None)
    plain, fast = both((cluster, load), seed)
    later = replace(load, arrival_s=load.arrival_s + np.linspace(0, 2e-9, len(load)))
    moved = il.simulate(cluster, later, seed, "reference")
    if not np.allclose(moved.e2e_s, plain.e2e_s, rtol=0, atol=1e-6, equal_nan=True):
        return  # a boundary within 2e-9 s of an arrival
    np.testing.assert_allclose(fast.e2e_s, plain.e2e_s, rtol=1e-9, atol=1e-12)
    for part in plain.ttft_parts:
        np.testing.assert_allclose(fast.ttft_parts[part], plain.ttft_parts[part], atol=1e-9)
    np.testing.assert_allclose(sum(fast.ttft_parts.values()), fast.ttft_s, rtol=0, atol=1e-9)


def test_memory_pressure_and_overload_really_occur():
    """The drawn systems are worth comparing only if some pre-empt, refuse and queue."""
    replica = il.AffineReplica(
        prefill_s=(TICK, TICK, 0), decode_s=(TICK, 0, 0), kv_capacity_tokens=200, max_batch=8
    )
    load = il.Workload.from_arrays(
        arrival_s=np.zeros(30), prompt_tokens=[40] * 29 + [300], output_tokens=[90] * 30
    )
    plain, fast = both((il.Cluster(replica), load), 0)
    assert plain.preemptions == fast.preemptions > 10
    assert plain.refused == fast.refused == 1
    np.testing.assert_array_equal(plain.e2e_s, fast.e2e_s)


def test_a_dead_client_behind_a_pre_empted_sequence_is_noticed_when_its_turn_comes():
    """Its turn comes after the prefill of the sequence before it, not with that one's admission."""
    replica = il.AffineReplica(
        prefill_s=(TICK, 0, 0), decode_s=(TICK, 0, 0), kv_capacity_tokens=64, max_batch=2
    )
    load = il.Workload.closed_loop(
        3, requests=5, prompt_tokens=[16, 16, 8, 8, 8], output_tokens=[20, 30, 1, 1, 1]
    )
    for result in both((il.Cluster(replica, timeout_s=4 * TICK), load), 0):
        assert result.preemptions == 1
        assert list(result.outcome[:3]) == ["served", "served", "timed_out"]
        assert result.arrival_s[3] == 21 * TICK  # two prefills, 19 steps: the first has ended
        assert result.arrival_s[4] == 22 * TICK  # and the second has its prefill again


@pytest.mark.parametrize("stack", il.Stack.names())
def test_real_cost_models_in_both_engines(stack):
    """Decode steps that change from one regime to another, in the stack's own scheduler."""
    replica = il.Replica(
        il.LLM.named("Llama-2-70B"), il.GPU.named("A100-SXM4-80GB"), tp=4, stack=stack
    )
    load = il.Workload.like("azure-2023-conv", rate_scale=1.5, requests=400)
    cluster = il.Cluster(replica, replicas=2, router="least_queued_tokens")
    plain, fast = both((cluster, load), 0)
    np.testing.assert_allclose(fast.e2e_s, plain.e2e_s, rtol=1e-9)
    np.testing.assert_allclose(fast.max_itl_s, plain.max_itl_s, rtol=1e-6)
    np.testing.assert_array_equal(fast.replica, plain.replica)


def test_the_envelope_is_the_largest_line():
    rng = np.random.default_rng(0)
    for _ in range(200):
        lines = tuple(map(tuple, rng.integers(0, 9, (rng.integers(1, 6), 2)).astype(float)))
        regimes = envelope(lines)
        for context in rng.uniform(0, 30, 20):
            start, slope, _ = next(r for r in regimes if context < r[2])
            largest = max(s + m * context for s, m in lines)
            assert start + slope * context == pytest.approx(largest)
