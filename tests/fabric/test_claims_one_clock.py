"""Claims C13, C23, C24 and C25 from runs in which a fabric and requests share one clock."""

import numpy as np
import pytest

import inference_lab as il
from inference_lab.experiments.fabric_bill import offers
from inference_lab.experiments.zones import zone_lost
from inference_lab.fabric.cost import per_million_tokens

REPLICA = il.Replica(
    il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=8, stack="vllm-2025"
)
EVENT_S, LASTS_S = 30.0, 90.0


def chat(rate_per_s):
    lengths = il.Workload.like("azure-2023-conv", requests=int(rate_per_s * LASTS_S) + 1)
    return il.Workload.poisson(
        rate_per_s, len(lengths), lengths.prompt_tokens, lengths.output_tokens
    )


def test_c24_a_zone_is_lost_without_a_request_but_not_without_headroom():
    """Six of nine replicas take all: at 4/s each within the limits, at 7/s far beyond."""
    with_room, without = (zone_lost(REPLICA, 9 * rate) for rate in (4, 7))
    assert with_room.lost == without.lost == 0
    assert with_room.moved > 20  # answers that were on their way in the zone, read again
    assert with_room.is_kept and not without.is_kept
    assert without.p99_ttft_s > 2 * with_room.p99_ttft_s


def test_c23_a_zone_comes_back_as_fast_as_its_uplinks_are():
    """All hosts of a leaf load 141 GB each: the NIC at 1:1, a quarter of it at 4:1 (O15, C23)."""
    cold_s = [zone_lost(REPLICA, 36, ratio=ratio).cold_start_s for ratio in (1, 2, 4)]
    weights_s = [ratio * REPLICA.weight_bytes / 12.5e9 for ratio in (1, 2, 4)]
    assert weights_s == pytest.approx([11.3, 22.6, 45.2], abs=0.05)
    assert cold_s == pytest.approx(weights_s, abs=0.1)  # until the next request comes


def test_a_zone_that_is_still_cold_at_the_end_is_refused():
    with pytest.raises(ValueError, match="ratio=20 keeps the zone cold to the end"):
        zone_lost(REPLICA, 9, ratio=20)


def test_c13_a_slow_link_is_felt_by_the_whole_job_and_by_no_chat():
    """One NIC of eight at half speed from 30 s on: 0.875 s of communication become 1.75."""

    def run(*slow_hosts):  # hosts 0 to 7 train, 8 to 15 serve
        cluster = il.Cluster(
            REPLICA,
            replicas=8,
            router="least_queued_tokens",
            fabric=il.LeafSpine(hosts=16, hosts_per_leaf=16, nic_gbit_per_s=400, spray="ideal"),
            placement=[[8 + i] for i in range(8)],
            training=il.TrainingJob(hosts=range(8), gradient_bytes=25e9, compute_s=2.0),
            faults=[il.SlowLink(host=host, factor=2.0, from_s=EVENT_S) for host in slow_hosts],
        )
        return il.simulate(cluster, chat(48))

    healthy, one, other = run(), run(0), run(8)
    assert healthy.training_steps_s == pytest.approx(2.875)
    assert one.training_steps_s[:10] == pytest.approx(2.875)
    assert one.training_steps_s[11:] == pytest.approx(3.75)
    np.testing.assert_array_equal(other.training_steps_s, healthy.training_steps_s)
    for each in (one, other):
        np.testing.assert_array_equal(each.ttft_s, healthy.ttft_s)


def test_c25_three_fabrics_hand_out_the_same_tokens_and_one_costs_a_tenth_more():
    """They differ in the cold start of a replica that is added; nothing else is on them."""
    hosts, load = 32, chat(6 * 32)
    tokens_per_s, costs, loads_s = [], [], []
    for offer in offers(hosts):
        cluster = il.Cluster(
            REPLICA,
            replicas=hosts - 1,
            router="least_queued_tokens",
            faults=[il.AddedReplica(at_s=EVENT_S)],
            fabric=offer.fabric,
        )
        result = il.simulate(cluster, load)
        good = (result.ttft_s <= 0.45) & ~(result.tpot_s > 0.04)
        tokens_per_s.append(result.output_tokens[good].sum() / result.duration_s)
        costs.append(per_million_tokens(offer.bill.total, tokens_per_s[-1]))
        loads_s.append(load.arrival_s[result.replica == hosts - 1].min() - EVENT_S)
    assert max(tokens_per_s) / min(tokens_per_s) < 1.003
    assert costs[0] / costs[2] == pytest.approx(1.107, abs=0.004)
    expected_s = [REPLICA.weight_bytes * 8e-9 / gbit for gbit in (3200, 400, 100)]
    assert loads_s == pytest.approx(expected_s, abs=0.05)
