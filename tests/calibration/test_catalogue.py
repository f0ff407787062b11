"""Links, memory and stacks over the whole catalogue."""

import itertools

import pytest

import inference_lab as il
from inference_lab.physics.links import Link, kv_transfer_s
from inference_lab.physics.stack import Stack


@pytest.mark.parametrize(
    ("link", "ms"),
    [
        ("TCP-10G", 537),
        ("TCP-25G", 215),
        ("RoCE-100G", 53.7),
        ("RoCE-200G", 26.8),
        ("InfiniBand-400G", 13.4),
        ("RoCE-800G", 6.7),
    ],
)
def test_wire_time_of_2048_tokens_o16(link, ms):
    assert Link.named(link).transfer_s(2048 * 327_680) * 1e3 == pytest.approx(ms, rel=5e-3)


def test_a_measured_transfer_is_slower_than_the_wire():
    port = Link.named("RoCE-200G")
    assert kv_transfer_s(1e9, port) > port.transfer_s(1e9)


def test_memory_fit_o21():
    llm, h100, h200 = (
        il.LLM.named("Llama-3.1-70B"),
        il.GPU.named("H100-SXM5-80GB"),
        il.GPU.named("H200-SXM-141GB"),
    )
    assert il.Replica(llm, h100, tp=2).kv_capacity_tokens == 8827
    assert il.Replica(llm, h100, tp=4).kv_capacity_tokens == 448_280
    giant = il.LLM.named("Llama-3.1-405B")
    assert not il.Replica(giant, h100, tp=8).fits
    assert il.Replica(giant, h100, tp=8, precision="fp8").fits
    assert il.Replica(giant, h200, tp=8).fits


def test_no_stack_makes_a_gpu_faster_than_the_ideal():
    faster = []
    for gpu, stack in itertools.product(il.GPU.names(), Stack.names()):
        replica = il.Replica(il.LLM.named("Llama-3.1-8B"), il.GPU.named(gpu), tp=2, stack=stack)
        ideal = il.Replica(il.LLM.named("Llama-3.1-8B"), il.GPU.named(gpu), tp=2)
        if replica.prefill_s(2048) < ideal.prefill_s(2048):
            faster.append((gpu, stack, "prefill"))
        if replica.decode_step_s(8, 8 * 2048) < ideal.decode_step_s(8, 8 * 2048):
            faster.append((gpu, stack, "decode"))
    assert faster == []


def test_a_step_of_decode_is_shorter_than_a_long_prefill_for_every_model_and_stack():
    gpu, longer = il.GPU.named("H200-SXM-141GB"), []
    for llm, stack in itertools.product(il.LLM.names(), Stack.names()):
        replica = il.Replica(il.LLM.named(llm), gpu, tp=8, stack=stack)
        if not 0 < replica.decode_step_s(1, 1000) < replica.prefill_s(8192):
            longer.append((llm, stack))
    assert longer == []


def test_kv_precision_belongs_to_the_stack():
    llm, gpu = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
    for stack, weights, kv in (
        ("vllm-2025", "fp8", "bf16"),
        ("trtllm-2025", "fp8", "fp8"),
        ("trtllm-2025", "bf16", "bf16"),
        ("ideal", "fp8", "bf16"),
    ):
        assert il.Replica(llm, gpu, tp=4, precision=weights, stack=stack).kv_precision == kv


def test_assumed_constants_say_so():
    assert "assumed" in Stack.named("vllm-2025", il.GPU.named("MI300X")).source
    assert "fitted" in Stack.named("vllm-2025", il.GPU.named("H100-SXM5-80GB")).source


def test_unknown_stack_names_the_near_one():
    with pytest.raises(ValueError, match="vllm-2025"):
        il.Replica(il.LLM.named("Llama-3.1-8B"), il.GPU.named("L40S"), stack="vllm-2024")


def test_decode_steps_are_the_largest_of_lines_of_the_context():
    gpu = il.GPU.named("A100-SXM4-80GB")
    for stack in ("eager-2023", "vllm-2025"):
        replica = il.Replica(il.LLM.named("Llama-2-70B"), gpu, tp=4, stack=stack)
        for batch, context in ((1, 100), (16, 16_000), (64, 500_000)):
            lines = replica.decode_lines(batch)
            direct = replica.iteration_s([], batch, context)
            assert max(a + b * context for a, b in lines) == pytest.approx(direct, rel=1e-12)


def test_fp8_kv_cache_on_a_gpu_that_computes_in_bf16():
    llm, gpu = il.LLM.named("Llama-3.1-8B"), il.GPU.named("A100-SXM4-80GB")
    full, half = (
        il.Replica(llm, gpu, kv_precision=precision, stack="vllm-2025")
        for precision in ("bf16", "fp8")
    )
    assert half.decode_step_s(8, 80_000) < full.decode_step_s(8, 80_000)
    assert half.prefill_s(2048) == full.prefill_s(2048)
