"""The queue: how TTFT grows with the load of one replica, split into its parts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

import inference_lab as il
from inference_lab.traffic.lengths import Lengths, draw_lengths
from inference_lab.traffic.streams import stream

AROUND_P99 = (98.5, 99.5)


@dataclass(frozen=True)
class TtftAtLoad:
    """TTFT of one replica at one load, split into queue, prefill and what is beside the engine.

    Parameters
    ----------
    load : float
        Share of its time that the replica spends on prefill.
    rate_per_s : float
        Requests a second that make this load.
    mean_queue_s, mean_prefill_s : float
        Means over all requests; with the front end they sum to the mean TTFT.
    p99_queue_s, p99_prefill_s : float
        With the front end they sum to the 99th percentile of TTFT; the prefill is the mean of the
        requests around it (those between the percentiles 98.5 and 99.5).
    frontend_s : float
        The stack's time beside the engine, the same for every request.
    """

    load: float
    rate_per_s: float
    mean_queue_s: float
    mean_prefill_s: float
    p99_queue_s: float
    p99_prefill_s: float
    frontend_s: float = 0.0

    @property
    def mean_s(self) -> float:
        """Mean TTFT."""
        return self.mean_queue_s + self.mean_prefill_s + self.frontend_s

    @property
    def p99_s(self) -> float:
        """99th percentile of TTFT."""
        return self.p99_queue_s + self.p99_prefill_s + self.frontend_s

    @property
    def mean_queue_share(self) -> float:
        """Share of the queue in the mean TTFT."""
        return self.mean_queue_s / self.mean_s

    @property
    def p99_queue_share(self) -> float:
        """Share of the queue in the p99 TTFT."""
        return self.p99_queue_s / self.p99_s


def ttft_at_load(
    replica: il.Replica | il.AffineReplica,
    load: float,
    prompt_tokens: Lengths = 2048,
    output_tokens: int = 1,
    requests: int = 2000,
    seed: int = 0,
) -> TtftAtLoad:
    """Simulate one replica under Poisson arrivals and split its TTFT into its parts.

    The same seed gives the same gaps between arrivals at every load, only scaled: neighbouring
    loads can be compared.

    Parameters
    ----------
    replica : Replica or AffineReplica
        The one replica.
    load : float
        Share of its time that it spends on prefill, above 0 and below 1.
    prompt_tokens : int, (low, high) or array of shape (requests,)
        Prompt lengths.
    output_tokens : int
        Length of every answer; 1 leaves decode out, so that nothing but prefill is queued for.
    requests, seed : int
        How many, and which.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or a request does not fit the KV-cache.

    Examples
    --------
    >>> one = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0, 0, 0))
    >>> ttft_at_load(one, load=0.001, requests=100).mean_s
    1.0
    """
    if not 0 < load < 1:
        raise ValueError(f"load={load!r} must be above 0 and below 1: at 1 the queue never ends")
    prompts = draw_lengths("prompt_tokens", prompt_tokens, requests, stream(seed, "prompts"))
    rate_per_s = load / _mean_prefill_s(replica, tuple(prompts.tolist()))
    workload = il.Workload.poisson(rate_per_s, requests, prompts, output_tokens, seed)
    result = il.simulate(il.Cluster(replica), workload, seed=seed)
    if result.refused:
        raise ValueError(f"{result.refused} requests do not fit the KV-cache: shorten the prompts")
    queue_s, prefill_s = result.ttft_parts["queue"], result.ttft_parts["prefill"]
    p99_s = float(np.percentile(result.ttft_s, 99))
    low, high = np.percentile(result.ttft_s, AROUND_P99, method="nearest")
    around = (result.ttft_s >= low) & (result.ttft_s <= high)
    prefill_around_s = min(float(prefill_s[around].mean()), p99_s - replica.frontend_s)
    return TtftAtLoad(
        load=load,
        rate_per_s=rate_per_s,
        mean_queue_s=float(queue_s.mean()),
        mean_prefill_s=float(prefill_s.mean()),
        p99_queue_s=p99_s - prefill_around_s - replica.frontend_s,
        p99_prefill_s=prefill_around_s,
        frontend_s=replica.frontend_s,
    )


@lru_cache(maxsize=16)  # a view asks again and again for the same prompts
def _mean_prefill_s(
    replica: il.Replica | il.AffineReplica, prompt_tokens: tuple[int, ...]
) -> float:
    return sum(replica.prefill_s(n) * k for n, k in Counter(prompt_tokens).items()) / len(
        prompt_tokens
    )


def chat_prompts(requests: int = 2000, seed: int = 0) -> np.ndarray:
    """Prompt lengths of a public chat service (Azure, 2023), in tokens.

    >>> int(chat_prompts().mean())
    1161
    """
    return il.Workload.like("azure-2023-conv", requests=requests, seed=seed).prompt_tokens
