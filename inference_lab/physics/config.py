"""Configurations: a model's dimensions from the config.json that its publisher gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from inference_lab.checks import one_of, whole
from inference_lab.physics.quantization import bf16_layers

DENSE = ("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "phi3")
"""Families without experts, by ``model_type`` (Phi-4 is a ``phi3``)."""

LOCAL_EXPERTS = ("mixtral", "phimoe")
"""Families whose every MLP is an expert of width ``intermediate_size``."""

FINE_EXPERTS = ("qwen2_moe", "qwen3_moe")
"""Families with experts of width ``moe_intermediate_size``."""

LATENT = ("deepseek_v2", "deepseek_v3")
"""Families with latent attention, shared experts and first layers without experts."""

FAMILIES = DENSE + LOCAL_EXPERTS + FINE_EXPERTS + LATENT

UNSAID: dict[str, dict[str, Any]] = {
    "gemma": {"tie_word_embeddings": True},
    "gemma2": {"tie_word_embeddings": True},
    "gemma3_text": {
        "tie_word_embeddings": True,
        "vocab_size": 262_208,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
    },
}
"""What a family's config leaves out because it is the default (transformers 4.50, by
``model_type``)."""

EXPERT_FIELDS = ("num_experts", "num_local_experts", "n_routed_experts")


def dimensions(config: str | PathLike[str] | Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an `LLM`, from a config.json of Hugging Face.

    Of a model that also sees pictures, the part that reads text. Sliding windows are not modelled:
    every layer keeps and reads its whole context, the most that can be needed.

    Parameters
    ----------
    config : path or dict
        The file, the folder it lies in, or its content.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or a field is missing, out of range or of a kind that is not known.
    """
    content, name = _content(config)
    text = content.get("text_config", content)
    text = text if isinstance(text, Mapping) else content
    kind = one_of("model_type", _given(text, "model_type"), FAMILIES)
    fields = UNSAID.get(kind, {}) | {k: v for k, v in text.items() if v is not None}
    found = {
        "name": name or str(fields.get("_name_or_path") or content.get("_name_or_path") or kind),
        "layers": _number(fields, "num_hidden_layers"),
        "hidden_size": _number(fields, "hidden_size"),
        "vocab_size": _number(fields, "vocab_size"),
        "intermediate_size": _number(fields, "intermediate_size"),
        "tied_embeddings": bool(fields.get("tie_word_embeddings", False)),
    }
    found |= _latent_heads(fields) if kind in LATENT else _heads(fields)
    found |= _experts(kind, fields)
    quantization = fields.get("quantization_config") or content.get("quantization_config")
    return found | (bf16_layers(quantization) if quantization else {})


def _content(config: str | PathLike[str] | Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The fields, and the name of the folder if they lie in one."""
    if isinstance(config, Mapping):
        return config, ""
    if not isinstance(config, str | PathLike):
        raise TypeError(f"config={config!r} must be a path or a dict: give a config.json")
    path = Path(config)
    path = path / "config.json" if path.is_dir() else path
    if not path.is_file():
        raise ValueError(f"config={str(config)!r} is no file: give a config.json or its folder")
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"config={str(config)!r} is no JSON ({error}): fetch it again") from None
    if not isinstance(content, dict):
        raise ValueError(f"config={str(config)!r} holds no object: give a model's config.json")
    return content, path.resolve().parent.name if path.name == "config.json" else path.stem


def _given(fields: Mapping[str, Any], name: str) -> Any:
    if name not in fields:
        raise ValueError(f"{name} is missing in the config: give the model's own config.json")
    return fields[name]


def _number(fields: Mapping[str, Any], name: str, at_least: int = 1) -> int:
    return whole(name, _given(fields, name), at_least=at_least)


def _heads(fields: Mapping[str, Any]) -> dict[str, int]:
    heads = _number(fields, "num_attention_heads")
    hidden = _number(fields, "hidden_size")
    if "head_dim" not in fields and hidden % heads:
        raise ValueError(
            f"head_dim is missing and num_attention_heads={heads} does not divide "
            f"hidden_size={hidden}: give it"
        )
    head_dim = _number(fields, "head_dim") if "head_dim" in fields else hidden // heads
    grouped = "num_key_value_heads" in fields
    kv_heads = _number(fields, "num_key_value_heads") if grouped else heads
    return {"heads": heads, "kv_heads": kv_heads, "head_dim": head_dim}


def _latent_heads(fields: Mapping[str, Any]) -> dict[str, int]:
    heads, rope = _number(fields, "num_attention_heads"), _number(fields, "qk_rope_head_dim")
    return {
        "heads": heads,
        "kv_heads": heads,
        "head_dim": _number(fields, "qk_nope_head_dim"),
        "rope_dim": rope,
        "kv_latent_dim": _number(fields, "kv_lora_rank") + rope,
        "q_latent_dim": _number(fields, "q_lora_rank") if "q_lora_rank" in fields else 0,
        "value_head_dim": _number(fields, "v_head_dim"),
    }


def _experts(kind: str, fields: Mapping[str, Any]) -> dict[str, int]:
    """Routed and shared experts; what this model cannot hold is refused by name."""
    if kind in DENSE:
        for name in EXPERT_FIELDS:
            if fields.get(name, 1) not in (0, 1):
                raise ValueError(f"{name}={fields[name]!r}: a model of type {kind} has no experts")
        return {}
    active = {"active_experts": _number(fields, "num_experts_per_tok")}
    if kind in LOCAL_EXPERTS:
        return active | {"experts": _number(fields, "num_local_experts")}
    width = _number(fields, "moe_intermediate_size")
    active["expert_intermediate_size"] = width
    if kind in LATENT:
        _only(fields, "moe_layer_freq", 1)
        shared = _number(fields, "n_shared_experts", 0) if "n_shared_experts" in fields else 0
        return active | {
            "experts": _number(fields, "n_routed_experts"),
            "shared_experts": shared,
            "dense_layers": _number(fields, "first_k_dense_replace", 0),
        }
    _only(fields, "decoder_sparse_step", 1)
    dense = fields.get("mlp_only_layers", [])
    if sorted(dense) != list(range(len(dense))):
        raise ValueError(f"mlp_only_layers={dense!r}: only the first layers may be without experts")
    shared = fields.get("shared_expert_intermediate_size", 0)
    if shared % width:
        raise ValueError(
            f"shared_expert_intermediate_size={shared!r} must be a multiple of "
            f"moe_intermediate_size={width}: shared experts are as wide as routed ones here"
        )
    return active | {
        "experts": _number(fields, "num_experts"),
        "shared_experts": shared // width,
        "dense_layers": len(dense),
    }


def _only(fields: Mapping[str, Any], name: str, value: int) -> None:
    if fields.get(name, value) != value:
        raise ValueError(
            f"{name}={fields[name]!r} is not modelled: every layer after the first dense ones has "
            f"experts ({name}={value})"
        )
