"""Weights: one account of a model's parameters, by part and by the precision each is kept in.

Memory and time both use it. Biases and the norms of single heads are left out: below 0.03 % of
any published model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_lab.physics.units import bytes_per_number

if TYPE_CHECKING:
    from inference_lab.physics.llm import LLM


def tables(llm: LLM) -> int:
    """Embedding and output projection; one table if they are tied."""
    return llm.vocab_size * llm.hidden_size * (1 if llm.tied_embeddings else 2)


def attention(llm: LLM) -> int:
    """Projections of the attention of one layer."""
    h = llm.hidden_size
    if llm.kv_latent_dim is None:
        width = llm.heads * llm.head_dim
        return h * (2 * width + 2 * llm.kv_heads * llm.head_dim)
    # Multi-head latent attention: DeepSeek-V2, arXiv:2405.04434, section 2.1.
    latent = llm.kv_latent_dim - llm.rope_dim
    query_width = llm.heads * (llm.head_dim + llm.rope_dim)
    queries = llm.q_latent_dim * (h + query_width) or h * query_width  # some without low rank
    keys_values = h * llm.kv_latent_dim + latent * llm.heads * (llm.head_dim + llm.value_head_dim)
    norms = llm.q_latent_dim + latent
    return queries + keys_values + norms + llm.heads * llm.value_head_dim * h


def mlp(llm: LLM, width: int) -> int:
    """An MLP, or an expert, of this width."""
    return (3 if llm.gated_mlp else 2) * llm.hidden_size * width


def gates(llm: LLM) -> int:
    """The projections that choose the experts, in all layers."""
    expert_layers = llm.layers - llm.dense_layers
    return expert_layers * llm.hidden_size * llm.experts if llm.experts > 1 else 0


def norms(llm: LLM) -> int:
    """Two normalisations in each layer and one at the end."""
    return (2 * llm.layers + 1) * llm.hidden_size


def parameters(llm: LLM, experts: float) -> int:
    """All parameters, with `experts` routed experts counted in each layer that has any."""
    expert_layers = llm.layers - llm.dense_layers
    layers: float = llm.layers * attention(llm) + gates(llm) + norms(llm)
    layers += llm.dense_layers * mlp(llm, llm.intermediate_size)
    layers += expert_layers * (experts + llm.shared_experts) * mlp(llm, llm.expert_width)
    return round(layers + tables(llm))


def bf16_in_layers(llm: LLM) -> int:
    """Matrices of the layers that stay in bf16 beside fp8 weights.

    Practice of published checkpoints: the gates of experts always (DeepSeek-V3, arXiv:2412.19437,
    section 3.3.1), attention and some layers where the publisher chose so (Llama-3.1-405B,
    arXiv:2407.21783, section 6.2).
    """
    kept = llm.bf16_attention_layers * attention(llm) + gates(llm)
    return kept + llm.bf16_mlp_layers * mlp(llm, llm.intermediate_size)


def stored_bytes(llm: LLM, parameters: int, tables: int, precision: str) -> int:
    """Bytes of so many parameters, of which `tables` are in the tables of embedding and output.

    Beside fp8 weights the tables and the norms stay in bf16 (DeepSeek-V3, arXiv:2412.19437,
    section 3.3.1; llm-compressor's recipes leave out ``lm_head``), and so does `bf16_in_layers`.
    """
    kept = tables + norms(llm) + bf16_in_layers(llm)
    return (parameters - kept) * bytes_per_number(precision) + kept * bytes_per_number("bf16")
