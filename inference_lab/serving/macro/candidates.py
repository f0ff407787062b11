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

    To count what a replica holds at this instant takes most of the time of a choice. Bounds are
    there at once: whose least cost is above the most that another one may cost, is not chosen. The
    others, all of equal cost among them, are shown to the router in their order.

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
        least = [self._least(request, replica) for replica in replicas]
        most = self._most(request, replicas[least.index(min(least))])
        return [place for place, cost in enumerate(least) if cost <= most]

    def _least(self, request: Request, replica: MacroReplica) -> float:
        """No cost is below it: each sequence stores at least the tokens with which the running
        stretch began, and of what was cached when somebody last looked, some may have left."""
        tokens = request.prompt_tokens
        cached = 0 if replica.cache is None else replica.cache.find(request.index, tokens)[0]
        return self._cost(replica, tokens, cached, replica.context - replica.batch)

    def _most(self, request: Request, replica: MacroReplica) -> float:
        """No cost is above it: each sequence stores at most the tokens with which the stretch ends
        and a last block of one token; and if something cached is idle, all of it may have left."""
        tokens = request.prompt_tokens
        cached, held = (
            (0, 0) if replica.cache is None else replica.cache.find(request.index, tokens)
        )
        stored = replica.context + (replica.steps + BLOCK_TOKENS) * replica.batch
        stored += replica.early_blocks * BLOCK_TOKENS
        return self._cost(replica, tokens, cached if held == cached else 0, stored)

    def _cost(self, replica: MacroReplica, tokens: int, cached: int, stored: int) -> float:
        """As `KVAware.cost`, of hashes that are cached and tokens that the batch stores."""
        if cached:
            tokens -= cached * replica.cache.block_tokens  # type: ignore[union-attr]
        prefill_blocks = (replica.queued_tokens + tokens) / BLOCK_TOKENS
        decode_blocks = stored / BLOCK_TOKENS + memory.reserved(replica)
        return self._router.overlap_weight * prefill_blocks + decode_blocks


def narrow(gateway: Gateway) -> None:
    """Let the routers of a gateway see candidates only, if their rule and their news allow it."""
    asked = gateway.choose
    if type(asked) is Asked:  # old news is another matter
        asked.routes = [
            Candidates(route) if type(route) is KVAware and not route.temperature else route
            for route in asked.routes
        ]
