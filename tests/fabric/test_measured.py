"""Flows against cross-host timings: a bound that is never broken, as docs/fabric.md says."""

import csv

import pytest

from inference_lab.fabric.flows import Flows
from inference_lab.fabric.transport import Transport
from inference_lab.physics.collectives import ring_s

PORT_BYTES_PER_S = 25e9  # 200 Gb/s


@pytest.fixture
def rows(shared_data):
    def read(name):
        with (shared_data / "measured" / name).open(newline="", encoding="utf-8") as lines:
            return list(csv.DictReader(lines))

    return read


def test_kv_cache_over_eight_ports(rows):
    ratios = []
    for row in rows("kv_transfer_mooncake.csv"):
        flows = Flows([PORT_BYTES_PER_S] * 16)
        for port in range(8):
            flows.add(int(row["kv_bytes_computed"]) / 8, (port, 8 + port), now_s=0.0)
        flows.fire(flows.next_s)
        ratios.append(float(row["transfer_ms"]) / 1e3 / flows.now_s)
    assert ratios == pytest.approx([5.7, 2.4, 1.7, 1.5, 1.3], abs=0.05)


def test_a_descriptor_each_16_tokens_would_be_far_too_slow(rows):
    row = next(r for r in rows("kv_transfer_mooncake.csv") if r["prompt_tokens"] == "2048")
    layers, blocks = 36, 2048 // 16  # Qwen3-8B
    size, link = int(row["kv_bytes_computed"]), 8 * PORT_BYTES_PER_S
    merged, scattered = (
        Transport.named("RDMA").seconds(size, link, descriptors=2 * layers * pieces)
        for pieces in (1, blocks)
    )
    assert merged < float(row["transfer_ms"]) / 1e3 < scattered / 9


def test_all_reduce_over_two_hosts_is_slower_than_a_ring_over_one_port(rows):
    two_hosts = [r for r in rows("allreduce_vidur.csv") if r["num_gpus"] == "16"]
    ratios = {
        int(row["bytes"]): float(row["latency_us"])
        / 1e6
        / ring_s(16, int(row["bytes"]), 0.0, PORT_BYTES_PER_S)
        for row in two_hosts
    }
    assert len(ratios) == 27
    assert min(ratios.values()) > 1.4
    shown = [ratios[2**20 * n] for n in (1, 8, 32, 64)]
    assert shown == pytest.approx([5.9, 3.5, 1.5, 1.4], abs=0.06)
