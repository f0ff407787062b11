"""Stale views: what a gateway knows of the replicas between two reports."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from inference_lab.checks import real
from inference_lab.serving.choice import Asked
from inference_lab.serving.delays import LONGEST_DELAY_S
from inference_lab.serving.router import Router, new_router

if TYPE_CHECKING:
    from inference_lab.serving.cluster import Cluster
    from inference_lab.serving.gateway import Gateway

SHORTEST_REPORT_S = 1e-4
"""Each report costs a run as much as an event; shorter than an iteration it tells nothing new."""


def checked_report(report_s: object) -> float:
    """Seconds between two reports, or 0 for the truth.

    Raises
    ------
    TypeError, ValueError
        If it is not a number from 0 to `LONGEST_DELAY_S`, or above 0 and below `SHORTEST_REPORT_S`.
    """
    checked = real("report_s", report_s, at_most=LONGEST_DELAY_S)
    if 0 < checked < SHORTEST_REPORT_S:
        raise ValueError(
            f"report_s={report_s!r} is too short: give 0 for the truth at any instant, or at least "
            f"{SHORTEST_REPORT_S}"
        )
    return checked


class StaleReplica:
    """A replica as one gateway knows it: its last report, and what this gateway sent there since.

    What never changes, and the prefix cache, are the truth. Routers see what
    `inference_lab.serving.replica_view.ReplicaView` lists; the rest is for the gateway.
    """

    def __init__(self, replica: Any, gateway: Gateway) -> None:
        self._replica, self._gateway = replica, gateway
        self.index, self.zone, self.blocks = replica.index, replica.zone, replica.blocks
        self.cached_tokens, self.emitted = replica.cached_tokens, replica.emitted
        self.copy()

    def copy(self) -> None:
        """Take over a report."""
        replica = self._replica
        self.outstanding, self.waiting = replica.outstanding, replica.waiting
        self.queued_tokens, self.free_blocks = replica.queued_tokens, replica.free_blocks

    @property
    def queue(self) -> Any:
        """Who really waits there: it may be full."""
        return self._replica.queue

    def push(self, i: int, now_s: float) -> None:
        """Queue request `i`, which this gateway sends there and so knows of."""
        self.outstanding += 1
        self.waiting += 1
        self.queued_tokens += self._gateway.request(i).prompt_tokens
        self._replica.push(i, now_s)


class Reports(Asked):
    """Choices by stale views, and the source (`inference_lab.serving.source`) of the reports.

    At multiples of `report_s` each gateway copies what all replicas report, and a request is known
    at once to the gateway that sent it.

    Parameters
    ----------
    gateway : Gateway
        Whose requests are routed, and whose living replicas are shown.
    fleet : sequence of replicas
        All that will ever live.
    routes : list of callable
        The router of each gateway, see `Asked`.
    rng : numpy.random.Generator
        For the routers' random choices.
    report_s : float
        The time between two reports.
    living : list of replicas or None
        See `Asked`.
    """

    def __init__(
        self,
        gateway: Gateway,
        fleet: Sequence[Any],
        routes: list[Router],
        rng: np.random.Generator,
        report_s: float,
        living: Sequence[Any] | None = None,
    ) -> None:
        super().__init__(gateway, routes, rng, living)
        self._report_s, self._due_s, self._fleet = report_s, 0.0, fleet
        self._views = [[StaleReplica(replica, gateway) for replica in fleet] for _ in routes]

    def shown(self, i: int) -> list[StaleReplica]:
        """The living replicas as the gateway of request `i` knows them."""
        views = self._views[i % len(self._views)]
        return [views[replica.index] for replica in self.living]

    @property
    def next_s(self) -> float:
        """When a report is due next.

        While nobody is at a replica all reports are alike, so the last one before the next request
        will do, and none is due after the last request. (Somebody in the system may be on the way,
        or wait for a replica that is to return.)
        """
        gateway = self.gateway
        if gateway.in_system and any(replica.outstanding for replica in self._fleet):
            return self._due_s
        if gateway.next_s == inf:
            return inf
        last_s = gateway.next_s // self._report_s * self._report_s
        return max(self._due_s, last_s, gateway.now_s)

    def fire(self, now_s: float) -> None:
        """Every gateway gets its report."""
        self._due_s = (now_s // self._report_s + 1) * self._report_s
        if self._due_s <= now_s:  # a quotient that was rounded
            self._due_s = now_s + self._report_s
        for views in self._views:
            for view in views:
                view.copy()


def new_choice(
    gateway: Gateway,
    fleet: Sequence[Any],
    cluster: Cluster,
    rng: np.random.Generator,
    router: str | Router | None = None,
    living: Sequence[Any] | None = None,
) -> Asked:
    """Choices of a cluster's gateways, each with a router of its own: the cluster's, or another."""
    rule = cluster.router if router is None else router
    routes = [new_router(rule) for _ in range(cluster.gateways)]
    if cluster.report_s:
        return Reports(gateway, fleet, routes, rng, cluster.report_s, living)
    return Asked(gateway, routes, rng, living)
