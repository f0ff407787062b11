"""Where jobs of several hosts stand: how often a ring has to leave its leaf."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from inference_lab.checks import whole
from inference_lab.traffic.streams import stream

LEAVES, HOSTS_PER_LEAF = 6, 8
SIZES = {1: 0.15, 2: 0.25, 3: 0.15, 4: 0.2, 5: 0.1, 6: 0.05, 8: 0.07, 12: 0.03}
"""Hosts of a job, and how many of all jobs have so many: replicas across hosts, and training."""

LOAD = 0.8
"""Share of the hosts that the jobs ask for on average."""

Place = Callable[[int, list[int]], Sequence[int]]
"""``place(hosts, free)``: how many hosts of each leaf a job gets; `free` is what each has left."""


class Unusable(ValueError):
    """A policy returned what cannot be carried out."""


def leaf_by_leaf(hosts: int, free: list[int]) -> list[int]:
    """The first free hosts, whatever leaf they stand under.

    >>> leaf_by_leaf(4, [3, 2, 8])
    [3, 1, 0]
    """
    taken = []
    for each in free:
        taken.append(min(each, hosts))
        hosts -= taken[-1]
    return taken


def leaf_borders(place: Place, jobs: int, seed: int) -> float:
    """How often the rings of a stream of jobs cross from a leaf to another, summed over the jobs.

    A ring that goes leaf by leaf leaves each of its leaves once, and none if it has only one. Jobs
    come and go independently; one that finds too few free hosts is turned away, whoever places.

    Parameters
    ----------
    place : callable
        The policy: ``place(hosts=..., free=[...])`` returns a count for each leaf.
    jobs : int
        How many come.
    seed : int
        Of their sizes and times.

    Raises
    ------
    Unusable
        If the policy gives a job more or fewer hosts than it needs, or ones that are not free.

    Examples
    --------
    >>> leaf_borders(leaf_by_leaf, jobs=100, seed=0) > 50
    True
    """
    rng, n = stream(whole("seed", seed), "arrivals"), whole("jobs", jobs, at_least=1)
    sizes = rng.choice(list(SIZES), n, p=list(SIZES.values())).tolist()
    mean = sum(size * share for size, share in SIZES.items())
    arrives = np.cumsum(rng.exponential(mean / (LOAD * LEAVES * HOSTS_PER_LEAF), n)).tolist()
    lasts = rng.exponential(1.0, n).tolist()
    free, running, crossed = [HOSTS_PER_LEAF] * LEAVES, [], 0
    for hosts, now, life in zip(sizes, arrives, lasts, strict=True):
        for _, taken in (ended for ended in running if ended[0] <= now):
            free = [a + b for a, b in zip(free, taken, strict=True)]
        running = [job for job in running if job[0] > now]
        if hosts > sum(free):
            continue
        taken = _checked(place(hosts=hosts, free=list(free)), hosts, free)
        free = [a - b for a, b in zip(free, taken, strict=True)]
        running.append((now + life, taken))
        leaves = sum(each > 0 for each in taken)
        crossed += leaves if leaves > 1 else 0
    return float(crossed)


def _checked(taken: Sequence[int], hosts: int, free: list[int]) -> list[int]:
    where = f"for hosts={hosts}, free={free}"
    if not isinstance(taken, list | tuple) or len(taken) != len(free):
        raise Unusable(f"{where} it returned {taken!r}: give a list of {len(free)} counts")
    if not all(type(each) is int for each in taken):
        raise Unusable(f"{where} it returned {taken!r}: counts of hosts are whole numbers")
    for leaf, (each, room) in enumerate(zip(taken, free, strict=True)):
        if not 0 <= each <= room:
            raise Unusable(f"{where} it takes {each} of leaf {leaf}, which has {room} free")
    if sum(taken) != hosts:
        raise Unusable(f"{where} it takes {list(taken)}: {sum(taken)} hosts in all")
    return list(taken)
