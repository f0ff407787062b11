"""The figures of lesson 01, from the functions that the lesson itself calls."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import inference_lab as il
from inference_lab.experiments import conversations as talk
from inference_lab.experiments import routers
from inference_lab.experiments.routers import behind, one_at_a_time
from inference_lab.lab.claims import caches, routing, workload
from inference_lab.lab.claims.routing import router_balances
from inference_lab.lab.claims.workload import serves_enough_users
from inference_lab.lab.pinned import Pinned
from inference_lab.lab.views import replay

LLAMA = il.LLM.named("Llama-3.1-70B")
H100 = il.GPU.named("H100-SXM5-80GB")
REPLICA = il.Replica(LLAMA, H100, tp=4, stack="vllm-2025")
CLUSTER = il.Cluster(REPLICA, replicas=8, token_budget=4096)
CHAT = il.Workload.like("azure-2023-conv", rate_scale=8, requests=2_000, seed=0)
BLIND, SEEING = "round_robin", "least_queued_tokens"
SOURCE = Path(__file__).parents[2] / "solutions" / "01_what_an_inference_workload_looks_like.py"


@pytest.fixture(scope="module")
def prose():
    return " ".join(SOURCE.read_text(encoding="utf-8").replace("\n# ", " ").split())


def users(tp, precision="bf16"):
    one = replace(REPLICA, tp=tp, precision=precision)
    return one.kv_capacity_tokens // (2048 + 256)


def test_users_that_fit_on_2_4_and_8_gpus(prose):
    fit = [users(tp) for tp in (2, 4, 8)]
    assert fit == [2, 192, 571]
    assert "2, 4 and 8 H100s hold 2, 192 and 571 users" in prose
    assert f"{LLAMA.weight_bytes('bf16') / 1e9:.0f} GB of weights nearly fill two GPUs" in prose


def test_the_ticket_names_the_rate_the_busy_share_and_the_tail(prose):
    span_s = float(np.ptp(CHAT.arrival_s))
    assert f"sends {len(CHAT) / span_s:.0f} requests a second" in prose
    work_s = sum(REPLICA.prefill_s(int(n)) for n in CHAT.prompt_tokens)
    assert f"the replicas spend {100 * work_s / 8 / span_s:.0f} % of their time on prompts" in prose
    found = behind(CLUSTER, CHAT, [BLIND, "least_outstanding"])
    assert all(one.p99_ttft_s == pytest.approx(0.6, abs=0.02) for one in found.values())


def test_least_outstanding_is_no_better_than_taking_turns_over_draws():
    ratios = []
    for seed in range(8):
        load = il.Workload.like("azure-2023-conv", rate_scale=8, requests=2_000, seed=seed)
        found = behind(CLUSTER, load, [BLIND, "least_outstanding"], seed=seed)
        ratios.append(found["least_outstanding"].p99_ttft_s / found[BLIND].p99_ttft_s)
    assert 0.85 < min(ratios) < 1 < max(ratios) < 1.15


def test_request_716_waits_for_one_long_prompt_in_its_lane_alone(prose):
    assert (CHAT.prompt_tokens[716], CHAT.prompt_tokens[708]) == (947, 11_314)
    took_ms = []
    for lane in range(8):
        moved = replace(CLUSTER, router=Pinned(BLIND, {716: lane}))
        took_ms.append(round(1e3 * il.simulate(moved, CHAT, seed=0).ttft_s[716]))
    assert f"its first token took {took_ms[716 % 8]:,} ms" in prose
    quick = sorted(took_ms)[:6]
    assert f"in most it takes {quick[0]} to {quick[-1]} ms" in prose
    picture = replay(CLUSTER, CHAT, routers=[BLIND], request=716).picture
    assert picture["focus"] == 716
    assert "behind request 708 (11,314 tokens)" in picture["reading"]


def test_a_picture_cannot_be_about_a_request_that_gets_no_token():
    small = il.Cluster(REPLICA, 1)
    load = il.Workload.from_arrays(
        arrival_s=[0, 1], prompt_tokens=[100, 10**7], output_tokens=[2, 2]
    )
    with pytest.raises(ValueError, match="request=1: it gets no token"):
        replay(small, load, routers=[BLIND], request=1)
    with pytest.raises(ValueError, match="request=2"):
        replay(small, load, routers=[BLIND], request=2)


def test_request_1700_waits_for_two_long_prompts_where_it_is_sent(prose):
    sent = il.simulate(replace(CLUSTER, router="least_outstanding"), CHAT, seed=0)
    turns = il.simulate(replace(CLUSTER, router=BLIND), CHAT, seed=0)
    assert CHAT.prompt_tokens[1700] == 181
    assert f"10,639 tokens together: {1e3 * sent.ttft_s[1700]:.0f} ms" in prose
    assert turns.ttft_s[1700] < 0.07


def test_c04_verdicts_of_the_lesson():
    said = {p: serves_enough_users({n: users(n, p) for n in (2, 4)}, 32) for p in ("bf16", "fp8")}
    assert said["bf16"].verdict == "holds if there are at least 4 GPUs"
    assert said["fp8"].verdict == "holds"
    assert serves_enough_users({1: 0, 2: 3}, 32).verdict == "does not hold"
    for wrong in ({}, {4: 1, 2: 3}):
        with pytest.raises(ValueError, match="users"):
            serves_enough_users(wrong, 32)


def test_c06_where_servers_take_one_at_a_time_every_router_that_looks_balances():
    times = {name: one_at_a_time(name) for name in (BLIND, "power_of_two", "least_outstanding")}
    assert router_balances(times, BLIND, "services").verdict == "holds"
    exact = {BLIND: 5.78, "power_of_two": 3.09, "least_outstanding": 2.134}
    assert times == pytest.approx(exact, rel=0.12)


def test_c06_in_a_chat_only_the_router_that_counts_prompt_tokens_balances():
    names = (BLIND, "power_of_two", "least_outstanding", SEEING)
    found = behind(CLUSTER, CHAT, names)
    waits = {name: one.p99_ttft_s for name, one in found.items()}
    assert router_balances(waits, BLIND, "s").verdict == f"holds if the router is {SEEING}"
    assert found[SEEING].late * 5 < found[BLIND].late
    assert found[SEEING].p99_tpot_s < found[BLIND].p99_tpot_s


def test_c06_verdict_follows_its_input():
    assert router_balances({"turns": 1.0, "A": 0.95}, "turns", "s").verdict == "does not hold"
    for wrong in ({"A": 1.0, "B": 2.0}, {"turns": 1.0}):
        with pytest.raises(ValueError, match="turns"):
            router_balances(wrong, "turns", "s")


@pytest.mark.parametrize("load", [0, 1, -0.1])
def test_a_load_outside_0_to_1_is_refused(load):
    with pytest.raises(ValueError, match="load="):
        one_at_a_time(BLIND, load)


def test_c02_a_chat_is_small_and_asynchronous_documents_are_not_small(prose):
    p99_bytes = 4 * np.percentile(CHAT.prompt_tokens, 99)
    assert workload.requests_are_small(p99_bytes, 64e3).verdict == "holds"
    assert workload.requests_are_small(4 * 85_400, 64e3).verdict == "does not hold"
    each_second = np.bincount(CHAT.arrival_s.astype(int))[1:-1]
    dispersion = each_second.var() / each_second.mean()
    assert workload.arrivals_are_asynchronous(dispersion, 2).verdict == "holds"
    together = np.repeat([8_000, 0], 50)  # a collective: all at once, every other second
    assert (
        workload.arrivals_are_asynchronous(together.var() / together.mean(), 2).verdict
        == "does not hold"
    )


def test_c02b_each_step_has_160_all_reduces_inside_the_replica():
    assert 2 * LLAMA.layers == 160
    share = REPLICA.all_reduces_s(64) / REPLICA.decode_step_s(64, 64 * 2048)
    assert 0.02 < share < 0.3
    assert workload.no_collectives(160, share).verdict == "does not hold"
    assert replace(REPLICA, llm=il.LLM.named("Llama-3.1-8B"), tp=1).all_reduces_s(64) == 0
    assert workload.no_collectives(0, 0.0).verdict == "holds"


def test_c03_the_parts_of_each_request_sum_to_its_whole_time():
    run = il.simulate(CLUSTER, CHAT, seed=0)
    first_s = sum(run.ttft_parts.values())
    later_s = np.nan_to_num(run.tpot_s) * (run.output_tokens - 1)
    error_s = np.abs(first_s + later_s - run.e2e_s).max()
    assert workload.parts_sum_to_the_whole(error_s, len(CHAT)).verdict == "holds"
    less_s = np.abs(first_s - run.ttft_parts["queue"] + later_s - run.e2e_s).max()
    assert workload.parts_sum_to_the_whole(less_s, len(CHAT)).verdict == "does not hold"


@pytest.mark.parametrize("router", [BLIND, SEEING])
def test_c05_a_large_cluster_is_as_good_as_a_small_one(router):
    p99_s = {}
    for n, requests in ((8, 2_000), (200, 4_000)):
        cluster = replace(CLUSTER, replicas=n)
        p99_s[n] = behind(cluster, routers.chat(n, requests), [router])[router].p99_ttft_s
    assert routing.replicas_scale(p99_s).verdict == "holds"


def test_c05_economy_of_scale_where_servers_take_one_at_a_time():
    few, many = (one_at_a_time("least_outstanding", replicas=n) for n in (2, 64))
    assert many < 1.2 < 4 < few


def test_c05_verdict_follows_its_input():
    assert routing.replicas_scale({8: 0.3, 1000: 0.4}).verdict == "does not hold"
    said = routing.replicas_scale({8: 0.3, 64: 0.32, 1000: 0.4})
    assert said.verdict == "holds if there are 8, 64 replicas"
    for wrong in ({8: 0.3}, {64: 0.3, 8: 0.3}):
        with pytest.raises(ValueError, match="p99_s"):
            routing.replicas_scale(wrong)


def test_c05b_the_router_couples_replicas_that_share_nothing():
    assert CHAT.prompt_tokens[708] == CHAT.prompt_tokens.max() == 11_314
    moved = {name: routers.moved_elsewhere(CLUSTER, CHAT, name, 708) for name in (BLIND, SEEING)}
    assert moved[BLIND] == 0
    assert moved[SEEING] > 200
    said = {name: routing.replicas_are_independent(n, len(CHAT)) for name, n in moved.items()}
    assert (said[BLIND].verdict, said[SEEING].verdict) == ("holds", "does not hold")


@pytest.fixture(scope="module")
def talks():
    return talk.conversations(users=300, rate_per_s=6)


def test_conversations_repeat_what_was_said(talks):
    mine = [i for i, who in enumerate(talks.session) if who == 7]
    assert len(mine) == 6
    for earlier, later in pairwise(mine):
        full = int(talks.prompt_tokens[earlier]) // talk.BLOCK_TOKENS
        assert talks.prefix_blocks[later][:full] == talks.prefix_blocks[earlier][:full]
        grown = talks.prompt_tokens[later] - talks.prompt_tokens[earlier]
        assert grown > talks.output_tokens[earlier]  # the answer, and a new question
    with pytest.raises(ValueError, match="system_tokens=100"):
        talk.conversations(system_tokens=100)


def test_taking_turns_loses_hits_with_every_replica_and_affinity_none(talks):
    turns = [talk.hit_share(talks, n, "round_robin") for n in (1, 2, 4, 8, 16)]
    assert all(more > less + 0.03 for more, less in pairwise(turns))
    assert turns[-1] < 0.55 * turns[0]
    assert talk.hit_share(talks, 16, "session_affinity") == pytest.approx(turns[0], abs=0.01)


def test_c07_running_state_fits_the_gpus_and_kept_prompts_pay(talks):
    most, room = talk.most_held_tokens(CLUSTER, CHAT), REPLICA.kv_capacity_tokens
    assert caches.decode_needs_storage(most, room).verdict == "does not hold"
    assert caches.decode_needs_storage(room + 1, room).verdict == "holds"
    (without,) = talk.cached(CLUSTER, talks, [SEEING], caches=False)
    (kept,) = talk.cached(CLUSTER, talks, ["session_affinity"])
    assert without.hit_share == 0 and kept.hit_share > 0.75
    times = without.mean_ttft_s, kept.mean_ttft_s
    assert caches.reuse_is_worth_it(*times, kept.hit_share).verdict == "holds"
    assert caches.reuse_is_worth_it(*times[::-1], kept.hit_share).verdict == "does not hold"


def test_the_longest_prefix_makes_a_hot_spot_and_a_guard_mends_it():
    for seed in range(3):
        load = talk.conversations(users=300, rate_per_s=6, seed=seed)
        naive, guarded = talk.cached(
            CLUSTER, load, ["longest_prefix", il.routers.GuardedPrefix(1.5)]
        )
        assert naive.busiest_share > 0.95
        assert guarded.busiest_share < 2 / 8
        assert guarded.hit_share > naive.hit_share - 0.05
        assert guarded.p99_ttft_s < naive.p99_ttft_s / 10


def test_c08_retrieval_costs_more_than_the_whole_network_share_of_the_text():
    hop = il.Rag(embed_s=0.050, search_s=(0.020, 0.050), context_tokens=2_000)
    plain = replace(CLUSTER, router=SEEING)
    half = il.Workload.like("azure-2023-conv", rate_scale=4, requests=2_000, seed=0)
    runs = [il.simulate(one, half, seed=0) for one in (plain, replace(plain, rag=hop))]
    before, after = ({part: s.mean() for part, s in run.ttft_parts.items()} for run in runs)
    added = {part: after[part] - before[part] for part in before}
    assert added["rag"] == pytest.approx(0.085, abs=0.001)
    reading_s = added["queue"] + added["prefill"]
    assert caches.retrieval_is_small(added["rag"], reading_s, 0.010).verdict == "does not hold"
    assert caches.retrieval_is_small(0.002, 0.003, 0.010).verdict == "holds"
    assert reading_s > added["rag"]
    full = il.simulate(replace(plain, rag=hop), CHAT, seed=0)
    assert full.ttft_parts["queue"].mean() > 1


def test_no_way_to_split_16_gpus_is_best_at_every_load():
    best = {}
    for scale in (2, 12):
        load = il.Workload.like("azure-2023-conv", rate_scale=scale, requests=2_000, seed=0)
        p99_s = {}
        for tp in (2, 4, 8):
            one = replace(REPLICA, tp=tp, precision="fp8")
            group = il.Cluster(one, 16 // tp, router=SEEING, token_budget=4096)
            p99_s[tp] = np.percentile(il.simulate(group, load, seed=0).ttft_s, 99)
        best[scale] = min(p99_s, key=p99_s.get)
    assert best == {2: 8, 12: 2}


def test_the_view_stands_at_request_1700_and_most_other_lanes_free_it(prose):
    view = replay(CLUSTER, CHAT, routers=("least_outstanding", BLIND))
    assert view.focus == 1700
    sent = il.simulate(replace(CLUSTER, router="least_outstanding"), CHAT, seed=0)
    waits_s = []
    for lane in set(range(8)) - {int(sent.replica[1700])}:
        router = Pinned("least_outstanding", {1700: lane})
        moved = il.simulate(replace(CLUSTER, router=router), CHAT, seed=0)
        waits_s.append(float(moved.ttft_s[1700]))
    assert sent.ttft_s[1700] > 0.7
    waits_s.sort()
    most = f"{1e3 * waits_s[0]:.0f} to {1e3 * waits_s[4]:.0f} ms"  # five of seven
    assert f"In most other lanes its first token takes {most}" in prose
