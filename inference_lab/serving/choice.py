"""Choices: the replica that a router picks for a request, among those that live."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from inference_lab.serving.router import Router, checked_choice
from inference_lab.traffic.request import Request


class Asked:
    """Ask the router itself for each request.

    Parameters
    ----------
    route : callable
        See `inference_lab.serving.router`.
    request : callable
        From the index of a request to what a router may see of it.
    living : sequence of replicas
        What a router is shown; the gateway keeps it up to date.
    rng : numpy.random.Generator
        For the router's random choices.
    """

    def __init__(
        self,
        route: Router,
        request: Callable[[int], Request],
        living: Sequence[Any],
        rng: np.random.Generator,
    ) -> None:
        self.route, self.request, self.living, self.rng = route, request, living, rng

    def __call__(self, i: int) -> Any:
        """The replica for request `i`."""
        living = self.living
        chosen = checked_choice(self.route(self.request(i), living, self.rng), len(living))
        return living[chosen]
