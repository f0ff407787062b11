"""What of a request's time is network, boundary by boundary: host, hosts, storage, database."""

from __future__ import annotations

from dataclasses import dataclass

import inference_lab as il
from inference_lab.checks import one_of
from inference_lab.physics.all_reduce import all_reduce_from
from inference_lab.physics.collectives import ring_s
from inference_lab.physics.constants import shipped
from inference_lab.physics.units import bytes_per_number

ALL_REDUCES = {
    "inside the host, CUDA graph": "H100-SXM5-80GB/vllm",
    "inside the host, launched one by one": "H100-SXM5-80GB/vllm-eager",
    "across two hosts": "two-hosts/nccl",
}
"""Where all-reduces were timed: eight H100 with vLLM's kernels, replayed or launched by the host;
sixteen A100 in two hosts with NCCL (constants and their data: ``physics/constants.json``)."""


@dataclass(frozen=True)
class Situation:
    """A time to the first token, and what of it is network.

    Parameters
    ----------
    name : str
        What happens.
    network_s, other_s : float
        Network, and all the rest.
    kv_transfer_s : float
        What of `network_s` moves KV-cache between replicas.
    """

    name: str
    network_s: float
    other_s: float
    kv_transfer_s: float = 0.0

    @property
    def kv_moves(self) -> bool:
        """Whether KV-cache moves between replicas."""
        return self.kv_transfer_s > 0

    @property
    def network_share(self) -> float:
        """Share of the network in the whole."""
        return self.network_s / (self.network_s + self.other_s)


def all_reduces_s(llm: il.LLM, tokens: int, gpus: int, where: str) -> float:
    """All all-reduces of one iteration of a tensor-parallel model: two in each layer.

    Each sums one bf16 vector of the hidden size for every token of the iteration.

    Parameters
    ----------
    llm : LLM
        The model.
    tokens : int
        Tokens in the iteration: the prompt in prefill, the batch in decode.
    gpus : int
        That share the layers.
    where : str
        A key of `ALL_REDUCES`.

    Raises
    ------
    ValueError
        If `where` is not known.

    Examples
    --------
    >>> llama = il.LLM.named("Llama-3.1-70B")
    >>> 0.5e-3 < all_reduces_s(llama, 1, 4, "inside the host, CUDA graph") < 1e-3
    True
    """
    entry = shipped()["all_reduce"][ALL_REDUCES[one_of("where", where, ALL_REDUCES)]]
    message_bytes = tokens * llm.hidden_size * bytes_per_number("bf16")
    return 2 * llm.layers * all_reduce_from(entry).seconds(gpus, message_bytes)


def situations(replica: il.Replica, prompt_tokens: int = 2048) -> list[Situation]:
    """The first token of one prompt on an idle replica, with one thing after the other on the way.

    Parameters
    ----------
    replica : Replica
        Within one host, calibrated (its all-reduces are part of the network).
    prompt_tokens : int
        Length of the prompt.

    Returns
    -------
    list of Situation
        Requests only; KV-cache moved over a fast and a slow link; tensor parallelism across two
        hosts, as measured and as fast as eight links of 400 Gb/s and a ring can be; a cold start.
        A round trip of 1 ms is in all of them, the all-reduces in the host where there are any.
    """
    llm, round_trip_s = replica.llm, 0.001
    prefill_s = replica.prefill_s(prompt_tokens) + replica.frontend_s
    inside_s = replica.all_reduces_s(prompt_tokens)
    compute_s, network_s = prefill_s - inside_s, inside_s + round_trip_s
    cache_bytes = prompt_tokens * llm.kv_bytes_per_token("bf16")
    weight_bytes = llm.weight_bytes(replica.precision)

    def over(link: str, size: float) -> float:
        return il.Link.named(link).transfer_s(size)

    across = il.Replica(llm, replica.gpu, tp=16, precision=replica.precision, stack=replica.stack)
    across_s = across.all_reduces_s(prompt_tokens)
    message_bytes = prompt_tokens * llm.hidden_size * bytes_per_number("bf16")
    rails_bytes_per_s = 8 * il.Link.named("RoCE-400G").bytes_per_s
    bound_s = 2 * llm.layers * ring_s(16, message_bytes, 0.0, rails_bytes_per_s)
    rest_s = across.prefill_s(prompt_tokens) + across.frontend_s - across_s
    fast_s, slow_s = (over(link, cache_bytes) for link in ("TCP-100G", "TCP-10G"))
    return [
        Situation("no KV-cache moves (NVLink, 1 ms round trip)", network_s, compute_s),
        Situation("KV-cache moves, 100 Gb/s", network_s + fast_s, compute_s, fast_s),
        Situation("KV-cache moves, 10 Gb/s", network_s + slow_s, compute_s, slow_s),
        Situation("tensor parallel, 2 hosts, as measured", across_s + round_trip_s, rest_s),
        Situation("tensor parallel, 2 hosts, 8 x 400 Gb/s", bound_s + round_trip_s, rest_s),
        Situation("cold start, 100 Gb/s", network_s + over("TCP-100G", weight_bytes), compute_s),
    ]
