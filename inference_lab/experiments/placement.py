"""Where jobs of several hosts stand: how often a ring has to leave its leaf."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from operator import add, sub
from typing import NamedTuple

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


class Placed(NamedTuple):
    """A job that found room: its hosts, what was free on each leaf, what it got of each."""

    hosts: int
    free: list[int]
    taken: list[int]

    @property
    def leaves(self) -> int:
        """How many leaves it has hosts of."""
        return len(self.taken) - self.taken.count(0)

    @property
    def fewest(self) -> int:
        """How many leaves it needed: the largest gaps until they are enough."""
        gaps, room = sorted(self.free, reverse=True), 0
        return next(i for i, gap in enumerate(gaps, 1) if (room := room + gap) >= self.hosts)

    @property
    def broke_in(self) -> bool:
        """Whether it took of the largest gap alone, although a smaller one had room for it."""
        gap = self.free[self.taken.index(max(self.taken))]
        fits = [room for room in self.free if room >= self.hosts]
        return self.leaves == 1 and gap == max(self.free) > min(fits)


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
    return crossed(placements(place, jobs, seed))


def crossed(placed: Iterable[Placed]) -> float:
    """How many borders the rings of these jobs cross."""
    return float(sum(each.leaves for each in placed if each.leaves > 1))


def placements(place: Place, jobs: int, seed: int) -> Iterator[Placed]:
    """Each job of `leaf_borders` that finds room, in the order in which they come."""
    rng, n = stream(whole("seed", seed), "arrivals"), whole("jobs", jobs, at_least=1)
    sizes = rng.choice(list(SIZES), n, p=list(SIZES.values())).tolist()
    mean = sum(size * share for size, share in SIZES.items())
    arrives = np.cumsum(rng.exponential(mean / (LOAD * LEAVES * HOSTS_PER_LEAF), n)).tolist()
    lasts = rng.exponential(1.0, n).tolist()
    free = [HOSTS_PER_LEAF] * LEAVES
    running: list[tuple[float, list[int]]] = []  # the one that ends first is at the front
    for hosts, now, life in zip(sizes, arrives, lasts, strict=True):
        while running and running[0][0] <= now:
            free = list(map(add, free, heappop(running)[1]))
        if hosts > sum(free):
            continue
        taken = _checked(place(hosts=hosts, free=list(free)), hosts, free)
        yield Placed(hosts, free, taken)
        free = list(map(sub, free, taken))
        heappush(running, (now + life, taken))


def _checked(taken: Sequence[int], hosts: int, free: list[int]) -> list[int]:
    where = f"for hosts={hosts}, free={free}"
    if not isinstance(taken, list | tuple) or len(taken) != len(free):
        raise Unusable(f"{where} it returned {taken!r}: give a list of {len(free)} counts")
    if {*map(type, taken)} != {int}:
        raise Unusable(f"{where} it returned {taken!r}: counts of hosts are whole numbers")
    for leaf, (each, room) in enumerate(zip(taken, free, strict=True)):
        if not 0 <= each <= room:
            raise Unusable(f"{where} it takes {each} of leaf {leaf}, which has {room} free")
    if sum(taken) != hosts:
        raise Unusable(f"{where} it takes {list(taken)}: {sum(taken)} hosts in all")
    return list(taken)
