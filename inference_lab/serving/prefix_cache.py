"""Prefix cache: prompts that begin alike share blocks of the KV-cache of one replica.

A hash of a prompt stands for a whole number of engine blocks, and those stay, move and leave
together. As in vLLM's automatic prefix caching, only blocks that a prompt fills are shared, and the
last token is always computed, since its output is the next token.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from itertools import islice
from typing import Any

from inference_lab.physics.costs import Costs
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.host_cache import HostCache
from inference_lab.serving.kv_cache import BLOCK_TOKENS
from inference_lab.traffic.workload import Workload


class Prompts(dict[int, tuple[int, ...]]):
    """The hashes of the blocks that each prompt fills, looked up when first asked for.

    Parameters
    ----------
    workload : Workload
        With prefix blocks.
    """

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._rows: Any = workload.prefix_blocks
        self.block_tokens: int = workload.prefix_block_tokens  # type: ignore[assignment]

    def __missing__(self, i: int) -> tuple[int, ...]:
        filled = int(self._workload.prompt_tokens[i]) // self.block_tokens
        self[i] = hashes = self._rows[i][:filled]
        return hashes


class PrefixCache:
    """The prompts of one replica: a hash is held by running sequences, idle, or not there.

    Parameters
    ----------
    prompts : Prompts
        The hashes of each request, shared by the fleet.
    host : HostCache or None
        Where blocks go that leave.

    Attributes
    ----------
    holders : dict of int to int
        How many running sequences hold each hash.
    idle : OrderedDict of int
        Hashes that nobody holds; the least recently used first.
    shared : int
        Copies that sharing saves, in hashes.
    blocks_each : int
        Engine blocks of a hash.
    """

    __slots__ = (
        "_of",
        "block_tokens",
        "blocks_each",
        "holders",
        "host",
        "idle",
        "prompts",
        "shared",
    )

    def __init__(self, prompts: Prompts, host: HostCache | None = None) -> None:
        self.prompts, self.host = prompts, host
        self.block_tokens = prompts.block_tokens
        self.blocks_each = prompts.block_tokens // BLOCK_TOKENS
        self.holders: dict[int, int] = {}
        self.idle: OrderedDict[int, None] = OrderedDict()
        self.shared = 0
        self._of: dict[int, tuple[int, ...]] = {}  # what each running sequence holds

    def find(self, i: int, tokens: int, leaving: int = 0) -> tuple[int, int]:
        """Hashes at the head of request `i` that are here, and how many of them are held.

        Parameters
        ----------
        i : int
            Request.
        tokens : int
            Of its next prefill; at least the last one is computed.
        leaving : int
            So many of the oldest idle hashes count as gone.
        """
        holders, idle, hashes = self.holders, self.idle, self.prompts[i]
        most = (tokens - 1) // self.block_tokens
        if most < len(hashes):
            hashes = hashes[:most]
        found = held = 0
        gone = set(islice(idle, leaving)) if leaving else ()
        for block in hashes:
            if block in holders:
                held += 1
            elif block not in idle or block in gone:
                break
            found += 1
        return found, held

    def cached_tokens(self, i: int, tokens: int) -> int:
        """Tokens of request `i` that are here."""
        return self.find(i, tokens)[0] * self.block_tokens

    def fetchable(self, i: int, tokens: int, found: int) -> tuple[int, float]:
        """How many hashes after those that were found to fetch from the host, and the seconds."""
        if self.host is None:
            return 0, 0.0
        each = self.block_tokens
        missing = self.prompts[i][found : (tokens - 1) // each]
        return self.host.worth_fetching(missing, each, found * each, tokens)

    def start(self, i: int, tokens: int) -> tuple[int, int, float]:
        """Request `i` starts and holds what is here.

        Returns the hashes that were here, those fetched from the host, and the seconds of that.
        """
        found = self.find(i, tokens)[0]
        fetched, fetch_s = self.fetchable(i, tokens, found)
        self._of[i] = self._hold(self.prompts[i][:found])
        if fetched:
            self.host.use(self.prompts[i][found : found + fetched])  # type: ignore[union-attr]
        return found, fetched, fetch_s

    def enter(self, i: int) -> int:
        """The prompt of `i` is computed: all that it fills is here now; returns its hashes.

        Of what another sequence entered in the meantime, the own copy is given back.
        """
        already = len(self._of.get(i, ()))
        self._of[i] = hashes = self.prompts[i]
        self._hold(hashes[already:])
        return len(hashes)

    def _hold(self, hashes: tuple[int, ...]) -> tuple[int, ...]:
        holders, idle = self.holders, self.idle
        for block in hashes:
            if block in holders:
                holders[block] += 1
                self.shared += 1
            else:
                holders[block] = 1
                if block in idle:
                    del idle[block]
        return hashes

    def release(self, i: int) -> None:
        """Request `i` ends, or loses its memory: it lets go of its hashes, the deepest first."""
        holders, idle = self.holders, self.idle
        for block in reversed(self._of.pop(i, ())):
            if holders[block] > 1:
                holders[block] -= 1
                self.shared -= 1
            else:
                del holders[block]
                idle[block] = None

    def fit(self, free_blocks: int) -> None:
        """The oldest idle hashes leave, whole, until the others fit into `free_blocks`."""
        idle, host = self.idle, self.host
        for _ in range(len(idle) - free_blocks // self.blocks_each):
            block = idle.popitem(False)[0]
            if host is not None:
                host.take(block)

    def leaving(self, free_blocks: int) -> int:
        """How many idle hashes have to leave until the others fit into `free_blocks`."""
        return max(0, len(self.idle) - free_blocks // self.blocks_each)

    def clear(self) -> None:
        """Everything is lost."""
        self.holders.clear()
        self.idle.clear()
        self._of.clear()
        self.shared = 0
        if self.host is not None:
            self.host.clear()


def prefix_caches(
    cluster: Cluster,
    workload: Workload,
    new_prompts: Callable[[Workload], Any],
    new_cache: Callable[[Any, HostCache | None], Any],
) -> list[Any]:
    """The cache of each replica, or None if it keeps none, or no prompt has hashes."""
    if workload.prefix_blocks is None or not any(map(cluster.keeps_prefixes, cluster.fleet)):
        return [None] * len(cluster.fleet)
    prompts = new_prompts(workload)
    each = prompts.block_tokens
    capacity, link = cluster.host_cache_tokens // each, cluster.host_link

    def new(costs: Costs) -> Any:
        if not cluster.keeps_prefixes(costs):
            return None
        if link is None or not capacity:
            return new_cache(prompts, None)
        host = HostCache(capacity, each * costs.kv_bytes_per_token, link, costs)
        return new_cache(prompts, host)

    return [new(costs) for costs in cluster.fleet]


def pinned(caches: list[Any]) -> int:
    """Hashes that running sequences hold, and copies that sharing saves; none after a run."""
    return sum(len(cache.holders) + abs(cache.shared) for cache in caches if cache is not None)
