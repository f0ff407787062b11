"""Routers: the same load behind several of them, in a queue of one at a time and in a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

import inference_lab as il
from inference_lab.checks import real, whole
from inference_lab.serving.router import Router
from inference_lab.traffic.streams import stream

TOKENS_OF_A_SERVICE = 10_000
"""A service of mean 1 is drawn in steps of so small a part."""

MOVED_S = 0.001
"""A first token that moves by less did not move."""


@dataclass(frozen=True)
class Routed:
    """What users get behind one router.

    Parameters
    ----------
    p99_ttft_s, p99_tpot_s : float
        99th percentiles; nan if no answer has two tokens.
    late : int
        Requests whose TTFT exceeds the limit.
    """

    p99_ttft_s: float
    p99_tpot_s: float
    late: int


def behind(
    cluster: il.Cluster,
    load: il.Workload,
    routers: Sequence[str] | Mapping[str, str | Router],
    limit_s: float = 0.45,
    seed: int = 0,
) -> dict[str, Routed]:
    """The same cluster and load behind several routers.

    Parameters
    ----------
    cluster : Cluster
        Its own router is replaced.
    load : Workload
        The requests.
    routers : sequence of str, or dict of name to (str or callable)
        Names of the package's routers, or functions by a name of your own.
    limit_s : float
        A TTFT beyond it is late.
    seed : int
        Of the routers' random choices.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.
    """
    limit_s = real("limit_s", limit_s, above=0)
    named = routers if isinstance(routers, Mapping) else {name: name for name in routers}
    found = {}
    for name, router in named.items():
        result = il.simulate(replace(cluster, router=router), load, seed=seed)
        tpot_s = result.tpot_s[~np.isnan(result.tpot_s)]
        found[name] = Routed(
            p99_ttft_s=float(np.nanpercentile(result.ttft_s, 99)),
            p99_tpot_s=float(np.percentile(tpot_s, 99)) if len(tpot_s) else float("nan"),
            late=int((result.ttft_s > limit_s).sum()),
        )
    return found


def one_at_a_time(
    router: str | Router,
    load: float = 0.9,
    replicas: int = 8,
    requests: int = 40_000,
    seed: int = 0,
) -> float:
    """Mean time in the system, in service times, where each server serves one after the other.

    Poisson arrivals and exponential services: the queues of the textbook, M/M/1 and its kin.

    Parameters
    ----------
    router : str or callable
        As for `Cluster`.
    load : float
        Of each server, above 0 and below 1.
    replicas, requests, seed : int
        How many servers and requests, and which draw.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(one_at_a_time("random", load=0.5), 1)
    2.0
    """
    if not 0 < real("load", load) < 1:
        raise ValueError(f"load={load!r} must be above 0 and below 1: at 1 the queue never ends")
    servers = whole("replicas", replicas, at_least=1)
    rng = stream(seed, "prompts")
    services = rng.exponential(TOKENS_OF_A_SERVICE, whole("requests", requests, at_least=1))
    server = il.AffineReplica(
        prefill_s=(0, 1 / TOKENS_OF_A_SERVICE, 0), decode_s=(0, 0, 0), max_batch=1
    )
    arrivals = il.Workload.poisson(
        rate_per_s=load * servers,
        requests=requests,
        prompt_tokens=np.maximum(1, np.rint(services)).astype(int),
        output_tokens=1,
        seed=seed,
    )
    result = il.simulate(il.Cluster(server, replicas=servers, router=router), arrivals, seed=seed)
    return float(result.e2e_s.mean())


def chat(replicas: int, requests: int, seed: int = 0) -> il.Workload:
    """The lesson's chat service, with as many requests a second for each replica at every size.

    Parameters
    ----------
    replicas, requests, seed : int
        Of the cluster that gets it, and how many and which.
    """
    whole("replicas", replicas, at_least=1)
    return il.Workload.like("azure-2023-conv", rate_scale=replicas, requests=requests, seed=seed)


def moved_elsewhere(cluster: il.Cluster, load: il.Workload, router: str, request: int) -> int:
    """Requests at other replicas whose first token moves when one request asks for almost nothing.

    Parameters
    ----------
    cluster : Cluster
        Its own router is replaced.
    load : Workload
        The requests.
    router : str
        As for `Cluster`.
    request : int
        The one whose prompt shrinks to one token.

    Raises
    ------
    TypeError, ValueError
        If there is no such request.
    """
    whole("request", request, at_most=len(load) - 1)
    prompts = load.prompt_tokens.copy()
    prompts[request] = 1
    one = replace(cluster, router=router)
    before, after = (
        il.simulate(one, each) for each in (load, replace(load, prompt_tokens=prompts))
    )
    moved = np.abs(after.ttft_s - before.ttft_s) > MOVED_S
    return int((moved & (before.replica != before.replica[request])).sum())
