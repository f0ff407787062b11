"""The prefix cache of a macro replica: the rules of `serving.prefix_cache`, chain by chain.

The hashes of a chain are held, let go and forgotten together. Where they are not (the deepest have
left, and somebody comes for the others), the chain is cut in two pieces, which go their own ways.
"""

from __future__ import annotations

from collections import ChainMap, OrderedDict
from collections.abc import Mapping
from itertools import chain

from inference_lab.serving.host_cache import HostCache
from inference_lab.serving.kv_cache import BLOCK_TOKENS
from inference_lab.serving.macro.chains import Chain, Chains

ALL = 1 << 60
"""As many hashes as a prompt has."""


class ChainCache:
    """The prompts of one replica: a piece of a chain is held whole, idle, or not there.

    Of an idle piece the deepest hashes may have left. A piece is known by its `end`, one more than
    the number of its last hash: a cut leaves that to the deeper part, and with it the place in the
    order of leaving.

    Parameters
    ----------
    chains : Chains
        The prompt of each request, shared by the fleet.
    host : HostCache or None
        Where blocks go that leave.

    Attributes
    ----------
    holders : dict of int to int
        How many running sequences hold each piece.
    idle : OrderedDict of int to range
        Pieces that nobody holds, and the hashes that are still here; the least recently used first.
    idle_hashes, shared : int
        How many hashes that is, and copies of hashes that sharing saves.
    blocks_each, bit : int
        Engine blocks of a hash, and the replica in `Chains.kept`.
    """

    # fmt: off
    __slots__ = (
        "_about", "_cuts", "_of", "bit", "block_tokens", "blocks_each", "chains",
        "holders", "host", "idle", "idle_hashes", "shared",
    )
    # fmt: on

    def __init__(self, chains: Chains, host: HostCache | None = None) -> None:
        self.chains, self.host = chains, host
        self.block_tokens = chains.block_tokens
        self.blocks_each = chains.block_tokens // BLOCK_TOKENS
        self.holders: dict[int, int] = {}
        self.idle: OrderedDict[int, range] = OrderedDict()
        self.idle_hashes = self.shared = 0
        self.bit = 1
        self._cuts: dict[int, int] = {}  # where the piece that begins there ends, if it was cut
        self._of: dict[int, int] = {}  # how many of its hashes each running sequence holds
        self._about: dict[int, list[Chain]] = {}  # the rest of those who enter at this instant

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
        cuts, holders = self._cuts, self.holders
        idle: Mapping[int, range] = self._after(leaving) if leaving else self.idle
        found = held = 0
        for start, stop in self.chains[i]:
            while start < stop:
                end = cuts.get(start, stop)
                length = end - start
                if end in holders:
                    held += length
                elif end not in idle:
                    return found, held
                elif len(idle[end]) < length:
                    return found + len(idle[end]), held
                found += length
                start = end
        # All of it is here; that the last token is computed can only cost the last hash.
        if found > (tokens - 1) // self.block_tokens:
            return found - 1, held - (end in holders)
        return found, held

    def _after(self, leaving: int) -> Mapping[int, range]:
        """What is idle when so many hashes have left."""
        fewer = {}
        for end, here in self.idle.items():
            if leaving <= 0:
                break
            fewer[end] = here[: max(0, len(here) - leaving)]
            leaving -= len(here)
        return ChainMap(fewer, self.idle)

    def _hashes(self, i: int, first: int, last: int) -> list[int]:
        """The numbers of some hashes of a prompt."""
        return list(chain.from_iterable(range(*each) for each in self.chains[i]))[first:last]

    def fetchable(self, i: int, tokens: int, found: int) -> tuple[int, float]:
        """How many hashes after those that were found to fetch from the host, and the seconds."""
        if self.host is None:
            return 0, 0.0
        each = self.block_tokens
        missing = self._hashes(i, found, (tokens - 1) // each)
        return self.host.worth_fetching(missing, each, found * each, tokens)

    def start(self, i: int, tokens: int, found: int) -> tuple[int, float]:
        """Request `i` starts and holds what was found of it here.

        Returns the hashes that are fetched from the host, and the seconds of that.
        """
        fetched, fetch_s = self.fetchable(i, tokens, found)
        self._of[i] = found
        self._hold(self._head(i, found))
        if fetched:
            self.host.use(self._hashes(i, found, found + fetched))  # type: ignore[union-attr]
        return fetched, fetch_s

    def enter(self, i: int) -> None:
        """The prompt of `i` is computed: all that it fills is here now.

        Of what another sequence entered in the meantime, the own copy is given back.
        """
        rest = self._about.pop(i, None)
        self._hold(self._rest(i, self._of.get(i, 0)) if rest is None else rest)
        self._of[i] = ALL

    def shares(self, i: int, entering: set[int]) -> bool:
        """Whether something that `i` enters at this instant is here already, or is entered twice.

        What it enters is added to `entering`, which may hold what others enter with it.
        """
        self._about[i] = rest = self._rest(i, self._of.get(i, 0))
        for _, end in rest:
            if end in self.holders or end in self.idle or end in entering:
                return True
            entering.add(end)
        return False

    def _rest(self, i: int, held: int) -> list[Chain]:
        """The pieces of a prompt after so many hashes, which end where a piece does."""
        cuts = self._cuts
        pieces: list[Chain] = []
        for start, stop in self.chains[i]:
            if held:
                held, start = max(0, held - stop + start), min(start + held, stop)
            while start < stop:
                end = cuts.get(start, stop)
                pieces.append((start, end))
                start = end
        return pieces

    def _head(self, i: int, hashes: int) -> list[Chain]:
        """The pieces of the first hashes of a prompt; the last piece is cut to fit, if need be."""
        cuts = self._cuts
        pieces: list[Chain] = []
        for start, stop in self.chains[i]:
            while start < stop:
                if not hashes:
                    return pieces
                end = cuts.get(start, stop)
                if end - start > hashes:
                    self._cut(start, end, start + hashes)
                    end = start + hashes
                pieces.append((start, end))
                hashes -= end - start
                start = end
        return pieces

    def _cut(self, start: int, end: int, at: int) -> None:
        """Cut a piece in two, for somebody who is about to hold the upper one."""
        self._cuts[start], self._cuts[at] = at, end
        if end in self.holders:
            self.holders[at] = self.holders[end]
        else:
            self.idle_hashes -= at - start
            self.idle[end] = range(at, self.idle[end].stop)

    def _hold(self, pieces: list[Chain]) -> None:
        holders, idle, kept = self.holders, self.idle, self.chains.kept
        for start, end in pieces:
            if end in holders:
                holders[end] += 1
                self.shared += end - start
            else:
                holders[end] = 1
                if end in idle:
                    self.idle_hashes -= len(idle.pop(end))
                else:
                    kept[start] = kept.get(start, 0) | self.bit

    def release(self, i: int) -> None:
        """Request `i` ends, or loses its memory: it lets go of its hashes, the deepest first."""
        holders, idle = self.holders, self.idle
        held = self._of.pop(i, 0)
        pieces = self._rest(i, 0) if held == ALL else self._head(i, held)
        for start, end in reversed(pieces):
            if holders[end] > 1:
                holders[end] -= 1
                self.shared -= end - start
            else:
                del holders[end]
                idle[end] = range(start, end)
                self.idle_hashes += end - start

    def fit(self, free_blocks: int) -> None:
        """The oldest idle hashes leave until the others fit into `free_blocks`."""
        idle, host, kept = self.idle, self.host, self.chains.kept
        leaving = self.leaving(free_blocks)
        self.idle_hashes -= leaving
        while leaving:
            end, here = idle.popitem(last=False)
            left = max(0, len(here) - leaving)
            leaving -= len(here) - left
            if left:
                idle[end] = here[:left]
                idle.move_to_end(end, last=False)
            else:
                kept[here.start] = kept.get(here.start, 0) & ~self.bit
            if host is not None:
                for number in reversed(here[left:]):
                    host.take(number)

    def leaving(self, free_blocks: int) -> int:
        """How many idle hashes have to leave until the others fit into `free_blocks`."""
        return max(0, self.idle_hashes - free_blocks // self.blocks_each)

    def clear(self) -> None:
        """Everything is lost."""
        for each in (self.holders, self.idle, self._of, self._cuts):
            each.clear()
        self.idle_hashes = self.shared = 0
        for start in self.chains.kept:
            self.chains.kept[start] &= ~self.bit
        if self.host is not None:
            self.host.clear()
