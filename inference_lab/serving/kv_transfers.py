"""KV transfers: KV-cache on its way from prefill to decode replicas, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from math import inf, lcm

from inference_lab.fabric.flow import Flow
from inference_lab.physics.constants import shipped
from inference_lab.serving.disaggregated import Disaggregated
from inference_lab.serving.transfers import Transfers


@dataclass(eq=False, slots=True)
class Move:
    """One KV-cache on its way.

    Parameters
    ----------
    request, prefill, decode : int
        Whose it is, and between which replicas.
    size_bytes : float
        All of it.
    began_s : float
        When its place at the decode replica was reserved.
    flows : list of Flow
        That carry it, once it has started.
    """

    request: int
    prefill: int
    decode: int
    size_bytes: float
    began_s: float
    flows: list[Flow] = field(default_factory=list)


class KVTransfers:
    """A source (see `inference_lab.serving.source`) that fires when a transfer starts to move.

    A transfer takes the start-up that `inference_lab.physics.links.kv_transfer_s` was fitted with,
    and then its bytes are flows. One of less than a byte takes no time.

    Parameters
    ----------
    cluster : Disaggregated
        For the links, and the size of a token.
    transfers : Transfers
        Moves the bytes.
    arrived : callable
        Told of each `Move` that has ended, and when.
    """

    def __init__(
        self, cluster: Disaggregated, transfers: Transfers, arrived: Callable[[Move, float], None]
    ) -> None:
        self._cluster, self._transfers, self._arrived = cluster, transfers, arrived
        self._start_s: float = shipped()["kv_transfer"]["constants"]["start_s"]
        self._moves: dict[int, Move] = {}
        self._starts: list[tuple[float, int, Move]] = []  # a heap; of equals in order
        self._begun = 0

    @property
    def next_s(self) -> float:
        """When the next transfer starts to move."""
        return self._starts[0][0] if self._starts else inf

    def begin(self, request: int, prefill: int, decode: int, tokens: int, now_s: float) -> None:
        """Ship the KV-cache of so many tokens."""
        size = tokens * self._cluster.decode.kv_bytes_per_token
        self._moves[request] = move = Move(request, prefill, decode, size, now_s)
        self._begun += 1
        heappush(self._starts, (now_s + self._start_s * (size >= 1), self._begun, move))

    def fire(self, now_s: float) -> None:
        """Those that are due start to move."""
        while self._starts and self._starts[0][0] == now_s:
            move = heappop(self._starts)[2]
            if self._moves.get(move.request) is not move:
                continue  # void
            if move.size_bytes < 1:
                self._end(move, now_s)
                continue

            def ended(at_s: float, move: Move = move) -> None:
                alive = self._moves.get(move.request) is move  # flows may end at one instant
                if alive and not any(flow.left_bytes for flow in move.flows):
                    self._end(move, at_s)

            move.flows = [
                self._transfers.send(move.size_bytes * share, route, now_s, ended)
                for share, route in routes(self._cluster, move)
            ]

    def _end(self, move: Move, now_s: float) -> None:
        del self._moves[move.request]
        self._arrived(move, now_s)

    def void(self, request: int, now_s: float) -> None:
        """One end of a transfer, if there is one, is dead: its other bytes never move."""
        move = self._moves.pop(request, None)
        for flow in move.flows if move is not None else ():
            if flow.left_bytes:
                self._transfers.drop(flow, now_s)


def routes(cluster: Disaggregated, move: Move) -> Iterator[tuple[float, tuple[int, ...]]]:
    """The flows of a transfer: the share of its bytes, and the links that each crosses.

    The hosts of a replica hold equal shares of each token's KV-cache, in their order: the k-th of m
    what lies from k/m to (k + 1)/m of it. So what a host has goes to those that hold the same.
    ECMP hashes the number of the request.
    """
    fabric = cluster.fabric
    if fabric is None:
        yield 1.0, (cluster.ports(move.prefill)[0], cluster.ports(move.decode)[1])
        return
    here, there = cluster.hosts[move.prefill], cluster.hosts[move.decode]
    parts = lcm(len(here), len(there))
    edges = sorted(
        {*range(0, parts + 1, parts // len(here)), *range(0, parts, parts // len(there))}
    )
    for low, high in pairwise(edges):
        source, destination = here[low * len(here) // parts], there[low * len(there) // parts]
        wires = fabric.route(source, destination, move.request)
        route = (cluster.ports(source)[0], *wires, cluster.ports(destination)[1])
        yield (high - low) / parts, route
