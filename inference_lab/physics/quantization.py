"""Quantized checkpoints: which layers of a model an fp8 checkpoint keeps in bf16."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

LISTS = ("modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules")
"""Where the formats list what stays: transformers' fp8 and fbgemm_fp8, compressed-tensors,
modelopt."""

ALWAYS = re.compile(r"lm_head|embed|norm|(gate|router)(\.weight)?\$?$|vision|multi_modal|mtp")
"""Counted in bf16 anyway, or not counted at all."""

MODULE = re.compile(r"(?:\w+\.)*layers\.(\d+)\.(self_attn|mlp)(?:\.(\w+_proj))?(?:\.weight)?")

WHOLE = {
    "self_attn": ({None}, {"q_proj", "k_proj", "v_proj", "o_proj"}, {"qkv_proj", "o_proj"}),
    "mlp": ({None}, {"gate_proj", "up_proj", "down_proj"}, {"gate_up_proj", "down_proj"}),
}
"""The matrices of a layer's attention and MLP, one by one or fused."""


def bf16_layers(quantization: Mapping[str, Any]) -> dict[str, int]:
    """Layers whose attention or MLP stays in bf16, as arguments of an `LLM`.

    Parameters
    ----------
    quantization : dict
        The field ``quantization_config`` of a config.json.

    Raises
    ------
    ValueError
        If the weights are not fp8, or a listed module is no whole attention or MLP.

    Examples
    --------
    >>> bf16_layers({"quant_method": "fp8", "modules_to_not_convert": ["model.layers.0.mlp"]})
    {'bf16_attention_layers': 0, 'bf16_mlp_layers': 1}
    """
    _check_fp8(quantization)
    parts: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for name in (name for key in LISTS for name in quantization.get(key) or ()):
        if ALWAYS.search(name):
            continue
        module = MODULE.fullmatch(name)
        if not module:
            raise ValueError(_refused(name))
        parts[module[2], module[1]].add(module[3])
    for (block, layer), matrices in parts.items():
        if matrices not in WHOLE[block]:
            raise ValueError(_refused(f"layers.{layer}.{block}: {sorted(map(str, matrices))}"))
    blocks = [block for block, _ in parts]
    return {
        "bf16_attention_layers": blocks.count("self_attn"),
        "bf16_mlp_layers": blocks.count("mlp"),
    }


def _refused(name: str) -> str:
    return (
        f"quantization_config keeps {name} out: only whole attentions and MLPs of layers can be; "
        "leave the field out to count all matrices in the replica's precision"
    )


def _check_fp8(quantization: Mapping[str, Any]) -> None:
    """Refuse weights that are not fp8."""
    method = quantization.get("quant_method")
    weights = [
        (group.get("weights") or {}) for group in (quantization.get("config_groups") or {}).values()
    ]
    known = {
        "fp8": True,
        "fbgemm_fp8": True,
        "compressed-tensors": all(
            w.get("type") == "float" and w.get("num_bits") == 8 for w in weights
        ),
        "modelopt": quantization.get("quant_algo") == "FP8",
    }
    if not known.get(str(method), False):
        raise ValueError(
            f"quantization_config.quant_method={method!r}: its weights are not fp8; give the "
            "unquantized model's config and choose the replica's precision, bf16 or fp8"
        )
