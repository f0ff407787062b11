"""Transports, incast, rails and bills, and closed forms against counting and against flows."""

from itertools import product
from math import inf

import pytest

import inference_lab as il
from inference_lab import theory
from inference_lab.fabric.cost import SERVER, USD, bill, per_million_tokens
from inference_lab.fabric.flows import Flows
from inference_lab.fabric.incast import incast_loses, incast_s
from inference_lab.fabric.rails import spine_bytes
from inference_lab.fabric.transport import Transport, kv_descriptors


def test_o15_congestion_of_an_oversubscribed_leaf():
    four, two = (
        [100 * theory.congestion_probability(16, p, over) for p in (0.1, 0.2, 0.3)]
        for over in (4, 2)
    )
    assert four == pytest.approx([1.7, 20.2, 55.0], abs=0.05)
    assert two == pytest.approx([0.001, 0.148, 2.57], abs=0.006)
    assert theory.congestion_probability(16, 1.0, 1) == 0.0


@pytest.mark.parametrize(("flows", "paths"), [(1, 3), (3, 3), (4, 2), (3, 5)])
def test_collisions_by_counting_all_hashes(flows, paths):
    loads = [
        [hashes.count(p) for p in range(paths)] for hashes in product(range(paths), repeat=flows)
    ]
    n = len(loads)
    assert theory.ecmp_all_apart(flows, paths) == pytest.approx(sum(max(x) <= 1 for x in loads) / n)
    assert theory.ecmp_fullest(flows, paths) == pytest.approx(sum(map(max, loads)) / n)
    used = sum(sum(load > 0 for load in x) for x in loads) / n
    assert theory.ecmp_mean_share(flows, paths) == pytest.approx(used / min(flows, paths))


def test_headroom_for_a_zone():
    assert theory.steady_load(3) * 3 / 2 == pytest.approx(1)
    assert theory.steady_load(4, lost=2, limit=0.8) == pytest.approx(0.4)
    with pytest.raises(ValueError, match="must leave at least one of zones=2"):
        theory.steady_load(2, lost=2)


def test_small_messages_pay_for_latency_and_large_ones_for_rate():
    rdma, tcp = Transport.named("RDMA"), Transport.named("TCP")
    link = il.Link.named("RoCE-400G").bytes_per_s
    cache = 2048 * il.LLM.named("Llama-3.1-70B").kv_bytes_per_token("bf16")
    small = [way.seconds(8e3, link) for way in (rdma, tcp)]
    large = [way.seconds(cache, link) for way in (rdma, tcp)]
    assert small[1] / small[0] == pytest.approx(tcp.start_s() / rdma.start_s(), rel=0.25)
    assert large[1] / large[0] == pytest.approx(400 / 42, rel=1e-3)
    assert tcp.seconds(cache, link, flows=16) == pytest.approx(large[0], rel=1e-3)
    assert rdma.seconds(cache, link, descriptors=20_480) - large[0] == pytest.approx(
        0.0499, rel=1e-3
    )


@pytest.mark.parametrize("name", Transport.names())
def test_a_transport_names_its_source(name):
    assert Transport.named(name).source != Transport(name="own", message_s=0).source


def test_pieces_of_a_cache_of_latents_are_one_a_layer_and_block():
    assert kv_descriptors(il.LLM.named("DeepSeek-V3"), 33) == 61 * 3


def test_incast_without_loss_is_what_the_flows_do():
    port = 12.5e9
    flows = Flows([port] * 33)
    for sender in range(32):
        flows.add(64e3, (1 + sender, 0), now_s=0.0)
    flows.fire(flows.next_s)
    assert flows.next_s == inf
    assert incast_s(32, 64e3, port) == pytest.approx(flows.now_s)


def test_incast_that_overflows_the_buffer_waits_for_the_timeout():
    assert incast_s(100, 64e3, 12.5e9, buffer_bytes=1e6) == pytest.approx(0.2 + 100 * 64e3 / 12.5e9)
    assert incast_s(100, 64e3, 12.5e9, 1e6, least_timeout_s=1e-3) < 0.007
    assert not incast_loses(1, 1e12, buffer_bytes=0)
    assert not incast_loses(100, 1e3, buffer_bytes=100e3)  # messages shorter than a window


def test_c18b_rails_keep_the_ring_off_the_spine():
    without, with_rails = (spine_bytes(64, 140e9, 32, rails) for rails in (False, True))
    assert without == pytest.approx(2 * 63 * 140e9 * 16 / 64)  # 16 leaves, one hop out of each
    assert without / with_rails == 8
    assert spine_bytes(32, 140e9, 32, rails=True) == 0
    assert spine_bytes(64, 1, 32, rails=True, order="interleaved") == 126
    with pytest.raises(ValueError, match="leaf_ports=4 is less than gpus_per_host=8"):
        spine_bytes(64, 1, 4, rails=False)


def test_the_bill_of_a_training_fabric_is_that_of_its_source():
    """128 servers: 48 switches for 1,728,000 and connectors for 2,621,440 of August 2024."""
    fabric = il.LeafSpine(hosts=128, hosts_per_leaf=8, nic_gbit_per_s=3200)
    dollars = USD[SERVER] / 8
    assert bill(fabric).ports * dollars == pytest.approx(1_728_000)
    assert bill(fabric).links * dollars == pytest.approx(2_621_440)


def test_a_single_leaf_needs_no_spine():
    one = il.LeafSpine(hosts=16, hosts_per_leaf=16, nic_gbit_per_s=400)
    two = il.LeafSpine(hosts=32, hosts_per_leaf=16, nic_gbit_per_s=400)
    assert 6 * bill(one).ports == pytest.approx(bill(two).ports)
    assert 4 * bill(one).links == pytest.approx(bill(two).links)
    assert per_million_tokens(2, 100) == pytest.approx(2 * per_million_tokens(1, 100))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: theory.congestion_probability(16, 1.5, 4), "active=1.5 must be from 0 to 1"),
        (
            lambda: theory.ring_over_spine(10, 4, "leaf"),
            "members=10 must fill leaves of per_leaf=4",
        ),
        (lambda: theory.ring_over_spine(8, 4, "best"), "order='best' is not known"),
        (lambda: Transport.named("UDP"), "transport='UDP' is not known"),
        (lambda: Transport.named("TCP").seconds(-1, 1), "message_bytes=-1"),
        (lambda: Transport(name="own", message_s=-1), "message_s=-1"),
        (lambda: Transport.named("TCP").start_s(0), "descriptors=0"),
        (lambda: incast_s(0, 1, 1), "senders=0"),
        (lambda: incast_s(2, 1, 1, buffer_bytes=-1), "buffer_bytes=-1"),
        (lambda: per_million_tokens(1, 0), "tokens_per_s=0"),
    ],
)
def test_wrong_arguments_are_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        wrong()
