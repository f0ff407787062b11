"""Claims C35, C36, C37: where the network is, and when a user waits for it."""

import matplotlib.pyplot as plt
import pytest

import inference_lab as il
from inference_lab.experiments import network
from inference_lab.experiments.network import Situation
from inference_lab.lab.claims.network import network_dominates_only_if_kv_moves
from inference_lab.lab.plots import network_shares

LLAMA = il.LLM.named("Llama-3.1-70B")
REPLICA = il.Replica(LLAMA, il.GPU.named("H100-SXM5-80GB"), tp=4, stack="vllm-2025")
GRAPH, EAGER, HOSTS = network.ALL_REDUCES


def all_reduces_ms(tokens, gpus, where):
    return 1e3 * network.all_reduces_s(LLAMA, tokens, gpus, where)


def test_c35_a_prompt_of_512_tokens_is_in_the_band_and_one_of_2048_far_above():
    assert all_reduces_ms(512, 4, GRAPH) == pytest.approx(8.6, rel=0.1)
    assert 27 * 0.9 <= all_reduces_ms(2048, 4, GRAPH) <= 31 * 1.1


def test_c36_graph_below_eager_below_two_hosts():
    assert 0.8 * 0.9 <= all_reduces_ms(1, 4, GRAPH) <= all_reduces_ms(32, 4, GRAPH) <= 2.0
    assert 3.4 * 0.9 <= all_reduces_ms(1, 4, EAGER) <= all_reduces_ms(64, 4, EAGER) <= 6.0
    assert 11 <= all_reduces_ms(1, 16, HOSTS) <= all_reduces_ms(32, 16, HOSTS) <= 71


def test_streaming_shifts_every_token_and_stretches_no_gap():
    load = il.Workload.poisson(2, 200, prompt_tokens=(100, 900), output_tokens=(2, 90))
    near, far = (
        il.simulate(il.Cluster(REPLICA, network_s=network_s), load) for network_s in (0, 0.05)
    )
    # The stream to the user adds half of it to each token; arrivals move by the other half.
    assert far.tpot_s == pytest.approx(near.tpot_s, abs=1e-9)
    assert far.ttft_s == pytest.approx(near.ttft_s + 0.05, abs=1e-9)


def test_c37_misses_tensor_parallelism_across_hosts_and_cold_starts():
    seen = {each.name: each for each in network.situations(REPLICA)}
    said = network_dominates_only_if_kv_moves(list(seen.values()))
    assert said.verdict == "does not hold"
    assert "as measured" in said.because and "cold start" in said.because
    assert "8 x 400" not in said.because
    alone_s = seen["no KV-cache moves (NVLink, 1 ms round trip)"].network_s
    assert seen["cold start, 100 Gb/s"].network_s - alone_s == pytest.approx(11.3, 0.01)
    moved_s = seen["KV-cache moves, 100 Gb/s"].network_s - alone_s
    assert moved_s == pytest.approx(0.0537, abs=5e-5)


def test_c37_holds_where_only_moved_caches_dominate():
    quiet = Situation("requests", network_s=0.01, other_s=0.1)
    moved = Situation("moved", network_s=0.9, other_s=0.1, kv_transfer_s=0.8)
    assert network_dominates_only_if_kv_moves([quiet, moved]).verdict == "holds"
    with pytest.raises(ValueError, match="situations"):
        network_dominates_only_if_kv_moves([])


def test_the_picture_says_every_share():
    moved = Situation("moved", network_s=0.3, other_s=0.1, kv_transfer_s=0.2)
    fig, reads = network_shares([moved])
    assert reads == "moved: 400 ms, of which 300 ms network (75 %; 200 ms of it KV transfer)."
    widths = [bar.get_width() for bar in fig.axes[0].patches]
    assert widths == pytest.approx([25, 50, 25])  # other network, KV transfer, the rest
    plt.close(fig)


def test_an_unknown_boundary_is_refused():
    with pytest.raises(ValueError, match="where"):
        network.all_reduces_s(LLAMA, 1, 4, "nowhere")
