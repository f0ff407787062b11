"""Disaggregated clusters: one pool of replicas reads the prompts, another one decodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from inference_lab.checks import one_of, whole
from inference_lab.physics.constants import shipped
from inference_lab.physics.costs import Costs
from inference_lab.physics.links import Link
from inference_lab.physics.replica import Replica
from inference_lab.serving.cluster import MOST_REPLICAS, Cluster, check_costs
from inference_lab.serving.faults import AddedReplica
from inference_lab.serving.router import Router, check_router

FIRST_TOKENS = ("decode", "prefill")
"""Which pool hands out the first token of a request: ``"decode"``, after the KV-cache has moved, as
vLLM's connectors and Dynamo do; ``"prefill"``, as soon as it is computed, as in Splitwise
(arXiv:2311.18677) and DistServe (arXiv:2401.09670)."""


@dataclass(frozen=True, kw_only=True)
class Disaggregated(Cluster):
    """Two pools of replicas, one for prefill and one for decode; KV-cache moves between them.

    It goes wherever a `Cluster` does, and takes every keyword of one but ``replica`` and
    ``replicas``; ``router`` is that of the prefill pool. Replicas are numbered through, the prefill
    pool first. `docs/disaggregation.md` has the rules.

    Parameters
    ----------
    prefill, decode : Replica or AffineReplica
        What stands in each pool; both hold the same model.
    prefills, decodes : int
        How many of each.
    link : Link or None
        One for each replica, full duplex, shared by its transfers; else the transfers are flows on
        ``fabric``.
    decode_router : str or callable
        Chooses the decode replica when a prefill has ended; as ``router``.
    first_token : str
        One of `FIRST_TOKENS`.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, the two pools do not hold the same model, the KV-cache has
        no way or two, or something is asked for that two pools do not offer: static batches, or a
        replica that is added.

    Examples
    --------
    >>> from inference_lab import AffineReplica
    >>> one = AffineReplica(prefill_s=(0, 1e-4, 0), decode_s=(0.01, 0, 0), kv_bytes_per_token=1e5)
    >>> system = Disaggregated(prefill=one, prefills=2, decode=one, link=Link.named("RoCE-400G"))
    >>> len(system.fleet)
    3
    """

    replica: Costs | Sequence[Costs] = field(init=False, repr=False)
    replicas: int | None = field(init=False, repr=False)
    prefill: Costs
    decode: Costs
    prefills: int = 1
    decodes: int = 1
    link: Link | None = None
    decode_router: str | Router = "round_robin"
    first_token: str = "decode"

    def __post_init__(self) -> None:
        for name in ("prefill", "decode"):
            check_costs(name, getattr(self, name))
            whole(f"{name}s", getattr(self, f"{name}s"), at_least=1, at_most=MOST_REPLICAS)
        fleet = (self.prefill,) * self.prefills + (self.decode,) * self.decodes
        object.__setattr__(self, "replica", fleet)
        object.__setattr__(self, "replicas", None)
        super().__post_init__()
        check_router("router", self.router, self.prefills)
        check_router("decode_router", self.decode_router, self.decodes)
        one_of("first_token", self.first_token, FIRST_TOKENS)
        self._check_link()
        self._check_model()
        self._check_offered()

    def _check_link(self) -> None:
        if not isinstance(self.link, Link | None):
            raise TypeError(f"link={self.link!r} must be an il.Link: use il.Link.named(...)")
        if (self.link is None) == (self.fabric is None):
            raise ValueError(
                f"link={self.link!r}, fabric={self.fabric!r}: the KV-cache needs one way: give "
                "link=il.Link.named(...) or fabric=il.LeafSpine(...)"
            )

    def _check_model(self) -> None:
        if isinstance(self.prefill, Replica) and isinstance(self.decode, Replica):
            for name in ("llm", "kv_precision"):
                here, there = getattr(self.prefill, name), getattr(self.decode, name)
                if here != there:
                    raise ValueError(
                        f"prefill has {name}={here!r} and decode {name}={there!r}: the KV-cache of "
                        f"one is of no use to the other; give both the same {name}"
                    )

    def _check_offered(self) -> None:
        if any(self.service(costs)[0] == "static" for costs in (self.prefill, self.decode)):
            raise ValueError(
                "scheduler='static' does not go with two pools, whose batches take in caches at "
                "any boundary: use 'continuous' or 'chunked'"
            )
        for fault in self.faults:
            if isinstance(fault, AddedReplica):
                raise ValueError(
                    f"faults: {fault!r} does not say to which pool it comes, and two pools take "
                    "none: give more prefills or decodes, and lose some of them at first"
                )

    @property
    def ends(self) -> int:
        """Where transfers begin and end: the hosts of a fabric, else replicas with their links."""
        return len(self.fleet) if self.fabric is None else self.fabric.hosts

    @property
    def links(self) -> tuple[float, ...]:
        """Those of the fabric, if there is one; then what KV-cache can get out of each end; then
        what can get in."""
        if self.fabric is None:
            assert self.link is not None  # `_check_link` has seen to it
            rate = self.link.bytes_per_s
        else:
            rate = self.fabric.link_bytes_per_s[0]
        share = shipped()["kv_transfer"]["constants"]["efficiency"]
        return super().links + 2 * self.ends * (share * rate,)

    def host_links(self, host: int) -> tuple[int, ...]:
        """The NIC of a host, and what KV-cache can get through it."""
        return (*super().host_links(host), *self.ports(host))

    def ports(self, end: int) -> tuple[int, ...]:
        """The index in `links` of what leaves an end, and of what enters it."""
        first = len(super().links)
        return first + end, first + self.ends + end
