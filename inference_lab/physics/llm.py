"""Language models: dimensions, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

from inference_lab.checks import one_of, whole
from inference_lab.physics.units import bytes_per_number

_CATALOG: dict[str, LLM] = {}


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

    def __post_init__(self) -> None:
        may_be_zero = {
            "q_latent_dim",
            "rope_dim",
            "value_head_dim",
            "shared_experts",
            "dense_layers",
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
        if self.dense_layers > self.layers:
            raise ValueError(
                f"dense_layers={self.dense_layers} exceeds layers={self.layers}: give at most all"
            )

    @classmethod
    def named(cls, name: str) -> LLM:
        """The model of the catalog with this name; `names` lists them.

        Raises
        ------
        ValueError
            If there is none, with the near matches.
        """
        return _CATALOG[one_of("LLM name", name, _CATALOG)]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names in the catalog."""
        return tuple(_CATALOG)

    @property
    def embedding_parameters(self) -> int:
        """The table that turns tokens into vectors: looked up, never read as a whole."""
        return self.vocab_size * self.hidden_size

    @cached_property
    def attention_parameters(self) -> int:
        """Projections of the attention of one layer."""
        h = self.hidden_size
        if self.kv_latent_dim is None:
            width = self.heads * self.head_dim
            return h * (2 * width + 2 * self.kv_heads * self.head_dim)
        # Multi-head latent attention: DeepSeek-V2, arXiv:2405.04434, section 2.1.
        latent = self.kv_latent_dim - self.rope_dim
        queries = h * self.q_latent_dim + self.q_latent_dim * self.heads * (
            self.head_dim + self.rope_dim
        )
        keys_values = h * self.kv_latent_dim + latent * self.heads * (
            self.head_dim + self.value_head_dim
        )
        norms = self.q_latent_dim + latent
        return queries + keys_values + norms + self.heads * self.value_head_dim * h

    @property
    def expert_parameters(self) -> int:
        """One routed expert of one layer (the whole MLP of a dense model)."""
        width = self.expert_intermediate_size or self.intermediate_size
        return (3 if self.gated_mlp else 2) * self.hidden_size * width

    def _parameters(self, experts: float) -> int:
        """Parameters with `experts` routed experts counted in each layer that has any."""
        matrices = 3 if self.gated_mlp else 2
        dense = self.dense_layers * matrices * self.hidden_size * self.intermediate_size
        gate = self.hidden_size * self.experts if self.experts > 1 else 0
        routed = (self.layers - self.dense_layers) * (
            (experts + self.shared_experts) * self.expert_parameters + gate
        )
        norms = (2 * self.layers + 1) * self.hidden_size
        tables = self.embedding_parameters * (1 if self.tied_embeddings else 2)
        return round(tables + self.layers * self.attention_parameters + norms + dense + routed)

    @cached_property
    def parameters(self) -> int:
        """All weights, embeddings and norms included; biases are left out."""
        return self._parameters(self.experts)

    @cached_property
    def active_parameters(self) -> int:
        """Weights that one token meets."""
        return self._parameters(self.active_experts)

    def parameters_read(self, tokens: int) -> int:
        """Weights that an iteration over `tokens` tokens reads: each once, the embedding table not.

        With experts, the number touched is its expectation for independent uniform choices,
        ``experts * (1 - (1 - active/experts) ** tokens)``.
        """
        idle = (1 - self.active_experts / self.experts) ** tokens
        table = 0 if self.tied_embeddings else self.embedding_parameters
        return self._parameters(self.experts * (1 - idle)) - table

    def weight_bytes(self, precision: str) -> int:
        """Memory of all weights."""
        return self.parameters * bytes_per_number(precision)

    def kv_bytes_per_token(self, precision: str) -> int:
        """KV-cache of one token: a key and a value for each layer and KV head."""
        numbers = self.kv_latent_dim or 2 * self.kv_heads * self.head_dim
        return self.layers * numbers * bytes_per_number(precision)


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
    _CATALOG[name] = LLM(name=name, **dict(zip(names, dimensions, strict=True)), **more)


# The published config.json of each model, in the order of `_add`; counts in the tests.
_add("Llama-2-7B", (32, 4096, 32, 32, 128, 11008, 32000))  # arXiv:2307.09288
_add("Llama-2-13B", (40, 5120, 40, 40, 128, 13824, 32000))
_add("Llama-2-70B", (80, 8192, 64, 8, 128, 28672, 32000))
_add("Llama-3.1-8B", (32, 4096, 32, 8, 128, 14336, 128256))  # arXiv:2407.21783
_add("Llama-3.1-70B", (80, 8192, 64, 8, 128, 28672, 128256))
_add("Llama-3.1-405B", (126, 16384, 128, 8, 128, 53248, 128256))
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
