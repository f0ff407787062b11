"""Clusters: replicas behind a router."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from inference_lab.checks import one_of, real, whole
from inference_lab.fabric.topology import LeafSpine
from inference_lab.physics.costs import SCHEDULERS, Costs, check_budget
from inference_lab.physics.links import Link
from inference_lab.serving.delays import LONGEST_DELAY_S, Delay, checked_delay
from inference_lab.serving.fair import Fair
from inference_lab.serving.faults import AddedReplica, Fault, checked_faults
from inference_lab.serving.host_cache import check_host_cache
from inference_lab.serving.limits import checked_limits
from inference_lab.serving.placing import placed
from inference_lab.serving.rag import Rag
from inference_lab.serving.reports import checked_report
from inference_lab.serving.router import Router, check_router
from inference_lab.serving.tenants import checked_queue
from inference_lab.training.job import TrainingJob

CHUNK_TOKENS = 2048
"""Token budget of chunked prefill if none is given: the default ``max_num_batched_tokens`` in
vLLM's guide "Optimization and Tuning". Less favours TPOT, more TTFT."""

MOST_REPLICAS = 1_000_000
"""Beyond it a slip of the pen is likelier than a cluster."""

MOST_GATEWAYS = 1_000
"""Each has its own view of every replica."""

_ENGINE_NEEDS = ("iteration_s", "decode_lines", "kv_capacity_tokens", "max_batch", "frontend_s")


@dataclass(frozen=True)
class Cluster:
    """Replicas, the router before them and the scheduler inside them.

    Parameters
    ----------
    replica : Replica, AffineReplica or a list of them
        A list gives a heterogeneous fleet.
    replicas : int or None
        Copies of a single replica; 1 if None. Not with a list.
    router : str or callable
        A name of `inference_lab.serving.router.ROUTERS` or ``route(request, replicas, rng) ->
        index``.
    scheduler : str or None
        A name of `inference_lab.physics.costs.SCHEDULERS`; None does what the stack of each replica
        does.
    network_s : float, (low, high) or array
        Delay between client and router, there and back: half on the way in, half on the way out.
        A pair draws it uniformly for each request, an array gives it one by one; then requests may
        overtake each other.
    router_s : float
        Delay of the router.
    token_budget : int or None
        ``"continuous"``: prompt tokens that a prefill iteration takes together. ``"chunked"``:
        tokens of an iteration. Not with ``"static"``. None is the budget of the stack, and of a
        scheduler that is named its own: one prompt at a time, and `CHUNK_TOKENS`.
    prefix_cache : bool or None
        Whether prompts that begin alike share KV-cache, where the workload has prefix blocks; None
        does what the stack of each replica does.
    host_cache_tokens : int
        Tokens of KV-cache that a replica's host keeps after they left the GPU.
    host_link : Link or None
        Over which a replica gets them back, all its GPUs together.
    max_model_len : int or None
        Most tokens of prompt and output together; a longer request is refused.
    max_queue : int or None
        Most requests that wait at a replica; one more is rejected.
    timeout_s : float or None
        How long after sending a client gives up, unless its prefill has begun; such a request is
        dropped when its turn comes.
    gateways : int
        Each has a router of its own, and request i belongs to gateway i modulo their number.
    report_s : float
        How often the replicas report their load. In between, a gateway knows only of the requests
        that it sent itself; 0 shows the present instant to all of them.
    faults : list of faults
        See `inference_lab.serving.faults`.
    rag : Rag or None
        Retrieval before the router.
    fabric : LeafSpine or None
        What connects the hosts: replicas that come or return load their weights over it.
    placement : list of lists of int, or None
        The hosts of each replica, those included that come later; None puts them side by side.
    training : TrainingJob or None
        A synchronous job on the same fabric, until the last request has ended.
    zones : int
        Replica i stands in zone i % zones.
    queue : str or Fair
        Whose turn it is at a replica: first come first served (``"fcfs"``), lower class first
        (``"priority"``; who runs is not interrupted), or the tenant that was served least
        (``"fair"``, or a `Fair` for other weights).
    priorities : dict of tenant to int, or None
        Classes, with ``"priority"``; a tenant without one is of class 0.
    limits : dict of tenant to float, or None
        Requests a second that the gateway lets in, in bursts of as many as a second holds, at
        least 1; what is over it is not routed.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from inference_lab import AffineReplica
    >>> one = AffineReplica(prefill_s=(0, 1, 0), decode_s=(0, 0, 0))
    >>> len(Cluster(one, replicas=8).fleet)
    8
    """

    replica: Costs | Sequence[Costs]
    replicas: int | None = None
    router: str | Router = "round_robin"
    scheduler: str | None = None
    network_s: Delay = 0.0
    router_s: float = 0.0
    token_budget: int | None = None
    max_model_len: int | None = None
    max_queue: int | None = None
    timeout_s: float | None = None
    prefix_cache: bool | None = None
    host_cache_tokens: int = 0
    host_link: Link | None = None
    gateways: int = 1
    report_s: float = 0.0
    faults: Sequence[Fault] = ()
    zones: int = 1
    rag: Rag | None = None
    queue: str | Fair = "fcfs"
    priorities: Mapping[Any, int] | None = None
    limits: Mapping[Any, float] | None = None
    fabric: LeafSpine | None = None
    placement: Sequence[Sequence[int]] | None = None
    training: TrainingJob | None = None

    def __post_init__(self) -> None:
        self._check_fleet()
        most = len(self.replica) if isinstance(self.replica, Sequence) else self.replicas or 1
        check_router("router", self.router, most)
        if self.scheduler is not None:
            one_of("scheduler", self.scheduler, SCHEDULERS)
        object.__setattr__(self, "network_s", checked_delay("network_s", self.network_s))
        router_s = real("router_s", self.router_s, at_most=LONGEST_DELAY_S)
        object.__setattr__(self, "router_s", router_s)
        if self.timeout_s is not None:
            timeout_s = real("timeout_s", self.timeout_s, above=0, at_most=LONGEST_DELAY_S)
            object.__setattr__(self, "timeout_s", timeout_s)
        whole("gateways", self.gateways, at_least=1, at_most=MOST_GATEWAYS)
        object.__setattr__(self, "report_s", checked_report(self.report_s))
        for name, value in zip(
            ("queue", "priorities"), checked_queue(self.queue, self.priorities), strict=True
        ):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "limits", checked_limits(self.limits))
        for name in ("token_budget", "max_model_len", "max_queue"):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), at_least=1)
        check_host_cache(self.prefix_cache, self.host_cache_tokens, self.host_link)
        if not isinstance(self.rag, Rag | None):
            raise TypeError(f"rag={self.rag!r} must be an il.Rag or None: use il.Rag(...)")
        whole("zones", self.zones, at_least=1)
        self._check_faults()
        placed(self)
        for costs in self.fleet if self.replicas is None else self.fleet[:1]:
            check_budget(*self.service(costs))

    def keeps_prefixes(self, costs: Costs) -> bool:
        """Whether a replica keeps prompts for those that begin alike."""
        return costs.prefix_cache if self.prefix_cache is None else self.prefix_cache

    def _check_fleet(self) -> None:
        several = isinstance(self.replica, Sequence) and not isinstance(self.replica, str)
        if several and self.replicas is not None:
            raise ValueError(f"replicas={self.replicas!r} does not go with a list: leave it out")
        if several and not self.replica:
            raise ValueError("replica=[] is empty: give at least one replica")
        if self.replicas is not None:
            whole("replicas", self.replicas, at_least=1, at_most=MOST_REPLICAS)
        for replica in self.replica if several else [self.replica]:  # type: ignore[union-attr]
            check_costs("replica", replica)

    def _check_faults(self) -> None:
        object.__setattr__(self, "faults", checked_faults(self.faults))
        for fault in self.faults:
            if isinstance(fault, AddedReplica) and fault.replica is not None:
                check_costs("replica", fault.replica)
            fault.check(self)

    def service(self, costs: Costs) -> tuple[str, int | None]:
        """The scheduler and the token budget of one replica: one rule for all who ask."""
        if self.scheduler is None:
            own = costs.scheduler, costs.token_budget
        else:
            own = self.scheduler, CHUNK_TOKENS if self.scheduler == "chunked" else None
        return own if self.token_budget is None else (own[0], self.token_budget)

    @property
    def added(self) -> tuple[AddedReplica, ...]:
        """Replicas that come later, in the order in which they do."""
        added = (fault for fault in self.faults if isinstance(fault, AddedReplica))
        return tuple(sorted(added, key=attrgetter("at_s")))

    @property
    def links(self) -> tuple[float, ...]:
        """Bytes a second of each link on which something can move in a run."""
        return () if self.fabric is None else self.fabric.link_bytes_per_s

    def host_links(self, host: int) -> tuple[int, ...]:
        """The index in `links` of the NIC of a host: out and in."""
        assert self.fabric is not None  # who asks has one
        return host, self.fabric.hosts + host

    @cached_property
    def hosts(self) -> list[tuple[int, ...]]:
        """The hosts of each replica; none without a fabric."""
        return placed(self)

    @cached_property
    def fleet(self) -> tuple[Costs, ...]:
        """The replicas, one by one, and at the end those that come later."""
        if isinstance(self.replica, Sequence):
            own = tuple(self.replica)
        else:
            own = (self.replica,) * (self.replicas or 1)
        return own + tuple(each.replica or own[0] for each in self.added)


def check_costs(name: str, replica: object) -> None:
    """Raise a TypeError if something is no replica."""
    if not all(hasattr(replica, need) for need in _ENGINE_NEEDS):
        raise TypeError(
            f"{name}={replica!r} must be a Replica or an AffineReplica, or a list of them"
        )
