"""Retrieval before the router: its seconds, and its tokens."""

import numpy as np
import pytest

import inference_lab as il

ENGINES = ["reference", "macro"]

ONE = il.AffineReplica(prefill_s=(0, 0.25, 0), decode_s=(0.5, 0, 0), kv_capacity_tokens=160)
LOAD = il.Workload.from_arrays(arrival_s=[0, 1], prompt_tokens=[4, 8], output_tokens=[1, 2])


@pytest.mark.parametrize("engine", ENGINES)
def test_seconds_come_before_the_router_and_tokens_before_the_prefill(engine):
    """At the replica at 3.25 and 2.5; read at 5.5-7.5 and 2.5-5.5."""
    seen = []

    def router(request, replicas, rng):
        seen.append((request.index, request.prompt_tokens, replicas[0].outstanding))
        return 0

    rag = il.Rag(embed_s=[1.75, 0.0], search_s=0.25, context_tokens=4)
    cluster = il.Cluster(ONE, router=router, network_s=0.5, router_s=1.0, rag=rag)
    result = il.simulate(cluster, LOAD, engine=engine)
    assert seen == [(1, 12, 0), (0, 8, 1)]
    parts = {name: list(part) for name, part in result.ttft_parts.items()}
    assert parts == {
        "network": [0.5, 0.5],
        "rag": [2.0, 0.25],
        "router": [1.0, 1.0],
        "frontend": [0, 0],
        "queue": [5.5 - 3.25, 0.0],
        "prefill": [2.0, 3.0],
        "kv_transfer": [0, 0],
    }
    assert list(result.prompt_tokens) == [8, 12]


@pytest.mark.parametrize("engine", ENGINES)
def test_it_is_paid_once_also_by_who_is_routed_again(engine):
    """Two that reach replica 0 at 1.5 and wait there until it is missed, at 2.5."""
    rag = il.Rag(embed_s=1.0, search_s=0.5, context_tokens=0)
    dead = il.LostReplica(replica=0, from_s=1.25, noticed_s=1.25)
    load = il.Workload.from_arrays(arrival_s=[0], prompt_tokens=[4], output_tokens=[1])
    result = il.simulate(il.Cluster(ONE, 2, rag=rag, faults=[dead]), load, engine=engine)
    assert list(result.retries) == [1]
    assert list(result.ttft_parts["rag"]) == [1.5]
    assert list(result.ttft_parts["queue"]) == [1.0]
    assert list(result.ttft_s) == [3.5]


def test_seconds_are_drawn_from_a_stream_of_their_own():
    load = il.Workload.poisson(4, 500, 20, 5)
    rag = il.Rag(embed_s=0.05, search_s=(0.02, 0.05), context_tokens=20)
    plain = il.Cluster(ONE, 2, router="random", network_s=(0.1, 0.2))
    one, other = (
        il.simulate(il.Cluster(ONE, 2, router="random", network_s=(0.1, 0.2), rag=each), load)
        for each in (rag, None)
    )
    seconds = one.ttft_parts["rag"]
    assert 0.07 <= seconds.min() < 0.072 < 0.098 < seconds.max() <= 0.1
    assert np.mean(seconds) == pytest.approx(0.085, abs=0.002)
    for part in ("network", "router"):  # what the others draw stays
        np.testing.assert_array_equal(one.ttft_parts[part], other.ttft_parts[part])
    np.testing.assert_array_equal(other.e2e_s, il.simulate(plain, load).e2e_s)


def test_the_context_has_no_hash_and_follows_what_is_shared():
    """Two blocks of 16 are full and shared; the context does not fill the third one."""
    blocks = [[1, 2, 3], [1, 2, 3]]
    load = il.Workload.from_arrays(
        arrival_s=[0, 100],
        prompt_tokens=[40, 40],
        output_tokens=[1, 1],
        prefix_blocks=blocks,
        prefix_block_tokens=16,
    )
    for context, cached in [(0, 32), (8, 32), (100, 32)]:
        rag = il.Rag(embed_s=0, search_s=0, context_tokens=context)
        for engine in ENGINES:
            cluster = il.Cluster(ONE, rag=rag, prefix_cache=True)
            result = il.simulate(cluster, load, engine=engine)
            assert list(result.cached_tokens) == [0, cached]


@pytest.mark.parametrize("engine", ENGINES)
def test_limits_count_the_context(engine):
    rag = il.Rag(embed_s=0, search_s=0, context_tokens=150)
    result = il.simulate(il.Cluster(ONE, rag=rag), LOAD, engine=engine)
    assert list(result.outcome) == ["served", "served"]  # 157 and 159 tokens at the end
    rag = il.Rag(embed_s=0, search_s=0, context_tokens=152)
    result = il.simulate(il.Cluster(ONE, rag=rag), LOAD, engine=engine)
    assert list(result.outcome) == ["served", "kv_capacity"]


def test_wrong_arguments_are_named():
    good = {"embed_s": 0.1, "search_s": 0.1, "context_tokens": 5}
    for wrong, words in [
        ({"embed_s": -1}, "embed_s=-1 is out of range"),
        ({"search_s": (0.2, 0.1)}, r"search_s=\(0.2, 0.1\) must be a \(low, high\) pair: swap"),
        ({"context_tokens": -5}, "context_tokens=-5 is too small"),
    ]:
        with pytest.raises(ValueError, match=words):
            il.Rag(**good | wrong)
    with pytest.raises(TypeError, match=r"rag=0.1 must be an il.Rag or None: use il.Rag"):
        il.Cluster(ONE, rag=0.1)
    with pytest.raises(ValueError, match="embed_s has 3 entries: give one for each of 2"):
        il.simulate(il.Cluster(ONE, rag=il.Rag(**good | {"embed_s": [1, 2, 3]})), LOAD)
