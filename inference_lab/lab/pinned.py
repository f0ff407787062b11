"""What if a request had gone elsewhere: the router that sends it there, and who moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from inference_lab.serving.replica_view import ReplicaView
from inference_lab.serving.router import Router, new_router
from inference_lab.traffic.request import Request

MOVED_S = 0.01
"""A first token that moves by less is not told: half the length of a short iteration."""


class Pinned:
    """A router whose choices stand, except for the requests that are pinned to a replica.

    Parameters
    ----------
    router : str or callable
        It is asked for every request, so that its own state and its random draws stay the same.
    places : dict of int to int
        The replica of each request that is pinned.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> route = Pinned("round_robin", {1: 0})
    >>> [route(SimpleNamespace(index=i), [None, None, None], None) for i in range(4)]
    [0, 0, 2, 0]
    """

    def __init__(self, router: str | Router, places: Mapping[int, int]) -> None:
        self.router = new_router(router)
        self.places = dict(places)

    def __call__(
        self, request: Request, replicas: Sequence[ReplicaView], rng: np.random.Generator
    ) -> int:
        chosen = self.router(request, replicas, rng)
        return self.places.get(request.index, chosen)


def moved(
    before_s: NDArray[np.float64], after_s: NDArray[np.float64], pinned: int | None = None
) -> str:
    """Whose first token moved, in a sentence or two.

    Parameters
    ----------
    before_s, after_s : array of float, shape (n,)
        TTFT of the same requests in two runs.
    pinned : int or None
        The request that was sent elsewhere; it is told first.

    Examples
    --------
    >>> moved(np.array([0.5, 0.9, 0.1]), np.array([0.5, 0.9, 0.3]))
    'One first token moves: request 2, 200 ms later.'
    """
    change_s = np.nan_to_num(after_s - before_s)
    others = np.abs(change_s) > MOVED_S
    said = ""
    if pinned is not None:
        others[pinned] = False
        said = f"Request {pinned} gets its first token after {_ms(after_s[pinned])}, "
        same = abs(change_s[pinned]) < 5e-4
        said += "as before. " if same else f"not {_ms(before_s[pinned])}. "
    count = int(others.sum())
    if not count:
        return said + f"No other first token moves by more than {MOVED_S * 1e3:.0f} ms."
    most = np.where(others, np.abs(change_s), 0)
    told = [int(np.argmax(most))]
    opposite = most * (np.sign(change_s) != np.sign(change_s[told[0]]))
    if opposite.any():
        told.append(int(np.argmax(opposite)))
    extent = " and ".join(_shift(i, change_s[i]) for i in told)
    other = "other " if pinned is not None else ""
    if count == 1:
        return said + f"One {other}moves: {extent}.".replace("One moves", "One first token moves")
    return said + f"{count:,} {other}first tokens move, most of all {extent}."


def _shift(request: int, change_s: float) -> str:
    return f"request {request}, {_ms(abs(change_s))} {'later' if change_s > 0 else 'sooner'}"


def _ms(seconds: float) -> str:
    return "never" if np.isnan(seconds) else f"{seconds * 1e3:,.0f} ms"
