"""Candidates: the few replicas that may be the cheapest to `KVAware`."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from inference_lab.serving.choice import Asked
from inference_lab.serving.kv_cache import BLOCK_TOKENS
from inference_lab.serving.macro import memory
from inference_lab.serving.macro.chains import Chains
from inference_lab.serving.routers import KVAware

if TYPE_CHECKING:
    from inference_lab.serving.gateway import Gateway
    from inference_lab.serving.macro.replica import MacroReplica
    from inference_lab.serving.macro.run import Run


class Candidates:
    """Choices as by `KVAware`, which is asked only about replicas that may be chosen.

    To count what a replica holds at this instant takes most of the time of a choice. Bounds are
    there at once: whose least cost is above the most that another one may cost, is not chosen. The
    others, all of equal cost among them, are shown to the router in their order.

    Parameters
    ----------
    asked : Asked
        Choices by a `KVAware` without a temperature, so that it takes the least cost.
    run : Run
        For the lengths of the prompts.
    chains : Chains or None
        The prompts that caches keep, if they keep any.
    """

    def __init__(self, asked: Asked, run: Run, chains: Chains | None) -> None:
        self._asked, self._prompts, self._chains = asked, run.prompts, chains
        self._weight: float = asked.routes[0].overlap_weight  # type: ignore[attr-defined]
        self._each = 0 if chains is None else chains.block_tokens

    def __call__(self, i: int) -> Any:
        """The replica for request `i`."""
        few = self.few(i)
        return self._asked.among(i, few) if few[1:] else few[0]

    def few(self, i: int) -> list[MacroReplica]:
        """The living replicas that may be the cheapest for request `i`."""
        replicas = self._asked.living
        least = self._at_sight(i, replicas)
        place = least.index(min(least))
        first = replicas[place]
        most = self._most(i, first)
        least[place] = inf
        if min(least) > most:
            return [first]
        least = [self._least(i, replica) for replica in replicas]
        cheapest = replicas[least.index(min(least))]
        if cheapest is not first:
            most = min(most, self._most(i, cheapest))
        return [replica for replica, cost in zip(replicas, least, strict=True) if cost <= most]

    def _at_sight(self, i: int, replicas: Sequence[MacroReplica]) -> list[float]:
        """No cost is below these: as `_least`, with all cached that may be at that replica."""
        tokens, weight = self._prompts[i], self._weight
        near, here, elsewhere = (0, 0, 0) if self._chains is None else self._chains.whereabouts(i)
        missing = (tokens - elsewhere * self._each, tokens - here * self._each)
        return [
            weight * ((replica.queued_tokens + missing[near >> replica.index & 1]) / BLOCK_TOKENS)
            + ((replica.context - replica.batch) / BLOCK_TOKENS + memory.reserved(replica))
            for replica in replicas
        ]

    def _least(self, i: int, replica: MacroReplica) -> float:
        """No cost is below it: each sequence stores at least the tokens with which the running
        stretch began, and of what was cached when somebody last looked, some may have left."""
        tokens = self._prompts[i]
        cached = 0 if replica.cache is None else replica.cache.find(i, tokens)[0]
        return self._cost(replica, tokens, cached, replica.context - replica.batch)

    def _most(self, i: int, replica: MacroReplica) -> float:
        """No cost is above it: each sequence stores at most the tokens with which the stretch ends
        and a last block of one token; and if something cached is idle, all of it may have left."""
        tokens = self._prompts[i]
        cached, held = (0, 0) if replica.cache is None else replica.cache.find(i, tokens)
        stored = replica.context + (replica.steps + BLOCK_TOKENS) * replica.batch
        stored += replica.early_blocks * BLOCK_TOKENS
        return self._cost(replica, tokens, cached if held == cached else 0, stored)

    def _cost(self, replica: MacroReplica, tokens: int, cached: int, stored: int) -> float:
        """As `KVAware.cost`, of hashes that are cached and tokens that the batch stores."""
        prefill_blocks = (replica.queued_tokens + tokens - cached * self._each) / BLOCK_TOKENS
        decode_blocks = stored / BLOCK_TOKENS + memory.reserved(replica)
        return self._weight * prefill_blocks + decode_blocks


def narrow(gateway: Gateway, run: Run, caches: list[Any]) -> None:
    """Let the routers of a gateway see candidates only, if their rule and their news allow it."""
    asked = gateway.choose
    if type(asked) is not Asked:  # old news is another matter
        return
    route = asked.routes[0]
    if type(route) is KVAware and not route.temperature:
        chains = next((cache.chains for cache in caches if cache is not None), None)
        gateway.choose = Candidates(asked, run, chains)
