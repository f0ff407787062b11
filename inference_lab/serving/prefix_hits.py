"""Prefix hits: what a cache of prompts would save, counted as trace studies do, without time."""

from __future__ import annotations

from itertools import islice

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import one_of, whole
from inference_lab.serving.affinity import affinity_key, rendezvous
from inference_lab.traffic.streams import stream
from inference_lab.traffic.workload import Workload

ROUTERS = ("round_robin", "random", "session_affinity")
"""Routers that need no time: what they do depends on the request alone."""


def prefix_hits(
    workload: Workload,
    capacity_blocks: int | None = None,
    replicas: int = 1,
    router: str = "round_robin",
    seed: int = 0,
) -> NDArray[np.int64]:
    """Prompt tokens of each request that its replica's cache holds when it arrives, shape (n,).

    Each replica keeps the blocks of the prompts it has seen, the least recently used one leaves
    first. A hit is the leading run of a prompt's blocks that are there; the last block counts as
    one of its own, however short. A request's blocks are touched deepest first, so a prefix never
    leaves before what follows it.

    Parameters
    ----------
    workload : Workload
        With `prefix_blocks`; a request comes after those of lower index.
    capacity_blocks : int or None
        Blocks that the cache of a replica holds; None for all there are.
    replicas : int
        Each with a cache of its own.
    router : {'round_robin', 'random', 'session_affinity'}
        Which replica gets a request; affinity holds to the session, else to the second hash.
    seed : int
        Of the random router.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the workload has no prefix blocks.

    Examples
    --------
    >>> load = Workload.from_arrays(
    ...     arrival_s=[0, 1, 2], prompt_tokens=[1200, 1200, 600], output_tokens=[1, 1, 1],
    ...     prefix_blocks=[(1, 2, 3), (1, 2, 4), (1, 5)],
    ... )
    >>> prefix_hits(load), prefix_hits(load, replicas=2)
    (array([   0, 1024,  512]), array([  0,   0, 512]))
    """
    if not isinstance(workload, Workload):
        raise TypeError(f"workload={workload!r} must be a Workload: give one with prefix_blocks")
    if workload.prefix_blocks is None or workload.prefix_block_tokens is None:
        raise ValueError(f"workload={workload!r} has no prefix_blocks: give one that has them")
    most = None if capacity_blocks is None else whole("capacity_blocks", capacity_blocks)
    fleet = whole("replicas", replicas, at_least=1)
    chosen = _chosen(workload, fleet, one_of("router", router, ROUTERS), seed)
    caches: list[dict[int | str, None]] = [
        {} for _ in range(fleet)
    ]  # a dict keeps the order of touching
    block = workload.prefix_block_tokens
    hits = np.zeros(len(workload), dtype=np.int64)
    prompts = workload.prompt_tokens.tolist()
    for i, (hashes, prompt) in enumerate(zip(workload.prefix_blocks, prompts, strict=True)):
        cache = caches[chosen[i]]
        hashes = hashes[: -(-prompt // block)]  # those beyond the prompt stand for nothing
        run = next((k for k, found in enumerate(hashes) if found not in cache), len(hashes))
        hits[i] = min(run * block, prompt)
        for touched in reversed(hashes):
            cache.pop(touched, None)
            cache[touched] = None
        if most is not None:
            for oldest in list(islice(cache, max(0, len(cache) - most))):
                del cache[oldest]
    return hits


def _chosen(workload: Workload, fleet: int, router: str, seed: int) -> list[int]:
    n = len(workload)
    if router == "round_robin":
        return (np.arange(n) % fleet).tolist()
    rng = stream(seed, "router")
    if router == "random":  # one by one, as the router of a cluster draws
        return [int(rng.integers(fleet)) for _ in range(n)]
    everyone = np.arange(fleet)
    home: dict[object, int] = {}
    keys = [affinity_key(workload.request(i)) for i in range(n)]
    for key in keys:
        if key not in home:
            home[key] = rendezvous(key, everyone)
    return [home[key] for key in keys]
