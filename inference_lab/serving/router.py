"""Routers: which replica gets a request.

A router is a function ``route(request, replicas, rng) -> index``. `request` has ``index``,
``arrival_s``,
``prompt_tokens``, ``prefix_blocks``, ``session``, ``tenant``; ``replicas[i]`` has ``outstanding``,
``queued_tokens``,
``free_blocks``, ``cached_tokens(request)``, ``zone``; `rng` is a `numpy.random.Generator`.
"""

from __future__ import annotations

import copy
import inspect
import operator
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, Protocol

import numpy as np

from inference_lab.checks import one_of, whole
from inference_lab.traffic.request import Request


class ReplicaView(Protocol):
    """What a router may see of a replica."""

    outstanding: int
    """Requests routed to it and not finished."""
    queued_tokens: int
    """Prompt tokens not yet prefilled, those of the running prefill included."""
    free_blocks: int
    """Blocks of its KV-cache that nobody holds."""
    blocks: int
    """Blocks of its KV-cache."""
    index: int
    """Its place in the fleet."""
    zone: int
    """The zone it stands in."""

    def cached_tokens(self, request: Request) -> int:
        """Tokens of the request's prompt that are in its prefix cache."""


Router = Callable[[Request, Sequence[ReplicaView], np.random.Generator], int]


def random(request: Request, replicas: Sequence[ReplicaView], rng: np.random.Generator) -> int:
    """Any replica, each with the same chance."""
    return int(rng.integers(len(replicas)))


class RoundRobin:
    """One after the other."""

    def __init__(self) -> None:
        self.next = 0

    def __call__(
        self, request: Request, replicas: Sequence[ReplicaView], rng: np.random.Generator
    ) -> int:
        chosen = self.next % len(replicas)  # some may have died since
        self.next = (chosen + 1) % len(replicas)
        return chosen


def least_outstanding(
    request: Request, replicas: Sequence[ReplicaView], rng: np.random.Generator
) -> int:
    """The replica with the fewest unfinished requests; the lowest index among equals."""
    return min(range(len(replicas)), key=lambda i: replicas[i].outstanding)


def least_queued_tokens(
    request: Request, replicas: Sequence[ReplicaView], rng: np.random.Generator
) -> int:
    """The replica with the fewest prompt tokens to prefill; among equals, the least outstanding.

    Mostly nobody waits anywhere. With ties by index alone, replica 0 then gets nearly all answers
    to write.
    """
    return min(
        range(len(replicas)), key=lambda i: (replicas[i].queued_tokens, replicas[i].outstanding)
    )


class PowerOf:
    """The least outstanding of `choices` distinct replicas, drawn at random; of all that are alive,
    where these are fewer.

    Mitzenmacher, The power of two choices in randomized load balancing, 2001.

    Parameters
    ----------
    choices : int
        How many are compared.

    Raises
    ------
    TypeError, ValueError
        If `choices` is not a whole number >= 1; in a cluster, if it has fewer replicas.

    Examples
    --------
    >>> PowerOf(2)
    PowerOf(2)
    """

    def __init__(self, choices: int) -> None:
        self.choices = whole("choices", choices, at_least=1)

    def __repr__(self) -> str:
        return f"PowerOf({self.choices})"

    def __call__(
        self, request: Request, replicas: Sequence[ReplicaView], rng: np.random.Generator
    ) -> int:
        choices = min(self.choices, len(replicas))  # some may have died
        drawn: set[int] = set()
        while len(drawn) < choices:
            drawn.add(int(rng.integers(len(replicas))))
        return min(sorted(drawn), key=lambda i: replicas[i].outstanding)


_MAKERS: dict[str, Callable[[], Router]] = {
    "random": lambda: random,
    "round_robin": RoundRobin,
    "least_outstanding": lambda: least_outstanding,
    "least_queued_tokens": lambda: least_queued_tokens,
    "power_of_two": lambda: PowerOf(2),
}

ROUTERS = tuple(_MAKERS)
"""Names of the routers that come with the package."""


def new_router(router: str | Router) -> Router:
    """A router for one run: by name, the function itself, or a copy of an instance.

    So what an instance remembers of one run is not there in the next.

    Raises
    ------
    TypeError, ValueError
        If it is neither a known name nor a function of three arguments.

    Examples
    --------
    >>> new_router("round_robin")(None, [None, None], None)
    0
    """
    if isinstance(router, str):
        return _MAKERS[one_of("router", router, ROUTERS)]()
    if isinstance(router, type) or not callable(router) or not _takes_three(router):
        raise TypeError(
            f"router={router!r} must be one of {', '.join(ROUTERS)}, "
            "or a function route(request, replicas, rng) -> index, or an instance with such a "
            "__call__ (not its class)"
        )
    return router if isinstance(router, FunctionType) else copy.deepcopy(router)


def _takes_three(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(None, None, None)
    except TypeError:
        return False
    except ValueError:  # some builtins do not tell
        return True
    return True


def checked_choice(choice: Any, replicas: int) -> int:
    """The index that a router returned.

    Raises
    ------
    TypeError, ValueError
        If it is not a whole number, or there is no replica with that index.
    """
    try:
        index = operator.index(choice)
    except TypeError:
        given = (
            repr(choice) if choice is None or isinstance(choice, float) else type(choice).__name__
        )
        raise TypeError(
            f"the router returned {given}: return the index of a replica, 0 to {replicas - 1}"
        ) from None
    if not 0 <= index < replicas:
        raise ValueError(
            f"the router returned {index}: return the index of a replica, 0 to {replicas - 1}"
        )
    return index
