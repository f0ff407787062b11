"""The fabric under load: rings and where their members stand, busy leaves, collisions, cold starts.

Many small independent flows average out; few large or simultaneous ones do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

import numpy as np

import inference_lab as il
from inference_lab.checks import one_of, real, whole
from inference_lab.fabric.flows import Flows
from inference_lab.physics.collectives import ring_s
from inference_lab.physics.units import GBIT_PER_S

ORDERS = ("leaf", "interleaved", "random")
"""How a ring goes through its hosts: leaf by leaf, never two neighbours on a leaf, or as drawn."""


def ring_order(fabric: il.LeafSpine, order: str, seed: int = 0) -> list[int]:
    """The hosts of a fabric in the order of a ring.

    Raises
    ------
    ValueError
        If the order is not one of `ORDERS`.

    Examples
    --------
    >>> four = il.LeafSpine(hosts=4, hosts_per_leaf=2, nic_gbit_per_s=100)
    >>> ring_order(four, "leaf"), ring_order(four, "interleaved")
    ([0, 1, 2, 3], [0, 2, 1, 3])
    """
    one_of("order", order, ORDERS)
    if order == "random":
        return np.random.default_rng(seed).permutation(fabric.hosts).tolist()
    width = 1 if order == "leaf" else fabric.hosts_per_leaf
    return [host for first in range(width) for host in range(first, fabric.hosts, width)]


def ring_gbit_per_s(
    fabric: il.LeafSpine,
    order: str = "leaf",
    seed: int = 0,
    slow_host: int | None = None,
    slow_factor: float = 1.0,
) -> float:
    """Rate of the slowest flow when every host sends to the next one of a ring, in Gb/s.

    All hops of a ring move the same bytes at the same time, so that the slowest one sets the pace.

    Parameters
    ----------
    fabric : LeafSpine
        All its hosts take part.
    order, seed : str, int
        As in `ring_order`.
    slow_host : int or None
        Whose NIC sends at ``slow_factor`` of its rate.
    slow_factor : float
        Above 0, at most 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> fabric = il.LeafSpine(
    ...     hosts=64, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=4, spray="ideal"
    ... )
    >>> [ring_gbit_per_s(fabric, order) for order in ("leaf", "interleaved")]
    [100.0, 25.0]
    """
    hosts = ring_order(fabric, order, seed)
    pairs = zip(hosts, [*hosts[1:], hosts[0]], strict=True)
    routes = [fabric.route(host, after) for host, after in pairs]
    capacities = list(fabric.link_bytes_per_s)
    if slow_host is not None:
        host = whole("slow_host", slow_host, at_most=fabric.hosts - 1)
        capacities[host] *= real("slow_factor", slow_factor, above=0, at_most=1)
    return float(il.max_min_shares(capacities, routes).min()) / GBIT_PER_S


def all_reduce_s(fabric: il.LeafSpine, message_bytes: float, order: str = "leaf") -> float:
    """Seconds of a ring all-reduce over all hosts, at the pace of its slowest hop.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> fabric = il.LeafSpine(hosts=64, hosts_per_leaf=16, nic_gbit_per_s=400, spray="ideal")
    >>> round(all_reduce_s(fabric, 140e9), 1)
    5.5
    """
    rate = ring_gbit_per_s(fabric, order) * GBIT_PER_S
    return ring_s(fabric.hosts, message_bytes, latency_s=0.0, bytes_per_s=rate)


def congested_share(fabric: il.LeafSpine, active: float, draws: int = 2000, seed: int = 0) -> float:
    """Share of instants at which the hosts of one leaf want more than its uplinks carry.

    In each draw every host of the first leaf sends with probability `active`, to hosts of other
    leaves of which none receives twice; it is congested when one of them gets less than its NIC.

    Parameters
    ----------
    fabric : LeafSpine
        With as many hosts under other leaves as under the first.
    active : float
        From 0 to 1.
    draws, seed : int
        How many, and which.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> fabric = il.LeafSpine(
    ...     hosts=32, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=4, spray="ideal"
    ... )
    >>> 0.17 < congested_share(fabric, active=0.2, draws=1000) < 0.23
    True
    """
    chance = real("active", active, at_most=1)
    width = fabric.hosts_per_leaf
    if fabric.hosts < 2 * width:
        raise ValueError(f"hosts={fabric.hosts} leaves no other leaf to send to: give {2 * width}")
    nic = fabric.nic_gbit_per_s * GBIT_PER_S * (1 - 1e-9)
    rng = np.random.default_rng(seed)
    congested = 0
    for draw in range(whole("draws", draws, at_least=1)):
        sends = np.flatnonzero(rng.random(width) < chance).tolist()
        routes = [fabric.route(host, width + host, draw) for host in sends]
        rates = il.max_min_shares(fabric.link_bytes_per_s, routes)
        congested += bool((rates < nic).any())
    return congested / draws


@dataclass(frozen=True)
class Collisions:
    """What ECMP does to a few large flows, over many draws of its hash.

    Parameters
    ----------
    all_apart : float
        Share of draws in which every flow has an uplink of its own.
    mean_share : float
        Mean rate of a flow over that without collisions.
    fullest : float
        Mean number of flows on the fullest uplink.
    """

    all_apart: float
    mean_share: float
    fullest: float


def ecmp_collisions(flows: int = 8, uplinks: int = 8, draws: int = 2000) -> Collisions:
    """Large flows from one leaf to another, each as fast as an uplink, hashed to the uplinks.

    Raises
    ------
    TypeError, ValueError
        If a count is below 1.

    Examples
    --------
    >>> 0.6 < ecmp_collisions(draws=200).mean_share < 0.7
    True
    """
    n = whole("flows", flows, at_least=1)
    fabric = il.LeafSpine(
        hosts=2 * max(n, uplinks),
        hosts_per_leaf=max(n, uplinks),
        nic_gbit_per_s=100,
        oversubscription=max(n, uplinks) / whole("uplinks", uplinks, at_least=1),
        spines=uplinks,
    )
    apart, rate, fullest = 0, 0.0, 0
    for draw in range(whole("draws", draws, at_least=1)):
        routes = [fabric.route(i, fabric.hosts_per_leaf + i, draw) for i in range(n)]
        up = np.bincount([route[1] for route in routes])
        rate += il.max_min_shares(fabric.link_bytes_per_s, routes).sum()
        apart, fullest = apart + (up.max() == 1), fullest + up.max()
    most = min(n, uplinks) * fabric.nic_gbit_per_s * GBIT_PER_S
    return Collisions(float(apart / draws), float(rate / draws / most), float(fullest / draws))


def cold_start_s(
    fabric: il.LeafSpine, weight_bytes: float, hosts: Iterable[int], at_once: int | None = None
) -> list[float]:
    """When each host has loaded its weights from beyond the spines, sorted.

    Parameters
    ----------
    fabric : LeafSpine
        Idle but for the loads.
    weight_bytes : float
        Of each host.
    hosts : iterable of int
        Who loads.
    at_once : int or None
        Most that load together, the next one starting when one has ended; None is all of them.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> leaf = il.LeafSpine(
    ...     hosts=16, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=4, spray="ideal"
    ... )
    >>> [round(cold_start_s(leaf, 141.1e9, range(n))[-1], 1) for n in (4, 8, 16)]
    [11.3, 22.6, 45.2]
    """
    waiting = list(hosts)[::-1]
    most = len(waiting) if at_once is None else whole("at_once", at_once, at_least=1)
    flows = Flows(fabric.link_bytes_per_s)
    done_s: list[float] = []
    while waiting or len(flows):
        while waiting and len(flows) < most:
            flows.add(weight_bytes, fabric.from_core(waiting.pop()), flows.now_s)
        if flows.next_s < inf:
            done_s += [flow.end_s for flow in flows.fire(flows.next_s)]
    flows.check()
    return done_s
