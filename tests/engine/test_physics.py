"""Catalogues against published figures, and the roofline against a calculation by hand."""

import csv

import pytest

import inference_lab as il

PUBLISHED = {  # safetensors totals on the model cards; DeepSeek-V3: arXiv:2412.19437
    "Llama-2-7B": 6.738e9,
    "Llama-2-13B": 13.016e9,
    "Llama-2-70B": 68.977e9,
    "Llama-3.1-8B": 8.030e9,
    "Llama-3.1-70B": 70.554e9,
    "Llama-3.1-405B": 405.85e9,
    "Mistral-7B": 7.242e9,
    "Mixtral-8x7B": 46.703e9,
    "Qwen2.5-72B": 72.706e9,
    "Qwen3-32B": 32.762e9,
    "BLOOM-176B": 176.247e9,
    "DeepSeek-V3": 671.03e9,
}


@pytest.mark.parametrize(("name", "parameters"), PUBLISHED.items())
def test_parameters_follow_from_the_dimensions(name, parameters):
    assert il.LLM.named(name).parameters == pytest.approx(parameters, rel=2e-4)


def test_experts_are_mostly_idle():
    assert il.LLM.named("Mixtral-8x7B").active_parameters == pytest.approx(12.88e9, rel=1e-3)
    assert il.LLM.named("DeepSeek-V3").active_parameters == pytest.approx(37.55e9, rel=1e-3)
    mixtral = il.LLM.named("Mixtral-8x7B")
    table = mixtral.embedding_parameters
    assert mixtral.parameters_read(1) == mixtral.active_parameters - table
    assert mixtral.parameters_read(1) < mixtral.parameters_read(4) < mixtral.parameters - table
    assert mixtral.parameters_read(1000) == mixtral.parameters - table


def test_latent_attention_keeps_one_vector():
    assert il.LLM.named("DeepSeek-V3").kv_bytes_per_token("bf16") == 61 * (512 + 64) * 2


def test_catalogs_hold_the_names_of_the_data_folder(shared_data):
    for file, column, names in (
        ("gpu_specs.csv", "gpu", il.GPU.names()),
        ("model_architectures.csv", "model", il.LLM.names()),
    ):
        with (shared_data / file).open(encoding="utf-8") as rows:
            assert {row[column] for row in csv.DictReader(rows)} <= set(names)


def test_roofline_by_hand():
    """70,553,706,496 parameters on 4 H100s: 989 TFLOP/s and 3,350 GB/s each."""
    replica = il.Replica(il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4)
    flop = 2 * 70_553_706_496 * 2048 + 4 * 80 * 8192 * 2048**2 / 2
    assert replica.prefill_s(2048) == pytest.approx(flop / (4 * 989e12))
    read = 2 * (70_553_706_496 - 128_256 * 8192) + 2048 * 327_680
    assert replica.decode_step_s(1, 2048) == pytest.approx(read / (4 * 3350e9))
    # A batch beyond the ridge is bound by FLOPs again.
    flop = 2 * 70_553_706_496 * 1000 + 4 * 80 * 8192 * 1000
    assert replica.decode_step_s(1000, 1000) == pytest.approx(flop / (4 * 989e12))


def test_a_cached_prefix_saves_its_flops_and_keeps_its_attention():
    replica = il.Replica(il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4)
    whole, second = replica.prefill_s(4096), replica.prefill_s(4096, cached_tokens=2048)
    assert second == pytest.approx(whole - replica.prefill_s(2048))
    assert replica.prefill_s(2048, batch=3) == pytest.approx(3 * replica.prefill_s(2048))


def test_kv_heads_are_copied_when_gpus_outnumber_them():
    model, gpu = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H200-SXM-141GB")
    eight, sixteen = (il.Replica(model, gpu, tp=tp) for tp in (8, 16))
    free = 16 * 0.9 * 141e9 - model.weight_bytes("bf16")
    assert sixteen.kv_capacity_tokens == int(free / (2 * 327_680))
    assert eight.kv_capacity_tokens == int((free - 8 * 0.9 * 141e9) / 327_680)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: il.LLM.named("Llama-3.1-71B"), "did you mean Llama-3.1-70B"),
        (lambda: il.GPU.named("H100"), "did you mean H100-SXM5-80GB"),
        (lambda: il.GPU.named(7), "GPU name=7 must be a name"),
        (lambda: replica(tp=3), "tp=3 must divide the 64 heads"),
        (lambda: replica(tp=0), "tp=0 is too small"),
        (lambda: replica(tp=4.0), "tp=4.0 must be a whole number"),
        (lambda: replica(precision="int4"), "precision='int4' is not known"),
        (lambda: replica(kv_precision="int4"), "kv_precision='int4' is not known"),
        (lambda: replica(stack="magic"), "stack='magic' is not known"),
        (lambda: replica(memory_fraction=1.1), "memory_fraction=1.1 is out of range"),
        (lambda: replica(max_batch=0), "max_batch=0 is too small"),
        (lambda: il.Replica("Llama", h100()), "llm='Llama' must be a LLM"),
        (lambda: il.Replica(llama(), il.GPU.named("A100-SXM4-80GB"), precision="fp8"), "no fp8"),
        (lambda: replica().prefill_s(0), "prompt_tokens=0 is too small"),
        (lambda: replica().prefill_s(9, cached_tokens=9), "cached_tokens=9 leaves nothing"),
        (lambda: replica().decode_step_s(3, 2), "context_tokens=2 is less than batch=3"),
        (lambda: affine(prefill_s=(1, 2)), r"prefill_s=\(1, 2\) must hold three numbers"),
        (lambda: affine(prefill_s=(1, 2, -3)), "prefill_s=-3 is out of range"),
        (lambda: affine(decode_s=(1, float("nan"), 3)), "decode_s=nan is out of range"),
        (lambda: affine(kv_capacity_tokens=1.5), "kv_capacity_tokens=1.5 must be a whole number"),
    ],
)
def test_bad_input_names_argument_value_and_fix(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def llama():
    return il.LLM.named("Llama-3.1-70B")


def h100():
    return il.GPU.named("H100-SXM5-80GB")


def replica(**changes):
    return il.Replica(llama(), h100(), **({"tp": 4} | changes))


def affine(**changes):
    return il.AffineReplica(**({"prefill_s": (0, 1, 0), "decode_s": (1, 0, 0)} | changes))
