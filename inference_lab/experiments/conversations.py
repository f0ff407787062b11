"""Conversations: prompts that begin with what was said before, and what a cache makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

import inference_lab as il
from inference_lab.checks import real, whole
from inference_lab.serving.router import Router
from inference_lab.traffic.streams import stream

BLOCK_TOKENS = 64
"""Tokens of a hash."""


def conversations(
    users: int = 200,
    turns: int = 6,
    system_tokens: int = 1024,
    said_tokens: tuple[int, int] = (64, 512),
    rate_per_s: float = 20.0,
    pause_s: float = 20.0,
    seed: int = 0,
) -> il.Workload:
    """Users who talk in turns: each prompt is the system prompt and all that was said before.

    Parameters
    ----------
    users, turns : int
        How many, and how often each asks.
    system_tokens : int
        That all prompts begin with, a multiple of `BLOCK_TOKENS`.
    said_tokens : (int, int)
        Length of a question, and of an answer: uniform between the two.
    rate_per_s : float
        Of new users, at random times.
    pause_s : float
        Mean time from a question to the next one of the same user, exponential.
    seed : int
        Which draw.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> load = conversations(users=2, turns=3)
    >>> len(load), load.prefix_blocks[0][:16] == load.prefix_blocks[1][:16]
    (6, True)
    """
    users, turns = whole("users", users, at_least=1), whole("turns", turns, at_least=1)
    shared = whole("system_tokens", system_tokens)
    if shared % BLOCK_TOKENS:
        raise ValueError(f"system_tokens={shared} is no multiple of {BLOCK_TOKENS}: give one")
    rate_per_s = real("rate_per_s", rate_per_s, above=0)
    rng = stream(seed, "arrivals")
    shape = (users, turns)
    came_s = np.cumsum(rng.exponential(1 / rate_per_s, users))
    gaps_s = rng.exponential(real("pause_s", pause_s, above=0), shape)
    gaps_s[:, 0] = came_s
    questions = rng.integers(said_tokens[0], said_tokens[1] + 1, shape)
    answers = rng.integers(said_tokens[0], said_tokens[1] + 1, shape)
    before = np.cumsum(questions + answers, axis=1) - questions - answers
    prompts = shared + before + questions
    arrivals_s = np.cumsum(gaps_s, axis=1)
    order = np.argsort(arrivals_s, axis=None, kind="stable")
    who, turn = np.unravel_index(order, shape)
    blocks = [
        _blocks(int(u), int(t), int(prompts[u, t]), shared) for u, t in zip(who, turn, strict=True)
    ]
    return il.Workload.from_arrays(
        arrival_s=arrivals_s.ravel()[order],
        prompt_tokens=prompts.ravel()[order],
        output_tokens=answers.ravel()[order],
        prefix_blocks=blocks,
        prefix_block_tokens=BLOCK_TOKENS,
        session=who.tolist(),
    )


def _blocks(user: int, turn: int, tokens: int, shared: int) -> list[str]:
    """Hashes of a prompt; the last block, if it is not full, is like no other."""
    count, full = -(-tokens // BLOCK_TOKENS), tokens // BLOCK_TOKENS
    names = [f"s{i}" for i in range(shared // BLOCK_TOKENS)]
    names += [f"{user}.{i}" for i in range(len(names), full)]
    return names[:full] + [f"{user}.{turn}.{i}" for i in range(full, count)]


def hit_share(load: il.Workload, replicas: int, router: str) -> float:
    """Share of the prompt tokens that the replicas' caches hold, counted without time.

    Parameters
    ----------
    load : Workload
        With prefix blocks.
    replicas : int
        Each with an endless cache of its own.
    router : str
        One of those of `inference_lab.prefix_hits`.
    """
    hits = il.prefix_hits(load, replicas=replicas, router=router)
    return float(hits.sum() / load.prompt_tokens.sum())


@dataclass(frozen=True)
class Cached:
    """What prefix caches do for one router.

    Parameters
    ----------
    hit_share : float
        Of the prompt tokens.
    busiest_share : float
        Of the requests: those that the busiest replica got.
    p99_ttft_s, mean_ttft_s : float
        What users get.
    """

    hit_share: float
    busiest_share: float
    p99_ttft_s: float
    mean_ttft_s: float


def cached(
    cluster: il.Cluster,
    load: il.Workload,
    routers: Sequence[str | Router],
    caches: bool = True,
    seed: int = 0,
) -> list[Cached]:
    """The same conversations behind several routers, with prefix caches or without.

    Parameters
    ----------
    cluster : Cluster
        Its router and `prefix_cache` are replaced.
    load : Workload
        With prefix blocks.
    routers : sequence of (str or callable)
        As for `Cluster`.
    caches : bool
        Whether replicas keep prefixes.
    seed : int
        Of the routers' random choices.
    """
    found = []
    for router in routers:
        one = replace(cluster, router=router, prefix_cache=caches)
        result = il.simulate(one, load, seed=seed)
        found.append(
            Cached(
                hit_share=float(result.cached_tokens.sum() / load.prompt_tokens.sum()),
                busiest_share=float(np.bincount(result.replica).max() / len(load)),
                p99_ttft_s=float(np.nanpercentile(result.ttft_s, 99)),
                mean_ttft_s=float(np.nanmean(result.ttft_s)),
            )
        )
    return found


def most_held_tokens(cluster: il.Cluster, load: il.Workload, seed: int = 0) -> int:
    """Tokens of KV-cache that the fullest replica held at the fullest moment, at most.

    A request is counted with all its tokens, those still to come included, from its arrival to its
    last token: an upper bound.

    Parameters
    ----------
    cluster, load, seed
        As for `inference_lab.simulate`.
    """
    result = il.simulate(cluster, load, seed=seed)
    most = 0
    for replica in np.unique(result.replica[result.served]):
        here = result.served & (result.replica == replica)
        tokens = result.prompt_tokens[here] + result.output_tokens[here]
        came_s, left_s = result.arrival_s[here], result.arrival_s[here] + result.e2e_s[here]
        times_s = np.concatenate([left_s, came_s])  # who leaves makes room first
        change = np.concatenate([-tokens, tokens])[np.argsort(times_s, kind="stable")]
        most = max(most, int(np.cumsum(change).max()))
    return most
