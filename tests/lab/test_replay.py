"""The log of a replay: what is in the picture is what was simulated."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import numpy as np
import pytest

import inference_lab as il
from inference_lab.lab.focus import partings, worst
from inference_lab.lab.held_up import held_up, sentence
from inference_lab.lab.pinned import Pinned, moved
from inference_lab.lab.replay import COLUMNS, TICK_S, ReplayLog, log_of

LLAMA, H100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
REPLICA = il.Replica(LLAMA, H100, tp=4, stack="vllm-2025")
STACK = {}  # what vllm-2025 does: chunks of 8,192 tokens
CHAT = il.Workload.like("azure-2023-conv", rate_scale=9, requests=600, seed=0)
FIFTH = il.AffineReplica(prefill_s=(0.2, 0, 0), decode_s=(0.03, 0, 0))
SMALL = il.AffineReplica(prefill_s=(0.04, 0, 0), decode_s=(0.03, 0, 0), kv_capacity_tokens=32)


def logged(cluster, load, **options):
    result = il.simulate(cluster, load, spans=True, **options)
    return result, log_of(result, cluster)


def load_of(arrival_s, prompt_tokens, output_tokens):
    return il.Workload.from_arrays(
        arrival_s=arrival_s, prompt_tokens=prompt_tokens, output_tokens=output_tokens
    )


def plain(ttft_s):
    """A log of which only TTFT matters."""
    requests = np.zeros((len(ttft_s), len(COLUMNS)), np.int32)
    ttft = [-1 if np.isnan(one) else round(one / TICK_S) for one in ttft_s]
    requests[:, COLUMNS.index("ttft")] = ttft
    return ReplayLog(requests, *(np.zeros((0, 3), np.int32) for _ in range(4)))


@pytest.mark.parametrize("scheduler", [STACK, {"scheduler": "continuous"}], ids=str)
def test_the_log_keeps_the_times_of_the_run(scheduler):
    cluster = il.Cluster(REPLICA, replicas=8, network_s=0.01, **scheduler)
    result, log = logged(cluster, CHAT)
    half = TICK_S / 2 * 1.001
    start_s = result.arrival_s + 0.005 + result.ttft_parts["queue"]
    beside_s = 0.005 + REPLICA.frontend_s  # between the engine and the client
    wanted = {
        "arrival": result.arrival_s,
        "ttft": result.ttft_s,
        "queued": result.arrival_s + 0.005,
        "read_from": start_s,
        "read_until": start_s + result.ttft_parts["prefill"],
        "finish": result.arrival_s + result.e2e_s - beside_s,
    }
    for name, seconds in wanted.items():
        assert np.abs(log[name] * TICK_S - seconds).max() <= half, name
    assert (log["prompt_tokens"] == CHAT.prompt_tokens).all()
    assert (log["replica"] == result.replica).all()


def test_readings_of_a_replica_cover_its_prompts_and_nothing_else():
    _, log = logged(il.Cluster(REPLICA, replicas=8), CHAT)

    def covered(rows):
        ends = 1 + max(int(rows[:, 1].max()), int(log["read_until"].max()))
        busy = np.zeros(ends, bool)
        for start, end in rows:
            busy[start:end] = True
        return busy

    for replica in range(8):
        mine = log["replica"] == replica
        prompts = np.stack([log["read_from"], log["read_until"]], axis=1)[mine]
        readings = log.readings[log.readings[:, 0] == replica][:, 1:]
        assert (covered(prompts) == covered(readings)).all()
        assert (np.diff(readings.ravel()) > 0).all(), "neighbours are merged"


def test_only_long_iterations_are_pauses():
    load = load_of([0, 1, 1.01], [100, 100, 100], [40, 40, 40])
    _, log = logged(il.Cluster(FIFTH), load)
    assert log.pauses.tolist() == [[0, 0, 2000], [0, 10100, 14100]]
    quick = il.AffineReplica(prefill_s=(0.09, 0, 0), decode_s=(0.03, 0, 0))
    _, log = logged(il.Cluster(quick), load)
    assert log.pauses.tolist() == []


def test_a_prompt_in_many_short_chunks_is_no_pause():
    slow = il.AffineReplica(prefill_s=(0, 1e-4, 0), decode_s=(0.01, 0, 0))
    load = load_of([0], [8000], [2])  # 800 ms: in 16 iterations of 50 ms, or in one
    _, log = logged(il.Cluster(slow, scheduler="chunked", token_budget=500), load)
    assert log.pauses.tolist() == []
    _, log = logged(il.Cluster(slow, scheduler="chunked", token_budget=8000), load)
    assert log.pauses.tolist() == [[0, 0, 8000]]


def test_the_packed_log_is_small_and_says_the_same():
    load = il.Workload.like("azure-2023-conv", rate_scale=9, requests=10_000, seed=0)
    _, log = logged(il.Cluster(REPLICA, replicas=8), load)
    packed = log.packed()
    assert len(json.dumps(packed)) <= 1_000_000
    for name in ("requests", "readings", "pauses", "away"):
        table = getattr(log, name)
        held = np.frombuffer(base64.b64decode(packed[name]), "<i4").reshape(table.shape[::-1])
        assert (table == held.T).all(), name
    assert packed["parts"] == {"frontend": round(REPLICA.frontend_s / TICK_S)}
    assert packed["more"] == {} and len(log.earlier) == 0


def test_a_request_that_is_not_served_has_no_times():
    load = load_of([0, 0], [8, 400], [2, 2])
    _, log = logged(il.Cluster(SMALL), load)
    assert log["ttft"].tolist()[1] == -1 and log["read_from"].tolist()[1] == -1
    assert worst(log, 0.01) == 0
    assert sentence(log, 1) == "Request 1 is not served."


def test_a_pre_empted_answer_is_away_until_it_is_back():
    pair = il.AffineReplica(prefill_s=(0.04, 0, 0), decode_s=(0.03, 0, 0), kv_capacity_tokens=64)
    load = load_of([0, 0], [20, 20], [30, 30])
    result, log = logged(il.Cluster(pair), load)
    assert len(log.away) == result.preemptions > 0
    for request, left, back in log.away:
        assert log["read_until"][request] <= left < back <= log["finish"][request]
    assert log["read_until"].max() * TICK_S == pytest.approx(np.nanmax(result.ttft_s), abs=TICK_S)


# Replicas that are lost, prompts that are cached


def test_a_request_that_is_sent_again_has_a_row_for_each_visit():
    one = il.AffineReplica(prefill_s=(0, 0.001, 0), decode_s=(0.03, 0, 0))
    lost = il.LostReplica(replica=1, from_s=0.35, noticed_s=0.5)
    load = load_of([0, 0, 0.1, 0.1], [100, 300, 100, 100], [10, 10, 10, 10])
    _, log = logged(il.Cluster(one, replicas=2, faults=[lost]), load)
    assert log["replica"].tolist() == [0, 0, 0, 0]
    # Request 1 was writing its answer, 3 waited for it; both hear of the loss at 0.85 s.
    assert log.earlier.tolist() == [
        [1, 1, 0, 0, 3000, 3500, 8500],
        [3, 1, 1000, -1, -1, -1, 8500],
    ]
    assert log["queued"].tolist() == [0, 8500, 1000, 8500]
    assert log.more["retries"].tolist() == [0, 1, 0, 1]
    summed = log.parts["queue"] + log.parts["prefill"]
    assert summed.tolist() == log["ttft"].tolist(), "not only those of the last visit"
    assert sentence(log, 1).startswith(
        "Sent again once after its first token: replica 1 was lost. On replica 0 it is read at once"
    )
    assert sentence(log, 3) == (
        "Sent again once: replica 1 was lost. On replica 0 it waits 301 ms behind request 1 "
        "(300 tokens), then is read in 100 ms."
    )


def test_who_leaves_a_queue_unread_is_there_until_then():
    cluster = il.Cluster(FIFTH, faults=[il.LostReplica(replica=0, from_s=0.05, noticed_s=1)])
    result, log = logged(cluster, load_of([0.1], [8], [2]))
    assert result.outcome.tolist() == ["no_replica"]
    assert log.earlier.tolist() == [[0, 0, 1000, -1, -1, -1, 10500]]
    assert log["queued"].tolist() == log["read_from"].tolist() == [-1]


def test_what_is_cached_is_said():
    one = il.AffineReplica(prefill_s=(0, 0.001, 0), decode_s=(0.03, 0, 0))
    load = load_of([0, 1], [320, 320], [2, 2])
    load = replace(load, prefix_blocks=[list(range(20))] * 2, prefix_block_tokens=16)
    _, log = logged(il.Cluster(one, prefix_cache=True), load)
    assert log.more["cached_tokens"].tolist() == [0, 304]
    assert sentence(log, 1) == (
        "On replica 0 it is read at once, in 16 ms (304 of its 320 tokens are cached)."
    )


def test_a_cache_that_comes_from_the_host_is_a_part_of_its_own():
    """Three prompts of 320 tokens take turns in a memory of 400."""
    one = il.AffineReplica(
        prefill_s=(0, 0.001, 0),
        decode_s=(0.03, 0, 0),
        kv_capacity_tokens=400,
        kv_bytes_per_token=1e6,
    )
    link = il.Link(name="host", bytes_per_s=1e10)
    load = load_of([0, 1, 2], [320] * 3, [2] * 3)
    blocks = [list(range(20)), list(range(100, 120)), list(range(20))]
    load = replace(load, prefix_blocks=blocks, prefix_block_tokens=16)
    cluster = il.Cluster(one, prefix_cache=True, host_cache_tokens=4000, host_link=link)
    result, log = logged(cluster, load)
    fetch_s = result.ttft_parts["kv_transfer"][2]
    assert fetch_s > 0.005
    found = held_up(log, 2)
    assert (found.wait, found.fetch) == (0, round(fetch_s / TICK_S))
    assert f"it gets its KV-cache from the host in {fetch_s * 1e3:.0f} ms, then is" in sentence(
        log, 2
    )


def test_a_run_without_spans_is_refused():
    cluster = il.Cluster(FIFTH)
    with pytest.raises(ValueError, match="spans=True"):
        log_of(il.simulate(cluster, load_of([0], [1], [1])), cluster)


def test_the_worst_request_loses_most_against_the_other_policy():
    mine, other = plain([0.2, 0.9, 1.0, np.nan]), plain([0.2, 0.1, 0.8, 0.1])
    assert worst(mine, 0.45) == 2
    assert worst(mine, 0.45, other) == 1
    assert worst(mine, 2.0) is None


def test_alone_the_worst_request_is_the_one_that_waits_longest_behind_others():
    load = load_of([0, 0.6, 0.7], [30, 10, 10], [1, 1, 1])
    slow = il.AffineReplica(prefill_s=(0, 0.05, 0), decode_s=(0.01, 0, 0))
    _, log = logged(il.Cluster(slow), load)
    assert np.argmax(log.ttft_s) == 2 and np.argmax(log["read_until"] - log["read_from"]) == 0
    assert worst(log, 0.45) == 2
    _, log = logged(il.Cluster(slow), load_of([0, 1.4, 9], [30, 10, 40], [1, 1, 1]))
    assert np.argmax(log.ttft_s) == 2, "the longest to read"
    assert worst(log, 0.45) == 1


def test_policies_part_where_a_difference_is_seen():
    mine = plain([0.2, np.nan, 0.30, 0.50, 0.9])
    assert partings(mine, plain([0.2, 0.1, 0.35, 0.1, 0.7])) == [3, 4]
    assert partings(mine, mine) == []


# Who held it up


def test_a_prompt_waits_behind_the_one_that_is_read():
    _, log = logged(il.Cluster(FIFTH), load_of([0, 0.1], [11_314, 947], [1, 1]))
    found = held_up(log, 1)
    assert (found.wait, found.read, found.before) == (1000, 2000, [0])
    assert sentence(log, 0) == "On replica 0 it is read at once, in 200 ms."
    assert sentence(log, 1) == (
        "On replica 0 it waits 100 ms behind request 0 (11,314 tokens), then is read in 200 ms."
    )


def test_a_prompt_waits_for_room_until_an_answer_ends():
    _, log = logged(il.Cluster(SMALL), load_of([0, 0.05], [16, 16], [10, 2]))
    assert held_up(log, 1).freed_by == 0
    assert "until the answer of request 0 ends and makes room" in sentence(log, 1)


def test_a_prompt_waits_for_the_next_token_of_the_answers():
    _, log = logged(il.Cluster(FIFTH), load_of([0, 0.21], [16, 16], [10, 2]))
    assert sentence(log, 1) == (
        "On replica 0 it waits 20 ms for the next token of 1 answer, then is read in 200 ms."
    )


# A request sent elsewhere


@pytest.mark.parametrize("router", ["random", "round_robin", "power_of_two"])
def test_a_pinned_request_leaves_all_other_choices_of_a_blind_router(router):
    places = {5: 3, 17: 0}
    before, after = (
        il.simulate(il.Cluster(FIFTH, replicas=4, router=policy), CHAT, seed=1)
        for policy in (router, Pinned(router, places))
    )
    assert [after.replica[i] for i in places] == list(places.values())
    if router != "power_of_two":  # which looks, and sees another cluster from then on
        others = np.setdiff1d(np.arange(len(CHAT)), list(places))
        assert (before.replica[others] == after.replica[others]).all()


def test_what_moved_is_told_in_order_of_size_and_in_both_directions():
    before = np.array([0.5, 0.987, 0.10, 0.20, 0.3, 0.40])
    after = np.array([0.5, 0.108, 0.25, 0.12, 0.3, 0.405])
    assert moved(before, after, pinned=1) == (
        "Request 1 gets its first token after 108 ms, not 987 ms. "
        "2 other first tokens move, most of all request 2, 150 ms later "
        "and request 3, 80 ms sooner."
    )
    assert moved(before, before, pinned=1).startswith(
        "Request 1 gets its first token after 987 ms, as before. No other"
    )
