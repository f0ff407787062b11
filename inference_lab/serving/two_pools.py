"""Two pools: the gateway of a disaggregated cluster, which hands requests over from prefill to
decode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import numpy as np

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.disaggregated import Disaggregated
from inference_lab.serving.gateway import Gateway
from inference_lab.serving.kv_cache import BLOCK_TOKENS, blocks_for
from inference_lab.serving.kv_transfers import KVTransfers, Move
from inference_lab.serving.living import Living, Loads
from inference_lab.serving.log import NO_REPLICA, Log
from inference_lab.serving.reports import new_choice
from inference_lab.serving.transfers import Transfers
from inference_lab.traffic.streams import stream
from inference_lab.traffic.workload import Workload

NEVER = 2**62
"""Blocks that no replica has."""


class TwoPools(Gateway):
    """Requests are routed to the prefill pool, and from there to the decode pool.

    A request that is handed over stays in the system.

    Attributes
    ----------
    decoding : Living
        The decode replicas that the decode router is shown; `living` are those for prefill.
    choose_decode : callable
        The decode replica for a request.
    source : dict of int to int
        Of each request whose prefill has ended, and whose KV-cache has not moved yet, the replica
        that has it, or had it when it died.
    moves : KVTransfers
        What is on its way.
    first_token : str
        Which pool hands it out.
    prefill_replica : list of int
        The log's.
    """

    # fmt: off
    __slots__ = (
        "_decode_rng", "_handing", "_orphans", "_two", "choose_decode", "decoding",
        "first_token", "moves", "prefill_replica", "source",
    )
    # fmt: on

    def __init__(
        self,
        cluster: Disaggregated,
        workload: Workload,
        seed: int,
        log: Log,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        super().__init__(cluster, workload, seed, log, progress)
        self._two, self._decode_rng = cluster, stream(seed, "decode_router")
        blocks = cluster.decode.kv_capacity_tokens // BLOCK_TOKENS
        tokens = workload.prompt_tokens + workload.output_tokens
        reserved = blocks_for(tokens if cluster.first_token == "decode" else tokens - 1)
        for i in np.flatnonzero(reserved > blocks).tolist():
            self._most_blocks[i] = NEVER  # no decode replica can take it: refused at the door
        self.first_token = cluster.first_token
        self.choose_decode: Callable[[int], Any] = self._not_open
        self.decoding = Living()
        self._handing: set[int] = set()  # between the end of their prefill and a decode replica
        self._orphans: set[int] = set()  # those of them whose KV-cache is lost, and who know it
        self.source: dict[int, int] = {}
        log.prefill_replica = self.prefill_replica = [-1] * len(workload)

    def open(self, fleet: Sequence[Any], loads: Loads | None = None) -> None:
        """Let requests in to a fleet."""
        super().open(fleet)
        two = self._two
        readers, decoders = fleet[: two.prefills], fleet[two.prefills :]
        self.living, self.decoding = Living(readers, self), Living(decoders)
        for pool, members in ((self.living, readers), (self.decoding, decoders)):
            for replica in members:
                replica.pool = pool
        self.choose = new_choice(self, fleet, two, self._rng)
        decode = (two.decode_router, self.decoding)
        self.choose_decode = new_choice(self, fleet, two, self._decode_rng, *decode)

    def carry(self, transfers: Transfers) -> KVTransfers:
        """What moves the KV-cache in this run: a source."""
        self.moves = KVTransfers(self._two, transfers, self._arrived)
        return self.moves

    def prefilled(self, i: int, replica: int, now_s: float) -> None:
        """A prefill has ended at a replica, which holds the KV-cache: next is a decode replica."""
        self.source[i] = replica
        self._handing.add(i)
        self._bear(now_s, i)

    def fire(self, now_s: float) -> None:
        """Send, route or hand over the one request that is due."""
        i = self._next
        log = self._log
        if i not in self._handing:
            super().fire(now_s)
            if i >= 0 and log.replica[i] < self._two.prefills:
                self.prefill_replica[i] = log.replica[i]
            return
        self.next_s, self._next = self._agenda.take()
        if i in self._orphans:
            self.send_again(i, now_s)
        elif self.decoding:
            self._handing.discard(i)
            replica = self.choose_decode(i)
            log.replica[i] = replica.index
            replica.push(i, now_s)
        elif self.living.coming:
            self._stranded.append(i)
        else:
            self._let_go(i, now_s)
            self._end([i], NO_REPLICA, now_s)

    def receive(self, i: int, tokens: int, now_s: float) -> None:
        """A decode replica has reserved a place: the KV-cache of so many tokens starts to move.

        Where it is lost, and the gateway has not noticed, the place waits in vain.
        """
        source = self.source[i]
        if i in self._fleet[source].holding:
            self.moves.begin(i, source, self._log.replica[i], tokens, now_s)

    def _arrived(self, move: Move, now_s: float) -> None:
        """The last byte is there: the prefill replica lets go, the decode replica may begin."""
        i, log = move.request, self._log
        self._let_go(i, now_s)
        if isnan(log.first_token_s[i]):
            log.part("kv_transfer")[i] += now_s - move.began_s
        if log.spans is not None:
            log.spans.fetch(i, move.decode, move.began_s, now_s)
            log.spans.wait(i, move.decode, now_s)
        self._fleet[move.decode].arrived(i, now_s)

    def _let_go(self, i: int, now_s: float) -> None:
        """Nobody needs the KV-cache of a request at its prefill replica any more."""
        self._handing.discard(i)
        self._orphans.discard(i)
        source = self.source.pop(i, None)
        if source is not None:
            self._fleet[source].let_go(i, now_s)

    def left(self, replica: Any) -> None:
        """A prefill replica is missed: requests whose KV-cache it had are sent again."""
        for i in [i for i, source in self.source.items() if source == replica.index]:
            if i not in self._handing:
                self._fleet[self._log.replica[i]].withdraw(i, self.now_s)
                self.send_again(i, self.now_s)
                continue
            self._orphans.add(i)
            if i in self._stranded:
                self._stranded.remove(i)
                self._bear(self.now_s, i)

    def joined(self, replica: Any) -> None:
        """A prefill replica is back, and empty."""

    def send_again(self, i: int, at_s: float, present: int = 0) -> None:
        """Request `i` is at no replica any more: it goes to the prefill pool, without a cache."""
        self._fleet[0].forget(i)
        self._let_go(i, at_s)
        super().send_again(i, at_s)


def new_gateway(
    cluster: Cluster,
    workload: Workload,
    seed: int,
    log: Log,
    progress: Callable[[int], object] | None = None,
) -> Gateway:
    """The gateway of one run."""
    if isinstance(cluster, Disaggregated):
        return TwoPools(cluster, workload, seed, log, progress)
    return Gateway(cluster, workload, seed, log, progress)
