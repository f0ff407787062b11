"""Memory: one account of weights by precision, the stacks' reserve, splits, and what would fit."""

from dataclasses import replace

import pytest

import inference_lab as il
from inference_lab.physics.split import degrees
from inference_lab.physics.units import GiB

H100 = il.GPU.named("H100-SXM5-80GB")
LLAMA_70B = il.LLM.named("Llama-3.1-70B")
PHI_4 = il.LLM(
    name="Phi-4",
    layers=40,
    hidden_size=5120,
    heads=40,
    kv_heads=10,
    head_dim=128,
    intermediate_size=17920,
    vocab_size=100352,
)


def test_fp8_keeps_tables_norms_and_gates_in_bf16():
    """By hand: all bytes once, and once more for what stays."""
    tables, norms = 2 * 128_256 * 8192, (2 * 80 + 1) * 8192
    assert LLAMA_70B.weight_bytes("fp8") == LLAMA_70B.parameters + tables + norms
    mixtral = il.LLM.named("Mixtral-8x7B")
    kept = 2 * 32_000 * 4096 + (2 * 32 + 1) * 4096 + 32 * 4096 * 8
    assert mixtral.weight_bytes("fp8") == mixtral.parameters + kept
    assert mixtral.weight_bytes("bf16") == 2 * mixtral.parameters


def test_f7_the_published_fp8_checkpoint_of_405b():
    """Logged: 57.75 GiB on each of 8 GPUs, by the first release, which kept 16 KV heads."""
    model = il.LLM.named("Llama-3.1-405B")
    first = replace(model, kv_heads=16)
    assert first.weight_bytes("fp8") / 8 / GiB == pytest.approx(57.75, rel=2e-3)
    assert model.weight_bytes("fp8") / 8 / GiB == pytest.approx(57.75, rel=0.02)
    assert il.Replica(model, H100, tp=8, precision="fp8", stack="vllm-2025").fits


def test_f7_70b_in_fp8_does_not_fit_one_h100():
    assert not il.Replica(LLAMA_70B, H100, precision="fp8").fits


def test_memory_and_time_use_one_account():
    """A step of one token reads what memory holds, less the embedding table."""
    for name in il.LLM.names():
        model = il.LLM.named(name)
        if model.experts > 1:
            continue
        table = 0 if model.tied_embeddings else 2 * model.embedding_parameters
        for precision in ("bf16", "fp8"):
            read = model.read_bytes(1, precision)
            assert read == model.weight_bytes(precision) - table
            replica = il.Replica(model, H100, precision=precision)
            cached = model.kv_bytes_per_token("bf16")
            assert replica.decode_step_s(1, 1) == pytest.approx(
                (read + cached) / H100.hbm_bytes_per_s
            )


def test_f7_the_reserve_of_vllm_leaves_what_was_logged():
    """Logged: 6,048 tokens of KV-cache beside 70B in bf16 on two 80 GB GPUs."""
    replica = il.Replica(LLAMA_70B, H100, tp=2, stack="vllm-2025")
    assert replica.kv_capacity_tokens // 16 * 16 == 6048
    assert il.Replica(LLAMA_70B, H100, tp=2).kv_capacity_tokens == 8827


@pytest.mark.parametrize("stack", [name for name in il.Stack.names() if name != "ideal"])
def test_a_reserve_is_taken_from_every_gpu(stack):
    for tp in (2, 4, 8):
        ideal, real = (il.Replica(LLAMA_70B, H100, tp=tp, stack=name) for name in ("ideal", stack))
        lost = (ideal.kv_capacity_tokens - real.kv_capacity_tokens) * 327_680
        assert lost == pytest.approx(tp * 454e6, abs=2 * 327_680)


def test_field_05_kv_heads_are_split_as_engines_do():
    assert degrees(PHI_4) == [1, 2, 5, 10, 20, 40]
    with pytest.raises(ValueError, match=r"tp=4 must divide the 10 KV heads .* use 1, 2, 5, 10"):
        il.Replica(PHI_4, H100, tp=4)
    assert il.Replica(PHI_4, H100, tp=20).fits  # each head on two GPUs
    assert degrees(il.LLM.named("DeepSeek-V3"))[:5] == [1, 2, 4, 8, 16]  # latent: no KV heads


@pytest.mark.parametrize(
    ("gpu", "tp", "precision", "tokens", "remedy"),
    [
        ("H100-SXM5-80GB", 1, "bf16", 1, "use tp=2 in bf16 or fp8"),
        ("H100-SXM5-80GB", 2, "bf16", 10_000, "use tp=4 in bf16, or tp=2 in fp8"),
        ("A100-SXM4-80GB", 1, "bf16", 1, "use tp=2 in bf16"),
        ("H100-SXM5-80GB", 1, "fp8", 1, "use tp=2 in fp8"),
    ],
)
def test_f13_what_does_not_fit_says_what_would(gpu, tp, precision, tokens, remedy):
    replica = il.Replica(LLAMA_70B, il.GPU.named(gpu), tp=tp, precision=precision)
    told = replica.advice(tokens)
    assert told.endswith(remedy)
    assert f"{tp} x {gpu}" in told
    assert "\n" not in told


def test_f13_the_advice_holds():
    """What it names fits, and no smaller group does."""
    replica = il.Replica(il.LLM.named("Llama-3.1-405B"), H100, tp=4, stack="vllm-2025")
    assert replica.advice(5000).endswith("use tp=16 in bf16, or tp=8 in fp8")
    assert replace(replica, tp=16).advice(5000) is None
    assert replace(replica, tp=8, precision="fp8").advice(5000) is None
    assert replace(replica, tp=8).advice(5000) is not None
    small = il.GPU(
        name="tiny",
        memory_bytes=1e9,
        hbm_bytes_per_s=1e11,
        bf16_flop_per_s=1e13,
        link_bytes_per_s=1e9,
    )
    assert "no group" in il.Replica(LLAMA_70B, small).advice()
