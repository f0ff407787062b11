"""Models: the catalogue of published ones."""

from __future__ import annotations

from typing import Any

from inference_lab.physics.llm import LLM

CATALOGUE: dict[str, LLM] = {}
"""Models by their publisher's name."""


def _add(name: str, dimensions: tuple[int, ...], **more: int | bool) -> None:
    names = [
        "layers",
        "hidden_size",
        "heads",
        "kv_heads",
        "head_dim",
        "intermediate_size",
        "vocab_size",
    ]
    fields: dict[str, Any] = dict(zip(names, dimensions, strict=True)) | more
    CATALOGUE[name] = LLM(name=name, **fields)


# The published config.json of each model, in the order of `_add`; counts in the tests.
_add("Llama-2-7B", (32, 4096, 32, 32, 128, 11008, 32000))  # arXiv:2307.09288
_add("Llama-2-13B", (40, 5120, 40, 40, 128, 13824, 32000))
_add("Llama-2-70B", (80, 8192, 64, 8, 128, 28672, 32000))
_add("Llama-3.1-8B", (32, 4096, 32, 8, 128, 14336, 128256))  # arXiv:2407.21783
_add("Llama-3.1-70B", (80, 8192, 64, 8, 128, 28672, 128256))
_add(
    "Llama-3.1-405B",
    (126, 16384, 128, 8, 128, 53248, 128256),
    bf16_attention_layers=126,  # fp8 for the MLPs only, without the first and the last layer:
    bf16_mlp_layers=2,  # arXiv:2407.21783, section 6.2
)
_add("Mistral-7B", (32, 4096, 32, 8, 128, 14336, 32000))  # arXiv:2310.06825
_add("Qwen2.5-72B", (80, 8192, 64, 8, 128, 29568, 152064))  # arXiv:2412.15115
_add("Qwen-72B (v1, MHA)", (80, 8192, 64, 64, 128, 24576, 152064))  # arXiv:2309.16609
_add("Qwen3-32B", (64, 5120, 64, 8, 128, 25600, 151936))  # arXiv:2505.09388
_add(
    "BLOOM-176B",  # arXiv:2211.05100
    (70, 14336, 112, 112, 128, 57344, 250880),
    gated_mlp=False,
    tied_embeddings=True,
)
_add(
    "Mixtral-8x7B",  # arXiv:2401.04088
    (32, 4096, 32, 8, 128, 14336, 32000),
    experts=8,
    active_experts=2,
)
_add(
    "Qwen3-30B-A3B",  # arXiv:2505.09388
    (48, 2048, 32, 4, 128, 6144, 151936),
    experts=128,
    active_experts=8,
    expert_intermediate_size=768,
)
_add(
    "DeepSeek-V3",  # arXiv:2412.19437, section 4.2
    (61, 7168, 128, 128, 128, 18432, 129280),
    experts=256,
    active_experts=8,
    kv_latent_dim=576,
    q_latent_dim=1536,
    rope_dim=64,
    value_head_dim=128,
    expert_intermediate_size=2048,
    shared_experts=1,
    dense_layers=3,
)
