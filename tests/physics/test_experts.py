"""Experts: which bytes of which experts an iteration reads, and what a step of a batch costs."""

from itertools import combinations, pairwise, product

import pytest

import inference_lab as il

H100 = il.GPU.named("H100-SXM5-80GB")
MOE = il.LLM.named("Qwen3-30B-A3B")


def small(experts, active, **more):
    return il.LLM(
        name="small",
        layers=2,
        hidden_size=64,
        heads=4,
        kv_heads=4,
        head_dim=16,
        intermediate_size=128,
        vocab_size=100,
        experts=experts,
        active_experts=active,
        **more,
    )


@pytest.mark.parametrize(("experts", "active", "tokens"), [(4, 1, 3), (5, 2, 3), (4, 3, 2)])
def test_the_experts_touched_are_the_mean_over_all_choices(experts, active, tokens):
    choices = list(combinations(range(experts), active))
    touched = [len(set().union(*each)) for each in product(choices, repeat=tokens)]
    expected = sum(touched) / len(touched)
    assert small(experts, active).experts_touched(tokens) == pytest.approx(expected)


def test_a_step_of_one_reads_the_active_parameters_and_a_large_one_all():
    """30.5 billion parameters, 3.35 of them active; the embedding table is looked up."""
    table = MOE.embedding_parameters
    gates = 48 * 2048 * 128
    norms = (2 * 48 + 1) * 2048
    assert MOE.read_bytes(1, "bf16") == 2 * (MOE.active_parameters - table)
    assert MOE.read_bytes(2000, "bf16") == MOE.weight_bytes("bf16") - 2 * table
    assert MOE.read_bytes(1, "fp8") == MOE.active_parameters - table + (table + gates + norms)


def test_shared_experts_and_dense_layers_are_always_read():
    """DeepSeek-V3 by hand: 58 layers of 8 routed experts and a shared one, 3 layers without."""
    model = il.LLM.named("DeepSeek-V3")
    eight = model.read_bytes(1, "bf16") - model.read_bytes(0, "bf16")
    assert eight == pytest.approx(2 * 58 * 8 * 3 * 7168 * 2048, rel=1e-9)
    assert model.read_bytes(0, "bf16") > 2 * (58 * 3 * 7168 * 2048 + 3 * 3 * 7168 * 18432)


@pytest.mark.parametrize("stack", il.Stack.names())
def test_a_step_of_a_batch_is_lines_over_its_context(stack):
    replica = il.Replica(MOE, H100, stack=stack)
    for batch in (1, 8, 64):
        lines = replica.decode_lines(batch)
        for context in (batch, 1000 * batch, 4000 * batch):
            direct = replica.iteration_s([], batch, context)
            assert max(a + b * context for a, b in lines) == pytest.approx(direct, rel=1e-12)


def test_the_gain_of_few_active_experts_goes_with_the_batch():
    shares = [MOE.read_bytes(n, "bf16") / MOE.read_bytes(10_000, "bf16") for n in (1, 4, 16, 128)]
    assert shares[0] < 0.11 < shares[1] < shares[2] < 0.99 < shares[3]
    gains = [b - a for a, b in pairwise(shares)]
    assert gains[0] / 3 > gains[1] / 12 > gains[2] / 112  # each further token adds less


def test_a_token_meets_the_width_of_all_its_experts():
    assert MOE.inner_width == 8 * 768
    assert il.LLM.named("Mixtral-8x7B").inner_width == 2 * 14336
    deepseek = il.LLM.named("DeepSeek-V3")
    assert deepseek.inner_width == pytest.approx((3 * 18432 + 58 * 9 * 2048) / 61)
