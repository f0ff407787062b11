"""The prefix cache in both engines: by hand, against a count without time, and on a real trace."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from tests.engine.test_prefix_hits import ROUND_ROBIN

ENGINES = ("macro", "reference")
BLOCK = 16


def replica(blocks, **constants):
    """A prefill takes a second a token, a decode step a second."""
    seconds = {"prefill_s": (0, 1, 0), "decode_s": (1, 0, 0)} | constants
    return il.AffineReplica(kv_capacity_tokens=BLOCK * blocks, **seconds)


def load(*requests):
    """Each an arrival, prompt, output, and hashes."""
    arrival_s, prompts, outputs, hashes = zip(*requests, strict=True)
    return il.Workload.from_arrays(
        arrival_s=arrival_s,
        prompt_tokens=prompts,
        output_tokens=outputs,
        prefix_blocks=hashes,
        prefix_block_tokens=BLOCK,
    )


def both(one, requests, **options):
    workload = load(*requests)
    cluster = il.Cluster(one, **{"prefix_cache": True} | options)
    for engine in ENGINES:
        yield il.simulate(cluster, workload, engine=engine, spans=True)


def prefills(result, request):
    rows = result.spans[(result.spans["request"] == request) & (result.spans["part"] == "prefill")]
    return (rows["end_s"] - rows["start_s"]).tolist()


def test_a_prompt_that_is_there_wholly_is_computed_from_its_last_block():
    same = (7, 8)
    requests = [(0, 32, 1, same), (100, 32, 1, same), (200, 33, 1, same), (300, 20, 1, same)]
    for result in both(replica(99), requests):
        assert result.cached_tokens.tolist() == [0, 16, 32, 16]
        assert result.ttft_s.tolist() == [32, 16, 1, 4]


def test_two_with_the_same_prompt_at_once_keep_one_copy():
    seen = []

    def first(request, replicas, rng):
        seen.append((replicas[0].free_blocks, replicas[0].cached_tokens(request)))
        return 0

    same = (7, 8)
    requests = [(0, 32, 9, same), (0, 32, 9, same), (66, 33, 1, same)]
    for result in both(replica(9), requests, token_budget=64, router=first):
        assert result.cached_tokens.tolist() == [0, 0, 32]  # nothing was there for the second
        assert seen.pop() == (9 - 2 - 1 - 1, 32)  # a prompt, and a block for each one's answer


def test_held_blocks_stay_and_idle_ones_leave_deepest_first():
    requests = [
        (0, 48, 17, (1, 2, 3)),  # grows to 4 blocks of 6
        (1, 64, 1, (4, 5, 6, 7)),  # has to wait for it: 3 are held
        (200, 48, 1, (1, 2, 3)),  # 4 of 6 were taken then: the deepest of these left
    ]
    for result in both(replica(6), requests):
        assert result.ttft_parts["queue"].tolist() == [0, 48 + 16 - 1, 0]
        assert result.cached_tokens.tolist() == [0, 0, 32]


def test_what_is_longer_than_the_cache_is_refused_and_hashes_beyond_a_prompt_stand_for_nothing():
    requests = [(0, 97, 1, (1, 2, 3, 4, 5, 6)), (0, 20, 1, (8, 9)), (50, 40, 1, (8, 9))]
    for result in both(replica(6), requests):
        assert result.outcome.tolist() == ["kv_capacity", "served", "served"]
        assert result.cached_tokens.tolist() == [0, 0, 16]


def test_a_pre_empted_sequence_finds_its_own_blocks():
    requests = [(0, 16, 30, (1,)), (0, 32, 30, (2, 3))]
    for result in both(replica(4), requests):
        assert result.preemptions == 1
        first, again = prefills(result, 1)
        assert (first, result.cached_tokens[1]) == (32, 0)
        # Both need a block for the first step. One of its two is taken for the other's answer.
        assert again == 32 + 1 - BLOCK


def test_the_second_tier_is_asked_where_it_is_faster():
    requests = [(0, 48, 1, (1, 2, 3)), (100, 64, 1, (4, 5, 6, 7)), (200, 49, 1, (1, 2, 3))]
    kept = {"host_cache_tokens": 64}
    for bytes_per_s, fetch_s in [(2, 8), (1, 0)]:  # to compute the block takes 16 s
        link = il.Link(name="host", bytes_per_s=bytes_per_s)
        one = replica(6, kv_bytes_per_token=1)
        for result in both(one, requests, host_link=link, **kept):
            assert result.ttft_s.tolist() == [48, 64, 1 + (fetch_s or 16)]
            assert result.cached_tokens[2] == (48 if fetch_s else 32)
            assert result.ttft_parts["kv_transfer"][2] == fetch_s


@given(
    rows=st.lists(st.lists(st.integers(0, 5), max_size=5), min_size=1, max_size=20),
    blocks=st.integers(6, 20),
    data=st.data(),
)
def test_one_after_the_other_it_counts_as_a_list_does(rows, blocks, data):
    """A list of hashes, the oldest first; as many as fit beside the one that runs."""
    several = st.lists(st.integers(1, 90), min_size=len(rows), max_size=len(rows))
    prompts = data.draw(several)
    cached, listed = [], []
    for row, prompt in zip(rows, prompts, strict=True):
        whole = row[: prompt // BLOCK]
        usable = whole[: (prompt - 1) // BLOCK]
        run = next((k for k, block in enumerate(usable) if block not in listed), len(usable))
        cached.append(run * BLOCK)
        pinned = set(usable[:run])
        idle = [block for block in listed if block not in pinned]
        # repeated hashes of one prompt are kept once
        room = blocks - (-(-prompt // BLOCK) - run + len(pinned))
        idle = idle[max(0, len(idle) - room) :]
        kept = list(dict.fromkeys(whole))[::-1]  # a hash that comes twice is let go last above
        listed = [block for block in idle if block not in kept] + kept
    requests = [
        (1000 * i, prompt, 1, row)
        for i, (prompt, row) in enumerate(zip(prompts, rows, strict=True))
    ]
    for result in both(replica(blocks), requests):
        assert result.cached_tokens.tolist() == cached


def test_on_a_real_trace_it_finds_what_trace_studies_count(shared_data):
    """Caches without end: whole blocks only, and the last token computed, is 0.1 points less."""
    trace = il.Workload.from_trace(shared_data / "traces" / "mooncake_conversation_trace.jsonl")
    quick = il.AffineReplica(prefill_s=(1e-6, 0, 0), decode_s=(1e-9, 0, 0))
    for replicas in (1, 4, 16):
        result = il.simulate(il.Cluster(quick, replicas, prefix_cache=True), trace)
        percent = 100 * result.cached_tokens.sum() / trace.prompt_tokens.sum()
        assert percent == pytest.approx(ROUND_ROBIN[replicas], abs=0.3)


def test_the_stack_decides_unless_the_cluster_does():
    llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
    twice = load((0, 160, 1, range(10)), (9, 160, 1, range(10)))
    found = {}
    for stack in il.Stack.names():
        cluster = il.Cluster(il.Replica(llama, h100, tp=4, stack=stack))
        found[stack] = int(il.simulate(cluster, twice).cached_tokens[1])
    on = dict.fromkeys(("vllm-2025", "trtllm-2025"), 144)
    assert found == {"ideal": 0, "eager-2023": 0} | on
    off = il.Cluster(il.Replica(llama, h100, tp=4, stack="vllm-2025"), prefix_cache=False)
    np.testing.assert_array_equal(il.simulate(off, twice).cached_tokens, [0, 0])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"prefix_cache": "on"}, "prefix_cache='on'"),
        ({"host_cache_tokens": 9}, "host_link=None"),
        ({"host_cache_tokens": -1}, "host_cache_tokens=-1"),
        ({"host_cache_tokens": 9, "prefix_cache": False}, "host_cache_tokens=9"),
    ],
)
def test_wrong_caches_are_refused_by_name(options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        il.Cluster(replica(9), **options)
