"""Claims C13, C23, C24 and C25 from runs in which a fabric and requests share one clock."""

from dataclasses import replace

import numpy as np
import pytest

import inference_lab as il
from inference_lab.experiments.one_clock import beside, fabrics_at_work, zone_back

REPLICA = il.Replica(
    il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=8, stack="vllm-2025"
)


def three_zones(ratio):
    return il.LeafSpine(
        hosts=48, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=ratio, spray="ideal"
    )


def test_c24_a_zone_is_lost_without_a_request_but_not_without_headroom():
    """Two thirds of the replicas take all: at 4/s each within the limits, at 7/s far beyond."""
    with_room, without = (zone_back(three_zones(4), REPLICA, rate) for rate in (4, 7))
    assert with_room.lost == without.lost == 0
    assert with_room.moved > 100  # answers that were on their way in the zone, read again
    assert (with_room.p99_ttft_s, with_room.p99_tpot_s) == pytest.approx((0.27, 0.026), rel=0.1)
    assert (without.p99_ttft_s, without.p99_tpot_s) == pytest.approx((0.99, 0.053), rel=0.1)


def test_c23_a_zone_comes_back_as_fast_as_its_uplinks_are():
    """Sixteen hosts load 141 GB each: the NIC at 1:1, a quarter of it at 4:1 (O15, C23)."""
    back_s = [zone_back(three_zones(ratio), REPLICA, 4).back_s for ratio in (1, 2, 4)]
    weights_s = [ratio * REPLICA.weight_bytes / 12.5e9 for ratio in (1, 2, 4)]
    assert weights_s == pytest.approx([11.3, 22.6, 45.2], abs=0.05)
    assert back_s == pytest.approx(weights_s, abs=0.05)  # until the next request comes


def test_c13_a_slow_link_is_felt_by_the_whole_job_and_by_no_chat():
    """One NIC of eight at half speed from 30 s on: 0.875 s of communication become 1.75."""
    fabric = il.LeafSpine(hosts=16, hosts_per_leaf=16, nic_gbit_per_s=400, spray="ideal")
    slow = [il.SlowLink(host=host, factor=2.0, from_s=30) for host in (0, 8)]
    healthy, one, other = (
        beside(fabric, REPLICA, 6, faults) for faults in ([], slow[:1], slow[1:])
    )
    assert healthy.steps_s == pytest.approx(2.875)
    assert one.steps_s[:10] == pytest.approx(2.875) and one.steps_s[11:] == pytest.approx(3.75)
    np.testing.assert_array_equal(other.steps_s, healthy.steps_s)  # a NIC of a host that serves
    assert healthy.p99_ttft_s == one.p99_ttft_s == other.p99_ttft_s


def test_c25_three_fabrics_hand_out_the_same_tokens_and_one_costs_a_tenth_more():
    """They differ in the cold start of the replica that is added; nothing else is on them."""
    training, kv_moves, text = fabrics_at_work(REPLICA, 6)
    tokens = [each.good_tokens_per_s for each in (training, kv_moves, text)]
    assert max(tokens) / min(tokens) < 1.003
    assert training.per_million_tokens / text.per_million_tokens == pytest.approx(1.107, abs=0.004)
    loads_s = [REPLICA.weight_bytes * 8e-9 / gbit for gbit in (3200, 400, 100)]
    found_s = [each.cold_start_s for each in (training, kv_moves, text)]
    assert found_s == pytest.approx(loads_s, abs=0.05)


def test_a_fabric_needs_full_leaves_to_be_zones():
    with pytest.raises(ValueError, match="hosts=40 leaves a leaf half empty: give 48"):
        zone_back(replace(three_zones(4), hosts=40), REPLICA, 4)
