"""Chains of hashes in the macro engine: the same as the hashes one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.serving.host_cache import HostCache
from inference_lab.serving.macro.chain_cache import ChainCache
from inference_lab.serving.macro.chains import Chains
from inference_lab.serving.prefix_cache import PrefixCache, Prompts
from tests.engine.test_two_engines import hashes

BLOCK = 16


def workload(rows, prompts=None):
    blocks = [len(row) for row in rows] if prompts is None else prompts
    return il.Workload.from_arrays(
        arrival_s=np.zeros(len(rows)),
        prompt_tokens=[max(1, BLOCK * each) for each in blocks],
        output_tokens=[1] * len(rows),
        prefix_blocks=rows,
        prefix_block_tokens=BLOCK,
    )


def test_prompts_that_part_and_prompts_that_end_within_another_make_chains():
    rows = [(1, 2, 3, 4, 5), (1, 2, 3), (9, 4, 5), (), (6, 7)]
    assert Chains(workload(rows)) == [
        ((0, 3), (3, 5)),
        ((0, 3),),
        ((8, 9), (3, 5)),
        (),
        ((11, 13),),
    ]
    # what a prompt does not fill is no part of it
    assert Chains(workload(rows, [5, 2, 3, 0, 1])) == [
        ((0, 2), (2, 3), (3, 5)),
        ((0, 2),),
        ((7, 8), (3, 5)),
        (),
        ((10, 11),),
    ]


@given(st.integers(0, 2**32), st.integers(0, 12))
def test_chains_are_found_held_and_let_go_as_their_hashes_are_one_by_one(seed, host_blocks):
    rng = np.random.default_rng(seed)
    kind = rng.random()
    if kind < 0.4:
        load = workload(hashes(rng, 8), rng.integers(0, 12, 8))
    elif kind < 0.6:  # the same hash twice in one prompt
        load = workload([(1, 1, 2), (1, 1, 2), (3, 1), (4, 4, 4)])
    else:  # long chains, to be cut again and again
        load = workload([(0, *range(s, s + 9)) for s in (1, 1, 1, 20)])
    costs = il.AffineReplica(prefill_s=(0, 1, 0), decode_s=(1, 0, 0))
    link = il.Link(name="any", bytes_per_s=1e3)
    new = [(PrefixCache, Prompts(load)), (ChainCache, Chains(load))]
    plain, chains = (
        kind(prompts, HostCache(host_blocks, BLOCK, link, costs) if host_blocks else None)
        for kind, prompts in new
    )
    numbered = load.prefix_blocks.heads(load.prompt_tokens // BLOCK)[0].tolist()
    firsts = {start: numbered[start] for prompt in chains.chains for start, _ in prompt}
    chains.bit = 1 << int(rng.integers(3))
    prefilling, running = set(), set()
    for _ in range(60):
        i = int(rng.integers(len(load)))
        tokens = int(load.prompt_tokens[i] + rng.integers(0, 3))
        if i in running:
            running.remove(i)
            plain.release(i)
            chains.release(i)
        elif i not in prefilling:
            prefilling.add(i)
            found = chains.find(i, tokens)[0]
            assert plain.start(i, tokens) == (found, *chains.start(i, tokens, found))
        elif rng.random() < 0.7:
            both = sorted({i, *list(prefilling)[:1]})  # in one iteration
            entering, before = set(), chains.shared - chains.idle_hashes
            gives_back = any([chains.shares(j, entering) for j in both])
            for j in both:
                prefilling.remove(j)
                running.add(j)
                plain.enter(j)
                chains.enter(j)
            assert gives_back or chains.shared - chains.idle_hashes == before
        else:  # pre-empted
            prefilling.remove(i)
            plain.release(i)
            chains.release(i)
        if rng.random() < 0.6:
            free_blocks = max(0, len(plain.idle) - int(rng.integers(0, 10)))
            plain.fit(free_blocks)
            chains.fit(free_blocks)
        elif rng.random() < 0.02:
            prefilling.clear()
            running.clear()
            plain.clear()
            chains.clear()
        assert plain.shared == chains.shared
        assert len(plain.idle) == chains.idle_hashes == sum(map(len, chains.idle.values()))
        kept = {start for start, replicas in chains.chains.kept.items() if replicas == chains.bit}
        here = {*plain.holders, *plain.idle}
        assert kept & firsts.keys() == {start for start in firsts if firsts[start] in here}
        leaving = int(rng.integers(0, len(plain.idle) + 1))
        for j, tokens in enumerate(load.prompt_tokens.tolist()):
            assert plain.find(j, tokens, leaving) == chains.find(j, tokens, leaving)
            assert plain.find(j, tokens + 1) == chains.find(j, tokens + 1)
            near, found, elsewhere = chains.chains.whereabouts(j)
            at_most = found if near & chains.bit else elsewhere
            assert chains.find(j, tokens + 1)[0] <= at_most
