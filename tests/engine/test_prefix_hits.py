"""Prefix hits: the published curves of a real trace, and a cache written without tricks."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.serving.affinity import rendezvous

CURVE = {100: 4.3, 1000: 4.5, 2000: 5.5, 3000: 6.7, 5000: 11.4, 10_000: 21.6, 20_000: 29.35}
CURVE |= {30_000: 33.2, 50_000: 36.2, 100_000: 37.1, None: 37.4}
"""Hit tokens of the Mooncake conversation trace in percent, by blocks that fit (data/README.md)."""

ROUND_ROBIN = {1: 37.4, 2: 27.6, 4: 19.6, 8: 13.9, 16: 10.1}
"""The same by replicas, each with a cache without end."""


def made(rows, prompts=None, **labels):
    n = len(rows)
    prompts = prompts or [512 * max(1, len(row)) for row in rows]
    return il.Workload.from_arrays(
        arrival_s=range(n),
        prompt_tokens=prompts,
        output_tokens=[1] * n,
        prefix_blocks=rows,
        **labels,
    )


def test_the_curves_of_the_mooncake_trace(shared_data):
    load = il.Workload.from_trace(shared_data / "traces" / "mooncake_conversation_trace.jsonl")

    def percent(*given, **named):
        return 100 * il.prefix_hits(load, *given, **named).sum() / load.prompt_tokens.sum()

    for capacity, share in CURVE.items():
        assert percent(capacity) == pytest.approx(share, abs=0.3)
    for replicas, share in ROUND_ROBIN.items():
        assert percent(replicas=replicas) == pytest.approx(share, abs=0.3)
        affine = percent(replicas=replicas, router="session_affinity")
        assert affine == pytest.approx(37.4, abs=0.3)


@given(
    rows=st.lists(st.lists(st.integers(0, 5), max_size=5), min_size=1, max_size=30),
    capacity=st.none() | st.integers(0, 6),
    replicas=st.integers(1, 3),
    block=st.sampled_from([16, 512]),
    data=st.data(),
)
def test_it_counts_as_a_list_of_blocks_does(rows, capacity, replicas, block, data):
    prompts = data.draw(st.lists(st.integers(1, 2600), min_size=len(rows), max_size=len(rows)))
    load = made(rows, prompts, prefix_block_tokens=block)
    caches = [[] for _ in range(replicas)]  # each with the least recently used block first
    for i, hits in enumerate(il.prefix_hits(load, capacity, replicas)):
        cache = caches[i % replicas]
        blocks = [row for k, row in enumerate(rows[i]) if k * block < prompts[i]]
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        assert hits == min(run * block, prompts[i])
        for touched in blocks[::-1]:
            cache[:] = [other for other in cache if other != touched] + [touched]
        if capacity is not None:
            del cache[: max(0, len(cache) - capacity)]


@pytest.mark.parametrize("router", ["round_robin", "random"])
def test_its_routers_choose_as_those_of_a_cluster(router):
    load = made([[7]] * 40)
    one = il.AffineReplica(prefill_s=(0.1, 0, 0), decode_s=(0.01, 0, 0))
    chosen = il.simulate(il.Cluster(one, 5, router=router), load, seed=3).replica.tolist()
    hits = il.prefix_hits(load, replicas=5, router=router, seed=3)
    assert (hits > 0).tolist() == [chosen[i] in chosen[:i] for i in range(40)]


def test_affinity_is_by_session_then_second_hash_then_first_then_index():
    def hits(rows, **labels):
        return il.prefix_hits(made(rows, **labels), None, 64, "session_affinity").tolist()

    assert hits([[1, 2], [3, 4], [1, 2]], session=["a", "b", "a"]) == [0, 0, 1024]
    apart = hits([[1, 2]] * 20, session=range(20))
    assert apart.count(0) > 10, "twenty sessions on 64 replicas seldom meet"
    assert hits([[0, 5], [0, 6], [0, 5]])[2] == 1024
    assert hits([[3], [3]]) == [0, 512]
    assert hits([[0, 5], [0, 5]], session=[None, None]) == [0, 1024], "without one, by the hash"
    assert hits([[], []]) == [0, 0]


def test_a_replica_that_leaves_takes_only_its_own_keys():
    fleet = list(range(10))
    before = [rendezvous(key, fleet) for key in range(5000)]
    counts = np.bincount(before, minlength=10)
    assert np.abs(counts - 500).max() < 5 * np.sqrt(500 * 0.9), "each has its share"
    left = [index for index in fleet if index != 3]
    for key, home in enumerate(before):
        if home != 3:
            assert left[rendezvous(key, left)] == home


def test_a_session_s_replica_is_the_same_in_every_process():
    code = (
        "from inference_lab.serving.affinity import rendezvous\n"
        "print([rendezvous(key, range(99)) for key in ('ann', 'Zoë', 7, (1, 'x'))])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(found) == 1
    assert rendezvous(np.int64(7), range(99)) == rendezvous(7, range(99))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"workload": il.Workload.poisson(8, 9, 9, 9)}, "has no prefix_blocks: give one"),
        ({"workload": 5}, "workload=5 must be a Workload"),
        ({"capacity_blocks": -1}, "capacity_blocks=-1 is too small"),
        ({"replicas": 0}, "replicas=0 is too small"),
        ({"router": "least_outstanding"}, "router='least_outstanding' is not known"),
        ({"router": "random", "seed": -1}, "seed=-1 is too small"),
    ],
)
def test_bad_input_is_named(change, message):
    with pytest.raises((ValueError, TypeError), match=message):
        il.prefix_hits(**({"workload": made([[1], [1]])} | change))
