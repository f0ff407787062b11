"""Candidates: the few replicas that may be the cheapest to `KVAware`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from inference_lab.serving.choice import Asked
from inference_lab.serving.gateway import Gateway
from inference_lab.serving.kv_cache import BLOCK_TOKENS
from inference_lab.serving.macro import memory
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.routers import KVAware
from inference_lab.traffic.request import Request


class Candidates:
    """A router that chooses as `KVAware` does, and asks it only about replicas that may be chosen.

    To count what a replica holds at this instant takes most of the time of a choice. A bound below
    that is there at once. Whoever's bound is above the cost of another one is not the cheapest;
    the others, all of equal cost among them, are shown to the router, in their order.

    Parameters
    ----------
    router : KVAware
        Without a temperature, so that it takes the least cost.
    """

    def __init__(self, router: KVAware) -> None:
        self._router = router

    def __call__(self, request: Request, replicas: Sequence[Any], rng: np.random.Generator) -> int:
        places = self.places(request, replicas)
        if len(places) == 1:
            return places[0]
        return places[self._router(request, [replicas[place] for place in places], rng)]

    def places(self, request: Request, replicas: Sequence[Any]) -> list[int]:
        """Those of the replicas that may be the cheapest."""
        bounds = [self._at_least(request, replica) for replica in replicas]
        cost = self._router.cost(request, replicas[bounds.index(min(bounds))])
        return [place for place, bound in enumerate(bounds) if bound <= cost]

    def _at_least(self, request: Request, replica: MacroReplica) -> float:
        """A bound below the cost of a replica.

        Each sequence stores at least the tokens with which the running stretch began, and of what
        was cached when somebody last looked, some may have left.
        """
        missing, cache = request.prompt_tokens, replica.cache
        if cache is not None:
            missing -= cache.find(request.index, missing)[0] * cache.block_tokens
        prefill_blocks = (replica.queued_tokens + missing) / BLOCK_TOKENS
        decode_blocks = (replica.context - replica.batch) / BLOCK_TOKENS + memory.reserved(replica)
        return self._router.overlap_weight * prefill_blocks + decode_blocks


def narrow(gateway: Gateway) -> None:
    """Let the routers of a gateway see candidates only, if their rule and their news allow it."""
    asked = gateway.choose
    if type(asked) is Asked:  # old news is another matter
        asked.routes = [
            Candidates(route) if type(route) is KVAware and not route.temperature else route
            for route in asked.routes
        ]
