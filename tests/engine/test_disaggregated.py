"""Two pools: prefill and decode, and the KV-cache that moves between them."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inference_lab as il
from tests.engine.test_faults import faults
from tests.engine.test_two_engines import COLUMNS, COUNTS, ROUTERS, SAMPLED_S, TICK, both, systems

ENGINES = ["reference", "macro"]

START_S, SHARE = 0.0004087, 0.7186
"""The start and the share of the wire that `il.kv_transfer_s` was fitted with."""

LINK = il.Link(name="1,000 bytes a second of KV-cache", bytes_per_s=1000 / SHARE)
ONE = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.5, 0, 0), kv_bytes_per_token=100)
"""Ten tokens of its KV-cache take a second."""
MOVED_S = 1 + START_S


def pools(first_token="decode", **more):
    system = {"prefill": ONE, "decode": ONE, "link": LINK, "first_token": first_token}
    return il.Disaggregated(**system | more)


def load_of(*requests):
    arrival_s, output_tokens = zip(*requests, strict=True)
    return il.Workload.from_arrays(
        arrival_s=arrival_s, prompt_tokens=[10] * len(requests), output_tokens=output_tokens
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_one_request_takes_its_prefill_its_transfer_and_n_minus_1_steps(engine):
    load = load_of((0.5, 4))
    for first_token, ttft_s, parts in [
        ("decode", 1 + MOVED_S, {"prefill": 1.0, "kv_transfer": MOVED_S}),
        ("prefill", 1.0, {"prefill": 1.0}),
    ]:
        result = il.simulate(pools(first_token), load, engine=engine, spans=True)
        assert result.ttft_s == pytest.approx([ttft_s], abs=1e-12)
        assert result.e2e_s == pytest.approx([1 + MOVED_S + 3 * 0.5], abs=1e-12)
        assert {k: v[0] for k, v in result.ttft_parts.items() if v[0]} == pytest.approx(parts)
        assert (result.prefill_replica[0], result.replica[0]) == (0, 1)
        first_gap_s = 0.5 + (MOVED_S if first_token == "prefill" else 0)
        assert result.itl_s == pytest.approx([first_gap_s, 0.5, 0.5])
        assert list(result.link_bytes) == pytest.approx([1000, 0, 0, 1000])
        rows = [tuple(row)[1:3] for row in result.spans if row["request"] == 0]
        assert rows == [(0, "prefill"), (1, "kv_transfer"), (1, "decode")]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_time_on_the_link_is_that_of_kv_transfer_s(engine):
    llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
    replica, link = il.Replica(llama, h100, tp=4), il.Link.named("RoCE-400G")
    load = il.Workload.from_arrays(arrival_s=[0], prompt_tokens=[2048], output_tokens=[5])
    result = il.simulate(
        il.Disaggregated(prefill=replica, decode=replica, link=link), load, engine=engine
    )
    moved_s = il.kv_transfer_s(2048 * 327_680, link)
    assert result.ttft_parts["kv_transfer"] == pytest.approx([moved_s], rel=1e-12)
    assert result.ttft_s == pytest.approx([replica.prefill_s(2048) + moved_s])
    assert result.tpot_s * 4 == pytest.approx(
        [sum(replica.decode_step_s(1, 2048 + k) for k in range(1, 5))]
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sequence_joins_at_a_boundary_and_transfers_share_a_link(engine):
    """Prefills end at 1 and 2, on different replicas. Two transfers share the link from 1.5 on.

    At a quarter past, the decode replica is idle: both reserve at once. The first has moved 500
    bytes at 1.5, the second begins: both at half the rate until the first ends at 2.5.
    """
    load = load_of((0, 9), (0.5, 9))
    result = il.simulate(pools("prefill", prefills=2), load, engine=engine, spans=True)
    rows = {
        (row["request"], row["part"]): (row["start_s"], row["end_s"])
        for row in result.spans
        if row["request"] >= 0
    }
    s = START_S
    assert rows[0, "kv_transfer"] == pytest.approx((1.0, 2.5 + s))
    assert rows[1, "kv_transfer"] == pytest.approx((1.5, 3.0 + s))
    # The second has its bytes at 3.0 + s, at the end of the first step of the first, and joins.
    assert rows[1, "decode"] == pytest.approx((3.0 + s, 3.0 + s + 8 * 0.5))
    late = il.simulate(pools("prefill", prefills=2), load_of((0, 9), (0.6, 9)), engine=engine)
    # 600 bytes at 1.6, the rest until 2.4; then alone until 3.1, and waits for the step to 3.4.
    assert late.e2e_s == pytest.approx([2.4 + s + 8 * 0.5, 3.4 + s + 8 * 0.5 - 0.6])


@st.composite
def ways(draw, replicas):
    """A link for each replica, or a fabric, with a slow link and a job beside."""
    if draw(st.booleans()):
        rate = draw(st.sampled_from([1e5, 1e6, 1e7]))
        return {"link": il.Link(name="a link", bytes_per_s=rate)}
    fabric = il.LeafSpine(
        hosts=10,
        hosts_per_leaf=draw(st.integers(2, 5)),
        nic_gbit_per_s=draw(st.sampled_from([1e5, 1e6, 1e7])) / 125e6,
        oversubscription=draw(st.sampled_from([1.0, 2.0, 4.0])),
        spray=draw(st.sampled_from(["ecmp", "ideal"])),
    )
    hosts = draw(st.permutations(range(10)))
    place = [[host] for host in hosts[:replicas]]
    if draw(st.booleans()):
        place = [[host % 2] for host in hosts[:replicas]]  # several share a host
    job = il.TrainingJob(hosts=hosts[:4], gradient_bytes=1e5, compute_s=0.25)
    return {"fabric": fabric, "placement": place, "training": draw(st.sampled_from([None, job]))}


@st.composite
def two_pools(draw, tick=TICK, moving=False, some_faults=True):
    """Two pools under a load; no bytes move, or some do."""
    kv_bytes = draw(st.sampled_from([10.0, 1000.0])) if moving else 0.0
    cluster, load = draw(systems(tick))
    given = {f.name: getattr(cluster, f.name) for f in fields(cluster)}
    fleet = given.pop("replica")
    del given["replicas"]
    prefills, decodes = draw(st.integers(1, 3)), draw(st.integers(1, 3))

    def with_cache(costs):
        return il.AffineReplica(
            prefill_s=costs.prefill_constants,
            decode_s=costs.decode_constants,
            kv_capacity_tokens=costs.kv_capacity_tokens,
            max_batch=costs.max_batch,
            kv_bytes_per_token=kv_bytes,
            weight_bytes=1e3 * kv_bytes,
        )

    if given["scheduler"] == "static":
        given["scheduler"] = "continuous"
    given["report_s"] = draw(st.sampled_from([0, 0, 30_000])) * TICK
    routers = [r for r in ROUTERS if r != "power_of_two"]
    given["router"] = draw(st.sampled_from(routers))
    way = {"link": il.Link(name="a link", bytes_per_s=1e6)}
    if moving:
        way = draw(ways(prefills + decodes))
    system = il.Disaggregated(
        **given | way,
        prefill=with_cache(fleet[0]),
        decode=with_cache(fleet[-1]),
        prefills=prefills,
        decodes=decodes,
        decode_router=draw(st.sampled_from(routers)),
        first_token=draw(st.sampled_from(["decode", "prefill"])),
    )
    if some_faults:
        zones = draw(st.integers(1, 3))
        found = draw(faults(prefills + decodes, zones))
        found = [f for f in found if not isinstance(f, il.AddedReplica)]
        found = [f for f in found if getattr(f, "replica", 0) < prefills + decodes]
        if draw(st.booleans()):  # while its prompts are read, wait for room, or are on their way
            at = draw(st.integers(0, 100_000))
            noticed_s = draw(st.sampled_from([0, 1_000, 30_000])) * TICK
            back = draw(st.sampled_from([None, at + 50_000]))
            until_s = None if back is None else back * TICK
            found.append(
                il.LostReplica(replica=0, from_s=at * TICK, until_s=until_s, noticed_s=noticed_s)
            )
        if system.fabric is not None:
            link = draw(st.sampled_from([{"host": 0}, {"host": 3}, {"leaf": 0}]))
            found.append(il.SlowLink(factor=2.0, from_s=0.1, until_s=0.3, **link))
        system = replace(system, zones=zones, faults=found)
    return system, load


def assert_equal(plain, fast):
    for table in ("spans", "itl_s", "samples", "prefill_replica"):
        np.testing.assert_array_equal(getattr(fast, table), getattr(plain, table), table)
    for limit in plain.held_by:
        np.testing.assert_array_equal(fast.held_by[limit], plain.held_by[limit], limit)
    for column in COLUMNS + COUNTS:
        np.testing.assert_array_equal(getattr(fast, column), getattr(plain, column), column)
    for part in plain.ttft_parts:
        np.testing.assert_array_equal(fast.ttft_parts[part], plain.ttft_parts[part], part)


@settings(max_examples=300)
@given(two_pools(some_faults=False), st.integers(0, 100), st.sampled_from(SAMPLED_S))
def test_equal_to_the_last_bit_where_no_bytes_move(system, seed, sample_s):
    assert_equal(*both(system, seed, spans=True, sample_s=sample_s))


@settings(max_examples=200)
@given(two_pools(), st.integers(0, 100), st.sampled_from(SAMPLED_S))
def test_nothing_is_lost_or_finished_twice_with_faults(system, seed, sample_s):
    """Conservation of requests, tokens, blocks and Little's law is checked in each run."""
    assert_equal(*both(system, seed, spans=True, sample_s=sample_s))


@settings(max_examples=200)
@given(two_pools(moving=True), st.integers(0, 100))
def test_equal_to_1e_9_where_bytes_move(system, seed):
    """Bytes on every link are conserved in each run. A transfer begins with 0.4087 ms, which is no
    multiple of the tick, so that its end falls on no other instant."""
    plain, fast = both(system, seed, spans=True)
    np.testing.assert_array_equal(fast.outcome, plain.outcome)
    for column in ("ttft_s", "e2e_s", "max_itl_s", "itl_s", "link_bytes"):
        ours, theirs = getattr(fast, column), getattr(plain, column)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9, err_msg=column)
    for column in (*COUNTS, "replica", "prefill_replica"):
        np.testing.assert_array_equal(getattr(fast, column), getattr(plain, column), column)
    for part in plain.ttft_parts:
        np.testing.assert_allclose(fast.ttft_parts[part], plain.ttft_parts[part], atol=1e-9)
    assert len(fast.spans) == len(plain.spans)
