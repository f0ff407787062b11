"""Host cache: a second tier for prompts that left the KV-cache, in the memory of the host."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import takewhile

from inference_lab.checks import whole
from inference_lab.physics.costs import Costs
from inference_lab.physics.links import Link


class HostCache:
    """Blocks of one replica in host memory; the least recently used leaves first.

    Parameters
    ----------
    capacity : int
        Hashes that fit.
    bytes_each : float
        Of the KV-cache of a hash.
    link : Link
        Over which blocks come back; the microseconds before the first byte are left out, since a
        block takes hundreds of them. That blocks went there costs nothing, as it happens beside the
        iterations.
    costs : Costs
        Of the replica's iterations.
    """

    __slots__ = ("_bytes_each", "_capacity", "_costs", "_hashes", "_link")

    def __init__(self, capacity: int, bytes_each: float, link: Link, costs: Costs) -> None:
        self._capacity, self._bytes_each = capacity, bytes_each
        self._link, self._costs = link, costs
        self._hashes: OrderedDict[int, None] = OrderedDict()

    def take(self, block: int) -> None:
        """A block comes from the KV-cache."""
        self._hashes[block] = None
        self._hashes.move_to_end(block)
        if len(self._hashes) > self._capacity:
            self._hashes.popitem(last=False)

    def worth_fetching(
        self, blocks: Sequence[int], each: int, cached: int, tokens: int
    ) -> tuple[int, float]:
        """How many of the next blocks of a prompt to fetch, and the seconds it takes.

        All that are here, if that is faster than to compute them; else none.

        Parameters
        ----------
        blocks : sequence of int
            Hashes that follow those in the KV-cache.
        each, cached, tokens : int
            Tokens of a block, in the KV-cache, and of the whole prefill.
        """
        here = len(list(takewhile(self._hashes.__contains__, blocks)))
        if not here:
            return 0, 0.0
        fetch_s = self._link.transfer_s(here * self._bytes_each)
        then = cached + here * each
        computed_s = self._costs.iteration_s([(cached, tokens - cached)], 0, 0)
        rest_s = self._costs.iteration_s([(then, tokens - then)], 0, 0)
        return (here, fetch_s) if fetch_s < computed_s - rest_s else (0, 0.0)

    def use(self, blocks: Sequence[int]) -> None:
        """These are fetched: the deepest counts as used first, as in the KV-cache."""
        for block in reversed(blocks):
            self._hashes.move_to_end(block)

    def clear(self) -> None:
        """Everything is lost."""
        self._hashes.clear()


def check_host_cache(prefix_cache: object, tokens: object, link: object) -> None:
    """Refuse a second tier that has no first one before it, or no link.

    Raises
    ------
    TypeError, ValueError
        If `prefix_cache` is not True, False or None, `tokens` is no whole number, or they do not go
        together.
    """
    if prefix_cache not in (None, True, False):
        raise TypeError(f"prefix_cache={prefix_cache!r} must be True, False or None")
    if not whole("host_cache_tokens", tokens):
        return
    if prefix_cache is False:
        raise ValueError(
            f"host_cache_tokens={tokens!r} needs a prefix cache before it: leave "
            "prefix_cache=False out"
        )
    if not isinstance(link, Link):
        raise TypeError(
            f"host_link={link!r} must be a Link where host_cache_tokens > 0: use "
            "Link.named('PCIe-5-x16')"
        )
