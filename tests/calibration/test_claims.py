"""Three stacks side by side: 70B on four H100 with a 2K prompt (C32, C33, C35, C36)."""

import pytest

import inference_lab as il
from inference_lab.physics.all_reduce import all_reduce_from
from inference_lab.physics.constants import shipped

H100 = il.GPU.named("H100-SXM5-80GB")
LAYER_ALL_REDUCES = 160
HIDDEN_BYTES = 2 * 8192


def replica(stack, precision="bf16", llm="Llama-3.1-70B"):
    return il.Replica(il.LLM.named(llm), H100, tp=4, precision=precision, stack=stack)


def all_reduces_ms(name, gpus, tokens):
    all_reduce = all_reduce_from(shipped()["all_reduce"][name])
    return LAYER_ALL_REDUCES * all_reduce.seconds(gpus, tokens * HIDDEN_BYTES) * 1e3


def test_c32_ttft():
    eager_ms = replica("eager-2023", llm="Llama-2-70B").prefill_s(2048) * 1e3
    assert eager_ms == pytest.approx(201, rel=0.05)
    fitted, assumed = (replica(stack, "fp8") for stack in ("vllm-2025", "trtllm-2025"))
    assert 110 <= (fitted.prefill_s(2048) + fitted.frontend_s) * 1e3 <= 150
    # Token times alone are measured of trtllm-2025: its frontend is that of vllm-2025, which is
    # known to the 4.5 % of that stack's TTFT. The refit that lets clients wait for it gives 151 ms.
    assert 110 <= (assumed.prefill_s(2048) + assumed.frontend_s) * 1e3 <= 150 * 1.045
    assert replica("ideal").prefill_s(2048) * 1e3 == pytest.approx(74.4, abs=0.05)


def test_c33_tpot():
    eager = replica("eager-2023", llm="Llama-2-70B")
    steps_ms = [eager.decode_step_s(batch, batch * 576) * 1e3 for batch in (1, 64)]
    assert steps_ms == pytest.approx([29.4, 52.4], rel=0.08)
    for stack in ("vllm-2025", "trtllm-2025"):
        assert 10.5 <= replica(stack, "fp8").decode_step_s(1, 2048) * 1e3 <= 16
    assert replica("ideal").decode_step_s(1, 2048) * 1e3 == pytest.approx(10.4, abs=0.05)


def test_c35_network_in_ttft():
    found = [
        all_reduces_ms(f"H100-SXM5-80GB/{library}", 4, 2048)
        for library in ("vllm", "trtllm", "nccl")
    ]
    assert all(27 * 0.9 <= ms <= 31 * 1.1 for ms in found)
    assert all_reduces_ms("H100-SXM5-80GB/vllm", 4, 512) == pytest.approx(8.6, rel=0.1)


@pytest.mark.parametrize(
    ("library", "gpus", "largest_batch", "claimed_ms"),
    [
        ("H100-SXM5-80GB/vllm", 4, 32, (0.8, 2.0)),
        ("H100-SXM5-80GB/vllm-eager", 4, 64, (3.4, 6.0)),
        ("two-hosts/nccl", 16, 32, (11, 71)),
    ],
)
def test_c36_network_in_tpot(library, gpus, largest_batch, claimed_ms):
    low_ms, high_ms = claimed_ms
    alone_ms, together_ms = (all_reduces_ms(library, gpus, n) for n in (1, largest_batch))
    assert low_ms * 0.9 <= alone_ms <= together_ms <= high_ms * 1.1


def test_c36_across_hosts_a_replica_pays_the_slow_all_reduce():
    within, across = (
        il.Replica(il.LLM.named("Llama-3.1-70B"), H100, tp=tp, stack="vllm-2025") for tp in (8, 16)
    )
    assert across.all_reduces_s(1) > 5 * within.all_reduces_s(1)
    assert across.decode_step_s(1, 2048) > within.decode_step_s(1, 2048)
