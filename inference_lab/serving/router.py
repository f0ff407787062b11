"""What a router is: which replica gets a request.

A router is a function ``route(request, replicas, rng) -> place`` in the list `replicas`, which
shows those that are alive (`inference_lab.serving.replica_view.ReplicaView`). `request` has
``index``, ``arrival_s``, ``prompt_tokens``, ``prefix_blocks``, ``session``, ``tenant``; `rng` is a
`numpy.random.Generator`.
"""

from __future__ import annotations

import copy
import inspect
import operator
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from inference_lab.checks import one_of
from inference_lab.serving.replica_view import ReplicaView
from inference_lab.serving.routers import BY_NAME, PowerOf
from inference_lab.traffic.request import Request

Router = Callable[[Request, Sequence[ReplicaView], np.random.Generator], int]

ROUTERS = tuple(BY_NAME)
"""Names of the routers that come with the package."""


def new_router(router: str | Router, name: str = "router") -> Router:
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
        return BY_NAME[one_of(name, router, ROUTERS)]()
    if isinstance(router, type) or not callable(router) or not _takes_three(router):
        raise TypeError(
            f"{name}={router!r} must be one of {', '.join(ROUTERS)}, "
            "or a function route(request, replicas, rng) -> index, or an instance with such a "
            "__call__ (not its class)"
        )
    return router if isinstance(router, FunctionType) else copy.deepcopy(router)


def check_router(name: str, router: str | Router, replicas: int) -> None:
    """Raise a ValueError or a TypeError if a router does not go with so many replicas."""
    route = new_router(router, name)
    if isinstance(route, PowerOf) and route.choices > replicas:
        raise ValueError(
            f"choices={route.choices} exceeds the {replicas} replicas: they are distinct; give at "
            f"most {replicas}"
        )


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
