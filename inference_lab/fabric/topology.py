"""Leaf-spine fabrics: hosts with NICs, leaves, spines, and the links that a flow crosses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from inference_lab.checks import one_of, real, whole
from inference_lab.physics.units import GBIT_PER_S

SPRAYS = ("ecmp", "ideal")

_WORD = 2**64 - 1


@dataclass(frozen=True, kw_only=True)
class LeafSpine:
    """Two tiers: each host has a NIC to its leaf, each leaf equal links to all spines.

    Every link is full duplex: one link each way. The uplinks of a leaf carry ``hosts_per_leaf`` x
    NIC / ``oversubscription`` together. Host h stands under leaf h // hosts_per_leaf.

    Parameters
    ----------
    hosts, hosts_per_leaf : int
        How many; the last leaf may have ports to spare.
    nic_gbit_per_s : float
        Rate of a host's NIC (of all its NICs together, if it has more), in Gb/s.
    oversubscription : float
        Rate of a leaf's hosts over that of its uplinks, at least 1.
    spines : int
        Uplinks of each leaf.
    spray : str
        ``"ecmp"``: a hash puts each flow on one spine. ``"ideal"``: each packet finds the emptiest
        one, so that the uplinks of a leaf act as one link.

    Raises
    ------
    TypeError, ValueError
        If there are no hosts, ports or spines, or the oversubscription is below 1.

    Examples
    --------
    >>> fabric = LeafSpine(hosts=64, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=4)
    >>> fabric.leaves, fabric.uplink_gbit_per_s
    (4, 100.0)
    >>> fabric.route(0, 1), len(fabric.route(0, 63)), fabric.route(5, 5)
    ((0, 65), 4, ())
    """

    hosts: int
    hosts_per_leaf: int
    nic_gbit_per_s: float
    oversubscription: float = 1.0
    spines: int = 4
    spray: str = "ecmp"

    def __post_init__(self) -> None:
        whole("hosts", self.hosts, at_least=1)
        if whole("hosts_per_leaf", self.hosts_per_leaf) == 0:
            raise ValueError("hosts_per_leaf=0: a leaf needs ports for hosts; give at least 1")
        real("nic_gbit_per_s", self.nic_gbit_per_s, above=0)
        if real("oversubscription", self.oversubscription, above=0) < 1:
            raise ValueError(
                f"oversubscription={self.oversubscription!r} is below 1: uplinks faster than all "
                f"hosts together cannot be filled; give hosts over uplinks, 1 or more "
                f"(4 for 4:1)"
            )
        if whole("spines", self.spines) == 0:
            raise ValueError("spines=0 leaves no path between leaves: give at least 1")
        one_of("spray", self.spray, SPRAYS)

    @property
    def leaves(self) -> int:
        """Leaves that the hosts need."""
        return -(-self.hosts // self.hosts_per_leaf)

    @property
    def uplinks(self) -> int:
        """Links that a flow can tell apart between a leaf and the spines."""
        return self.spines if self.spray == "ecmp" else 1

    @property
    def uplink_gbit_per_s(self) -> float:
        """Rate of each of these, one way."""
        leaf = self.hosts_per_leaf * self.nic_gbit_per_s / self.oversubscription
        return leaf / self.uplinks

    @cached_property
    def link_bytes_per_s(self) -> tuple[float, ...]:
        """Capacity of every link: NICs out, NICs in, leaves up, leaves down."""
        nics = 2 * self.hosts * (self.nic_gbit_per_s * GBIT_PER_S,)
        return nics + 2 * self.leaves * self.uplinks * (self.uplink_gbit_per_s * GBIT_PER_S,)

    def leaf_of(self, host: int) -> int:
        """The leaf of a host.

        Raises
        ------
        TypeError, ValueError
            If there is no such host.
        """
        return self._checked("host", host) // self.hosts_per_leaf

    def route(self, source: int, destination: int, flow: int = 0) -> tuple[int, ...]:
        """The links that a flow crosses; none within a host.

        Parameters
        ----------
        source, destination : int
            Hosts.
        flow : int
            What tells flows between the same hosts apart, as ports do; ECMP hashes all three.

        Raises
        ------
        TypeError, ValueError
            If there is no such host, and so no path.
        """
        self._checked("source", source)
        self._checked("destination", destination)
        if source == destination:
            return ()
        nic_out, nic_in = source, self.hosts + destination
        here, there = source // self.hosts_per_leaf, destination // self.hosts_per_leaf
        if here == there:
            return nic_out, nic_in
        spine = _hashed(source, destination, flow) % self.uplinks if self.uplinks > 1 else 0
        return nic_out, self.up_link(here, spine), self.down_link(there, spine), nic_in

    def up_link(self, leaf: int, spine: int = 0) -> int:
        """Index of the link from a leaf to a spine."""
        return 2 * self.hosts + leaf * self.uplinks + spine

    def down_link(self, leaf: int, spine: int = 0) -> int:
        """Index of the link from a spine to a leaf."""
        return self.up_link(self.leaves + leaf, spine)

    def from_core(self, destination: int, flow: int = 0) -> tuple[int, ...]:
        """The links from beyond the spines (a store of weights, the users) to a host.

        What lies there is never the bottleneck.

        Raises
        ------
        TypeError, ValueError
            If there is no such host.
        """
        leaf = self.leaf_of(destination)
        spine = _hashed(self.hosts, destination, flow) % self.uplinks
        return self.down_link(leaf, spine), self.hosts + destination

    def place(
        self, spans: Sequence[int], placement: Sequence[Sequence[int]] | None = None
    ) -> list[tuple[int, ...]]:
        """The hosts of each replica.

        Parameters
        ----------
        spans : sequence of int
            How many hosts each replica needs.
        placement : sequence of sequences of int, or None
            The hosts of each replica; None puts them side by side, in order.

        Raises
        ------
        TypeError, ValueError
            If a replica needs more hosts than it got, or than there are.

        Examples
        --------
        >>> LeafSpine(hosts=4, hosts_per_leaf=2, nic_gbit_per_s=100).place([1, 2])
        [(0,), (1, 2)]
        """
        if placement is None:
            if sum(spans) > self.hosts:
                raise ValueError(
                    f"{len(spans)} replicas need {sum(spans)} hosts, and hosts={self.hosts}: "
                    "give more hosts, or a placement where replicas share them"
                )
            ends = [sum(spans[: i + 1]) for i in range(len(spans))]
            return [tuple(range(end - n, end)) for end, n in zip(ends, spans, strict=True)]
        if len(placement) != len(spans):
            raise ValueError(
                f"placement has {len(placement)} entries for {len(spans)} replicas: give the list "
                "of hosts of each"
            )
        found = []
        for i, (hosts, span) in enumerate(zip(placement, spans, strict=True)):
            for host in hosts:
                self._checked(f"placement[{i}]", host)
            if len(set(hosts)) != span:
                raise ValueError(
                    f"placement[{i}]={list(hosts)!r} for a replica of {span} hosts: name {span}, "
                    "each once"
                )
            found.append(tuple(hosts))
        return found

    def _checked(self, name: str, host: int) -> int:
        if type(host) is int and 0 <= host < self.hosts:
            return host
        return whole(name, host, at_most=self.hosts - 1)


def _hashed(*numbers: int) -> int:
    """A hash of whole numbers that is the same in every run (the finalizer of SplitMix64).

    Steele, Lea and Flood, OOPSLA 2014, doi:10.1145/2660193.2660195.
    """
    state = 0
    for number in numbers:
        state = (state ^ number) + 0x9E3779B97F4A7C15 & _WORD
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _WORD
        state = (state ^ state >> 27) * 0x94D049BB133111EB & _WORD
        state ^= state >> 31
    return state
