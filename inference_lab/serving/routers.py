"""The routers that come with the package: each reads as its rule.

Those with parameters are classes: ``il.Cluster(replica, 8, router=il.routers.PowerOf(3))``. See
`docs/routers.md` for where each rule comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil

import numpy as np

from inference_lab.checks import real, whole
from inference_lab.serving.affinity import affinity_key, rendezvous
from inference_lab.serving.kv_cache import BLOCK_TOKENS
from inference_lab.serving.replica_view import ReplicaView
from inference_lab.traffic.request import Request

Replicas = Sequence[ReplicaView]
"""The replicas that are alive, in the order of the fleet."""


def random(request: Request, replicas: Replicas, rng: np.random.Generator) -> int:
    """Any replica, each with the same chance."""
    return int(rng.integers(len(replicas)))


class RoundRobin:
    """One after the other."""

    def __init__(self) -> None:
        self.next = 0

    def __call__(self, request: Request, replicas: Replicas, rng: np.random.Generator) -> int:
        chosen = self.next % len(replicas)  # there may be fewer than last time
        self.next = chosen + 1
        return chosen


def least_outstanding(request: Request, replicas: Replicas, rng: np.random.Generator) -> int:
    """The replica with the fewest unfinished requests; the lowest index among equals."""
    return min(range(len(replicas)), key=lambda i: replicas[i].outstanding)


def least_queued_tokens(request: Request, replicas: Replicas, rng: np.random.Generator) -> int:
    """The replica with the fewest prompt tokens to prefill; among equals, the least outstanding.

    Mostly nobody waits anywhere. With ties by index alone, replica 0 then gets nearly all answers
    to write.
    """
    loads = [(replica.queued_tokens, replica.outstanding) for replica in replicas]
    return loads.index(min(loads))


class PowerOf:
    """The least outstanding of `choices` distinct replicas, drawn at random.

    Mitzenmacher, The power of two choices in randomized load balancing, 2001. While fewer are
    alive, all of them are compared.

    Parameters
    ----------
    choices : int
        How many are compared.

    Raises
    ------
    TypeError, ValueError
        If `choices` is not a whole number >= 1; in a `Cluster`, if it has fewer replicas.

    Examples
    --------
    >>> PowerOf(2)
    PowerOf(2)
    """

    def __init__(self, choices: int) -> None:
        self.choices = whole("choices", choices, at_least=1)

    def __repr__(self) -> str:
        return f"PowerOf({self.choices})"

    def __call__(self, request: Request, replicas: Replicas, rng: np.random.Generator) -> int:
        drawn: set[int] = set()
        while len(drawn) < min(self.choices, len(replicas)):
            drawn.add(int(rng.integers(len(replicas))))
        return min(sorted(drawn), key=lambda i: replicas[i].outstanding)


def session_affinity(request: Request, replicas: Replicas, rng: np.random.Generator) -> int:
    """The replica that the conversation belongs to, however loaded it is.

    Without a session, the second hash of the prompt tells conversations apart. When a replica
    leaves, only its own conversations move (`inference_lab.serving.affinity.rendezvous`).
    """
    return rendezvous(affinity_key(request), [replica.index for replica in replicas])


def longest_prefix(request: Request, replicas: Replicas, rng: np.random.Generator) -> int:
    """The replica with most of the prompt in its cache; the lowest index among equals.

    Naive: where all prompts begin alike, the first replica to see one gets all that follow.
    """
    cached = [replica.cached_tokens(request) for replica in replicas]
    return cached.index(max(cached))


class GuardedPrefix:
    """The longest cached prefix among replicas that are not too loaded; of equals the least loaded.

    A replica may not have more than `factor` times its share of the outstanding requests, rounded
    up: the guard of Mirrokni, Thorup and Zadimoghaddam, Consistent hashing with bounded loads,
    SODA 2018.

    Parameters
    ----------
    factor : float
        At least 1, which balances the requests; large, it is the longest prefix alone.

    Raises
    ------
    TypeError, ValueError
        If `factor` is not a number >= 1.
    """

    def __init__(self, factor: float = 1.25) -> None:
        self.factor = real("factor", factor, at_least=1)

    def __repr__(self) -> str:
        return f"GuardedPrefix({self.factor})"

    def __call__(self, request: Request, replicas: Replicas, rng: np.random.Generator) -> int:
        loads = [replica.outstanding for replica in replicas]
        most = ceil(self.factor * (sum(loads) + 1) / len(replicas))
        free = [i for i, load in enumerate(loads) if load < most]
        return max(free, key=lambda i: (replicas[i].cached_tokens(request), -loads[i]))


class KVAware:
    """The least cost in blocks, weight times those to prefill and those held; random among equals.

    The cost is ``overlap_weight * prefill blocks + decode blocks``. Prefill blocks are those that
    the replica would have to compute if it got the request: what waits there, and what its cache
    lacks of the prompt. Decode blocks are those it holds. This is the cost of the KV router of
    NVIDIA Dynamo (its documentation, "Routing concepts").

    Parameters
    ----------
    overlap_weight : float
        More favours cached prefixes and so TTFT, less favours even load and so TPOT.
    temperature : float
        0 takes the least cost. Above, the chance of a replica falls by e for each `temperature` of
        the range of the costs (softmax).

    Raises
    ------
    TypeError, ValueError
        If one is not a number >= 0.
    """

    def __init__(self, overlap_weight: float = 1.0, temperature: float = 0.0) -> None:
        self.overlap_weight = real("overlap_weight", overlap_weight)
        self.temperature = real("temperature", temperature)

    def __repr__(self) -> str:
        return f"KVAware({self.overlap_weight}, {self.temperature})"

    def cost(self, request: Request, replica: ReplicaView) -> float:
        """What the request would cost at a replica, in blocks."""
        missing = request.prompt_tokens - replica.cached_tokens(request)
        prefill_blocks = (replica.queued_tokens + missing) / BLOCK_TOKENS
        decode_blocks = replica.blocks - replica.free_blocks
        return self.overlap_weight * prefill_blocks + decode_blocks

    def __call__(self, request: Request, replicas: Replicas, rng: np.random.Generator) -> int:
        costs = [self.cost(request, replica) for replica in replicas]
        least, most = min(costs), max(costs)
        if not self.temperature or least == most:
            cheapest = [i for i, cost in enumerate(costs) if cost == least]
            return cheapest[int(rng.integers(len(cheapest)))] if cheapest[1:] else cheapest[0]
        chances = np.exp((least - np.array(costs)) / (most - least) / self.temperature)
        return int(rng.choice(len(costs), p=chances / chances.sum()))


BY_NAME: dict[str, Callable[[], Callable[[Request, Replicas, np.random.Generator], int]]] = {
    "random": lambda: random,
    "round_robin": RoundRobin,
    "least_outstanding": lambda: least_outstanding,
    "least_queued_tokens": lambda: least_queued_tokens,
    "power_of_two": lambda: PowerOf(2),
    "session_affinity": lambda: session_affinity,
    "longest_prefix": lambda: longest_prefix,
    "guarded_prefix": GuardedPrefix,
    "kv_aware": KVAware,
}
"""What makes each of them anew for a run."""
