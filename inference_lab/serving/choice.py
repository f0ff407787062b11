"""Choices: the replica that a router picks for a request, among those that live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from inference_lab.serving.router import Router, checked_choice

if TYPE_CHECKING:
    from inference_lab.serving.gateway import Gateway


class Asked:
    """Ask the router itself for each request.

    Parameters
    ----------
    gateway : Gateway
        Whose requests are routed, and whose living replicas are shown.
    routes : list of callable
        See `inference_lab.serving.router`: the router of each gateway; request i belongs to gateway
        i modulo their number.
    rng : numpy.random.Generator
        For the routers' random choices.
    living : list of replicas or None
        Those that are shown; None are all that live in the gateway.
    """

    def __init__(
        self,
        gateway: Gateway,
        routes: list[Router],
        rng: np.random.Generator,
        living: Sequence[Any] | None = None,
    ) -> None:
        self.gateway, self.routes, self.rng = gateway, routes, rng
        self.living = gateway.living if living is None else living
        self._questions = 0

    def shown(self, i: int) -> Sequence[Any]:
        """What the router of request `i` sees of the living replicas."""
        return self.living

    def __call__(self, i: int) -> Any:
        """The replica for request `i`."""
        return self.among(i, self.shown(i))

    def among(self, i: int, shown: Sequence[Any]) -> Any:
        """The one of these replicas that the router of request `i` picks."""
        gateway, route = self.gateway, self.routes[i % len(self.routes)]
        gateway.question = self._questions = self._questions + 1
        chosen = checked_choice(route(gateway.request(i), shown, self.rng), len(shown))
        gateway.question = 0
        return shown[chosen]
