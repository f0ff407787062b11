"""Language models: dimensions, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from os import PathLike
from typing import Any

from inference_lab.checks import one_of, whole
from inference_lab.physics import weights
from inference_lab.physics.units import bytes_per_number


@dataclass(frozen=True, kw_only=True)
class LLM:
    """A decoder-only transformer, described by its dimensions.

    Parameters
    ----------
    name : str
        The publisher's name.
    layers, hidden_size, heads, kv_heads, head_dim, intermediate_size, vocab_size : int
        As in the published configuration; fewer ``kv_heads`` than ``heads`` is grouped-query
        attention.
    gated_mlp : bool
        Three matrices in the MLP (SwiGLU) instead of two.
    experts, active_experts : int
        Routed experts of a layer, and how many of them each token uses; 1 and 1 for a dense model.
    tied_embeddings : bool
        The output projection is the embedding table.
    kv_latent_dim : int or None
        Numbers cached per token and layer under multi-head latent attention, the rotary part
        included.
    q_latent_dim, rope_dim, value_head_dim : int
        The other dimensions of latent attention: low rank of the queries, rotary part of a key,
        width of a value head; used with ``kv_latent_dim`` only.
    expert_intermediate_size : int or None
        Width of one expert where it differs from that of a dense layer.
    shared_experts, dense_layers : int
        Experts that every token uses, and first layers without experts.
    bf16_attention_layers, bf16_mlp_layers : int
        Layers whose attention or MLP matrices the model's fp8 checkpoint keeps in bf16.

    Raises
    ------
    TypeError, ValueError
        If a dimension is not a positive whole number, or ``heads`` is not a multiple of
        ``kv_heads``.

    Examples
    --------
    >>> llama = LLM.named("Llama-3.1-70B")
    >>> llama.parameters
    70553706496
    >>> llama.kv_bytes_per_token("bf16")
    327680
    """

    name: str
    layers: int
    hidden_size: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate_size: int
    vocab_size: int
    gated_mlp: bool = True
    experts: int = 1
    active_experts: int = 1
    tied_embeddings: bool = False
    kv_latent_dim: int | None = None
    q_latent_dim: int = 0
    rope_dim: int = 0
    value_head_dim: int = 0
    expert_intermediate_size: int | None = None
    shared_experts: int = 0
    dense_layers: int = 0
    bf16_attention_layers: int = 0
    bf16_mlp_layers: int = 0

    def __post_init__(self) -> None:
        may_be_zero = {
            "q_latent_dim",
            "rope_dim",
            "value_head_dim",
            "shared_experts",
            "dense_layers",
            "bf16_attention_layers",
            "bf16_mlp_layers",
        }
        for field in fields(self):
            value = getattr(self, field.name)
            kind = {"name": str, "gated_mlp": bool, "tied_embeddings": bool}.get(field.name)
            if kind and not isinstance(value, kind):
                raise TypeError(f"{field.name}={value!r} must be a {kind.__name__}")
            if kind or (value is None and field.default is None):
                continue
            whole(field.name, value, at_least=0 if field.name in may_be_zero else 1)
        if self.heads % self.kv_heads:
            raise ValueError(
                f"kv_heads={self.kv_heads} must divide heads={self.heads}: "
                "each group of query heads shares one KV head"
            )
        if self.active_experts > self.experts:
            raise ValueError(
                f"active_experts={self.active_experts} exceeds experts={self.experts}: "
                "a token can use at most all of them"
            )
        for name in ("dense_layers", "bf16_attention_layers", "bf16_mlp_layers"):
            if getattr(self, name) > self.layers:
                raise ValueError(
                    f"{name}={getattr(self, name)} exceeds layers={self.layers}: give at most all"
                )
        if self.bf16_mlp_layers and self.experts > 1:
            raise ValueError(
                f"bf16_mlp_layers={self.bf16_mlp_layers} is for dense models: "
                f"{self.name} has experts; give 0"
            )

    @classmethod
    def named(cls, name: str) -> LLM:
        """The model of the catalogue with this name; `names` lists them.

        Raises
        ------
        ValueError
            If there is none, with the near matches.
        """
        from inference_lab.physics.models import CATALOGUE

        return CATALOGUE[one_of("LLM name", name, CATALOGUE)]

    @classmethod
    def from_config(cls, config: str | PathLike[str] | Mapping[str, Any]) -> LLM:
        """The model that a config.json of Hugging Face describes.

        Llama, Mistral, Mixtral, Qwen 2 to 3 with and without experts, DeepSeek V2 and V3, Gemma 1
        to 3, Phi 3 to 4. Where the config is of an fp8 checkpoint, what that keeps in bf16 is kept
        here, too; the precision itself is the replica's.

        Parameters
        ----------
        config : path or dict
            The file, its folder (which gives the name), or its content.

        Raises
        ------
        TypeError, ValueError
            If a field is missing, or says what no `LLM` can; the message names it.

        Examples
        --------
        >>> phi = {"model_type": "phi3", "num_hidden_layers": 40, "hidden_size": 5120}
        >>> phi |= {"num_attention_heads": 40, "num_key_value_heads": 10}
        >>> phi |= {"intermediate_size": 17920, "vocab_size": 100352, "_name_or_path": "Phi-4"}
        >>> LLM.from_config(phi).parameters
        14659507200
        """
        from inference_lab.physics.config import dimensions

        return cls(**dimensions(config))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names in the catalogue."""
        from inference_lab.physics.models import CATALOGUE

        return tuple(CATALOGUE)

    @property
    def embedding_parameters(self) -> int:
        """The table that turns tokens into vectors: looked up, never read as a whole."""
        return self.vocab_size * self.hidden_size

    @property
    def expert_width(self) -> int:
        """Width of a routed expert (of the whole MLP of a dense model)."""
        return self.expert_intermediate_size or self.intermediate_size

    @property
    def inner_width(self) -> float:
        """Width of the MLPs that a token meets in a layer, on average over the layers."""
        routed = (self.active_experts + self.shared_experts) * self.expert_width
        expert_layers = self.layers - self.dense_layers
        return (self.dense_layers * self.intermediate_size + expert_layers * routed) / self.layers

    @cached_property
    def parameters(self) -> int:
        """All weights, embeddings and norms included; biases are left out."""
        return weights.parameters(self, self.experts)

    @cached_property
    def active_parameters(self) -> int:
        """Weights that one token meets."""
        return weights.parameters(self, self.active_experts)

    def experts_touched(self, tokens: int) -> float:
        """Distinct routed experts that `tokens` tokens are expected to use in a layer.

        Each chooses ``active_experts``, uniformly and independently of the others:
        ``experts * (1 - (1 - active/experts) ** tokens)`` (arXiv:2511.02237, section 3). Real
        routers have favourites and batches have subjects, so this is the most that is read.

        Examples
        --------
        >>> mixtral = LLM.named("Mixtral-8x7B")
        >>> [round(mixtral.experts_touched(n), 2) for n in (1, 2, 8)]
        [2.0, 3.5, 7.2]
        """
        return self.experts * (1 - (1 - self.active_experts / self.experts) ** tokens)

    def parameters_read(self, tokens: int) -> int:
        """Weights that an iteration over `tokens` tokens reads, each once.

        Not the embedding table; and of the experts those that the tokens are expected to touch.
        """
        table = 0 if self.tied_embeddings else self.embedding_parameters
        return weights.parameters(self, self.experts_touched(tokens)) - table

    def weight_bytes(self, precision: str) -> int:
        """Memory of all weights; what stays in bf16 beside fp8 counts two bytes.

        Examples
        --------
        >>> round(LLM.named("Llama-3.1-70B").weight_bytes("fp8") / 1e9, 2)
        72.66
        """
        return weights.stored_bytes(self, self.parameters, weights.tables(self), precision)

    def read_bytes(self, tokens: int, precision: str) -> int:
        """Bytes of the weights that an iteration over `tokens` tokens reads."""
        read = self.parameters_read(tokens)
        return weights.stored_bytes(self, read, self.embedding_parameters, precision)

    def kv_bytes_per_token(self, precision: str) -> int:
        """KV-cache of one token: a key and a value for each layer and KV head."""
        numbers = self.kv_latent_dim or 2 * self.kv_heads * self.head_dim
        return self.layers * numbers * bytes_per_number(precision)
