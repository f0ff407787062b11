"""Models from their config.json: dimensions as published, and what is refused (field case F11)."""

import json

import pytest

import inference_lab as il

LLAMA = {
    "model_type": "llama",
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "tie_word_embeddings": False,
}
QWEN_MOE = {
    "model_type": "qwen3_moe",
    "num_hidden_layers": 48,
    "hidden_size": 2048,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "head_dim": 128,
    "intermediate_size": 6144,
    "moe_intermediate_size": 768,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "decoder_sparse_step": 1,
    "mlp_only_layers": [],
    "vocab_size": 151936,
}
DEEPSEEK_LITE = {
    "model_type": "deepseek_v2",
    "num_hidden_layers": 27,
    "hidden_size": 2048,
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
    "kv_lora_rank": 512,
    "q_lora_rank": None,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "intermediate_size": 10944,
    "moe_intermediate_size": 1408,
    "n_routed_experts": 64,
    "n_shared_experts": 2,
    "num_experts_per_tok": 6,
    "first_k_dense_replace": 1,
    "moe_layer_freq": 1,
    "vocab_size": 102400,
}


def config(model_type, layers, hidden, heads, kv_heads, width, vocabulary, **more):
    return {
        "model_type": model_type,
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "intermediate_size": width,
        "vocab_size": vocabulary,
    } | more


DEEPSEEK_V3 = config(
    "deepseek_v3",
    *(61, 7168, 128, 128, 18432, 129280),
    kv_lora_rank=512,
    q_lora_rank=1536,
    qk_nope_head_dim=128,
    qk_rope_head_dim=64,
    v_head_dim=128,
    moe_intermediate_size=2048,
    n_routed_experts=256,
    n_shared_experts=1,
    num_experts_per_tok=8,
    first_k_dense_replace=3,
    quantization_config={"quant_method": "fp8", "weight_block_size": [128, 128]},
)
GEMMA_3_12B = {
    "model_type": "gemma3",
    "text_config": {
        "model_type": "gemma3_text",
        "num_hidden_layers": 48,
        "hidden_size": 3840,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "intermediate_size": 15360,
    },
    "vision_config": {"hidden_size": 1152},
}
PUBLISHED = {  # totals of the tensors in the published checkpoints
    "Llama-3.1-8B": (LLAMA, 8_030_261_248),
    "Llama-3.2-1B": (
        config("llama", 16, 2048, 32, 8, 8192, 128256, head_dim=64, tie_word_embeddings=True),
        1_235_814_400,
    ),
    "Mistral-Nemo-12B": (
        config("mistral", 40, 5120, 32, 8, 14336, 131072, head_dim=128),
        12_247_782_400,
    ),
    "Mixtral-8x7B": (
        config(
            "mixtral", 32, 4096, 32, 8, 14336, 32000, num_local_experts=8, num_experts_per_tok=2
        ),
        46_702_792_704,
    ),
    "Qwen2.5-7B": (config("qwen2", 28, 3584, 28, 4, 18944, 152064), 7_615_616_512),
    "Qwen3-8B": (config("qwen3", 36, 4096, 32, 8, 12288, 151936, head_dim=128), 8_190_735_360),
    "Qwen3-30B-A3B": (QWEN_MOE, 30_532_122_624),
    "DeepSeek-V2-Lite": (DEEPSEEK_LITE, 15_706_484_224),
    "DeepSeek-V3": (DEEPSEEK_V3, 671_026_419_200),
    "Gemma-2-9B": (config("gemma2", 42, 3584, 16, 8, 14336, 256000, head_dim=256), 9_241_705_984),
    "Gemma-3-1B": (config("gemma3_text", 26, 1152, 4, 1, 6912, 262144, head_dim=256), 999_885_952),
    "Phi-3-mini": (config("phi3", 32, 3072, 32, 32, 8192, 32064), 3_821_079_552),
    "Phi-4": (config("phi3", 40, 5120, 40, 10, 17920, 100352), 14_659_507_200),
    "Phi-3.5-MoE": (
        config("phimoe", 32, 4096, 32, 8, 6400, 32064, num_local_experts=16, num_experts_per_tok=2),
        41_873_153_344,
    ),
}


@pytest.mark.parametrize(("read", "parameters"), PUBLISHED.values(), ids=PUBLISHED)
def test_parameters_are_within_a_thousandth_of_the_published_count(read, parameters):
    assert il.LLM.from_config(read).parameters == pytest.approx(parameters, rel=1e-3)


def test_a_token_of_a_30b_a3b_meets_3_billion():
    model = il.LLM.from_config(QWEN_MOE)
    assert model.active_parameters == pytest.approx(3_353_032_704, rel=1e-3)
    assert il.LLM.from_config(DEEPSEEK_V3).active_parameters == pytest.approx(37.55e9, rel=1e-3)


@pytest.mark.parametrize("name", ["Llama-3.1-8B", "Mixtral-8x7B", "Qwen3-30B-A3B", "DeepSeek-V3"])
def test_the_catalog_agrees_with_the_configs(name):
    read, known = il.LLM.from_config(PUBLISHED[name][0]), il.LLM.named(name)
    assert read.parameters == known.parameters
    for precision in ("bf16", "fp8"):
        assert read.kv_bytes_per_token(precision) == known.kv_bytes_per_token(precision)
        assert read.read_bytes(7, precision) == known.read_bytes(7, precision)


def test_a_file_and_its_folder_give_the_same_model_and_its_name(tmp_path):
    folder = tmp_path / "my-llama"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    from_folder = il.LLM.from_config(folder)
    assert from_folder == il.LLM.from_config(str(folder / "config.json"))
    assert from_folder.name == "my-llama"
    assert il.Replica(from_folder, il.GPU.named("H100-SXM5-80GB"), stack="vllm-2025").fits


def test_of_a_model_that_sees_only_what_reads_is_counted():
    """Gemma 3 of 12B: 11.77 billion read, with a vocabulary and head width that go unsaid."""
    model = il.LLM.from_config(GEMMA_3_12B)
    assert (model.head_dim, model.vocab_size, model.tied_embeddings) == (256, 262_208, True)
    assert model.parameters == pytest.approx(11.766e9, rel=1e-3)


def test_f7_what_an_fp8_checkpoint_keeps_in_bf16_is_read_from_its_config():
    """Llama-3.1-405B as published in fp8: attention, and the MLPs of the first and last layer."""
    projections = {
        "self_attn": ("q_proj", "k_proj", "v_proj", "o_proj"),
        "mlp": ("gate_proj", "up_proj", "down_proj"),
    }
    kept = [("self_attn", layer) for layer in range(126)] + [("mlp", 0), ("mlp", 125)]
    listed = [
        f"model.layers.{layer}.{block}.{projection}"
        for block, layer in kept
        for projection in projections[block]
    ]
    quantization = {"quant_method": "fbgemm_fp8", "modules_to_not_convert": ["lm_head", *listed]}
    read = config("llama", 126, 16384, 128, 8, 53248, 128256, quantization_config=quantization)
    known = il.LLM.named("Llama-3.1-405B")
    assert il.LLM.from_config(read).weight_bytes("fp8") == known.weight_bytes("fp8")


def without(read, name):
    return {key: value for key, value in read.items() if key != name}


@pytest.mark.parametrize(
    ("read", "message"),
    [
        ({**LLAMA, "model_type": "mamba2"}, "model_type='mamba2' is not known"),
        ({**LLAMA, "model_type": "qwen2_vl"}, "model_type='qwen2_vl' is not known: did you mean"),
        (without(LLAMA, "model_type"), "model_type is missing"),
        (without(LLAMA, "hidden_size"), "hidden_size is missing"),
        ({**LLAMA, "num_hidden_layers": 0}, "num_hidden_layers=0 is too small"),
        ({**LLAMA, "num_hidden_layers": "32"}, "num_hidden_layers='32' must be a whole number"),
        ({**LLAMA, "num_attention_heads": 33}, "head_dim is missing"),
        ({**LLAMA, "num_local_experts": 8}, "num_local_experts=8: a model of type llama"),
        (without(QWEN_MOE, "moe_intermediate_size"), "moe_intermediate_size is missing"),
        ({**QWEN_MOE, "decoder_sparse_step": 2}, "decoder_sparse_step=2 is not modelled"),
        ({**QWEN_MOE, "mlp_only_layers": [3]}, r"mlp_only_layers=\[3\]"),
        ({**DEEPSEEK_LITE, "moe_layer_freq": 2}, "moe_layer_freq=2 is not modelled"),
        (without(DEEPSEEK_LITE, "kv_lora_rank"), "kv_lora_rank is missing"),
        (
            {**LLAMA, "quantization_config": {"quant_method": "awq", "bits": 4}},
            "quantization_config.quant_method='awq'",
        ),
        (
            {
                **LLAMA,
                "quantization_config": {
                    "quant_method": "fp8",
                    "modules_to_not_convert": ["model.layers.3.mlp.down_proj"],
                },
            },
            "quantization_config keeps layers.3.mlp",
        ),
        (7, "config=7 must be a path or a dict"),
        ("no/such/config.json", "config='no/such/config.json' is no file"),
    ],
)
def test_what_is_not_known_is_refused_by_name(read, message):
    with pytest.raises((ValueError, TypeError), match=message):
        il.LLM.from_config(read)


def test_a_broken_file_is_named(tmp_path):
    broken = tmp_path / "config.json"
    broken.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"is no JSON .*fetch it again"):
        il.LLM.from_config(broken)
    broken.write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="holds no object"):
        il.LLM.from_config(broken)
