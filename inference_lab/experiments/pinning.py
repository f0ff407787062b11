"""Connections that live long, behind a balancer that sees no requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import inference_lab as il
from inference_lab.checks import whole
from inference_lab.traffic.streams import stream
from inference_lab.traffic.workload import Request

REPLICAS = 8
RATE_SCALE = 6.0
"""Times the rate of the chat trace; 8 replicas of stack ``vllm-2025`` serve it at ease."""


@dataclass(frozen=True)
class Pinned:
    """What users see when connections are spread, and not requests.

    Parameters
    ----------
    hottest : float
        Requests of the busiest replica over those of the mean one.
    p99_ttft_s : float
        Of all requests.
    """

    hottest: float
    p99_ttft_s: float


def pinned(
    replica: il.Replica | il.AffineReplica,
    connections: int | None,
    requests: int = 4_000,
    seed: int = 0,
) -> Pinned:
    """Serve chat over long-lived connections, each hashed to a replica when it was opened.

    Parameters
    ----------
    replica : Replica or AffineReplica
        Eight of them.
    connections : int or None
        How many the gateways in front keep open, all equally busy; None: requests take turns, as
        behind a balancer that reads HTTP.
    requests, seed : int
        How many, and which.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.
    """
    load = il.Workload.like(
        "azure-2023-conv", rate_scale=RATE_SCALE, requests=requests, seed=whole("seed", seed)
    )
    router: str | Callable[..., int] = "round_robin"
    if connections is not None:
        rng = stream(seed, "router")
        opened = rng.integers(0, REPLICAS, whole("connections", connections, at_least=1))
        goes_to = opened[rng.integers(0, connections, len(load))].tolist()

        def to_its_replica(request: Request, replicas: object, rng: object) -> int:
            return goes_to[request.index]

        router = to_its_replica
    result = il.simulate(il.Cluster(replica, replicas=REPLICAS, router=router), load, seed=seed)
    counts = np.bincount(result.replica, minlength=REPLICAS)
    return Pinned(float(counts.max() / counts.mean()), result.summary().ttft_s["p99"])
