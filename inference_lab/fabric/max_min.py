"""Max-min fair shares: how flows that cross the same links divide them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inference_lab.checks import real, whole

MANY_FLOWS = 150
"""From here on numpy is faster than plain Python (the benchmark of the fabric shows both)."""

Route = Sequence[int]


def max_min_shares(
    capacities: ArrayLike, routes: Sequence[Route], demands: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Rate of each flow when no flow can get more without taking from one that has no more.

    All rates grow alike; a flow stops at its demand, or when a link on its route is full
    (progressive filling: Bertsekas and Gallager, Data Networks, 2nd ed. 1992, section 6.5.2).

    Parameters
    ----------
    capacities : array of float, shape (links,)
        Of each link, above 0; the rates are in its unit.
    routes : sequence of n sequences of int
        The links that each flow crosses, each once. A flow without links gets its demand.
    demands : array of float, shape (n,), or None
        Most that each flow can use, at least 0; None or ``inf`` is all it can get.

    Returns
    -------
    array of float, shape (n,)

    Raises
    ------
    TypeError, ValueError
        If a capacity is not above 0 and finite, a demand is negative or nan, a route names a link
        that is not there or one twice, or there is not one demand a flow.

    Examples
    --------
    >>> max_min_shares([100], [[0], [0], [0]], demands=[10, 40, 80])
    array([10., 40., 50.])
    >>> max_min_shares([10, 4], routes=[[0, 1], [0], [1]])
    array([2., 8., 2.])
    """
    links = np.asarray(capacities, dtype=float)
    if links.ndim != 1:
        raise ValueError(f"capacities has shape {links.shape}: give one number for each link")
    if not (np.isfinite(links) & (links > 0)).all():
        bad = int(np.flatnonzero(~(np.isfinite(links) & (links > 0)))[0])
        real(f"capacities[{bad}]", float(links[bad]), above=0)
    paths = [_checked_route(flow, route, len(links)) for flow, route in enumerate(routes)]
    limits = [inf] * len(paths) if demands is None else _checked_demands(demands, len(paths))
    return np.array(shares(links.tolist(), paths, limits), dtype=float)


def shares(
    capacities: Sequence[float],
    routes: Sequence[Route],
    demands: Sequence[float],
    used: Sequence[tuple[Route, float]] = (),
) -> Sequence[float]:
    """As `max_min_shares`, without its checks.

    Parameters
    ----------
    capacities, routes, demands : sequence
        As there.
    used : sequence of (route, rate)
        Flows whose rates stay as they are, beside the ones that share the rest.
    """
    if len(routes) + len(used) < MANY_FLOWS:
        return few_shares(capacities, routes, demands, used)
    return many_shares(capacities, routes, demands, used)


def few_shares(
    capacities: Sequence[float],
    routes: Sequence[Route],
    demands: Sequence[float],
    used: Sequence[tuple[Route, float]] = (),
) -> list[float]:
    """`shares` in plain Python, one level of the water after the other.

    A link that one flow has to itself is a limit of that flow; only links that several flows cross
    take part in the levels. This halves the time where few flows meet.
    """
    on_link: dict[int, list[int]] = {}
    for flow, route in enumerate(routes):
        for link in route:
            if link in on_link:
                on_link[link].append(flow)
            else:
                on_link[link] = [flow]
    taken: dict[int, float] = {}
    for route, rate in used:
        for link in route:
            if link in on_link:
                taken[link] = taken.get(link, 0.0) + rate
    rates = list(demands)
    left: dict[int, float] = {}
    growing: dict[int, int] = {}
    for link, flows in on_link.items():
        room = capacities[link]
        if link in taken:
            room -= taken[link]
        if len(flows) > 1:
            left[link], growing[link] = room, len(flows)
        elif room < rates[flows[0]]:
            rates[flows[0]] = max(room, 0.0)
    limited = sorted(range(len(routes)), key=rates.__getitem__, reverse=True)
    stopped: set[int] = set()
    while growing:
        level = inf
        for link, flows_left in growing.items():
            share = left[link] / flows_left
            if share < level:
                level, narrowest = share, link
        stops = []
        while limited and rates[limited[-1]] <= level:
            flow = limited.pop()
            if flow not in stopped:
                stops.append(flow)
        if not stops:
            for flow in on_link[narrowest]:
                if flow not in stopped:
                    rates[flow] = max(level, 0.0)  # less than nothing is rounding
                    stops.append(flow)
        for flow in stops:
            stopped.add(flow)
            rate = rates[flow]
            for link in routes[flow]:
                if link in growing:
                    if growing[link] == 1:
                        del growing[link]
                    else:
                        growing[link] -= 1
                        left[link] -= rate
    return rates


def many_shares(
    capacities: Sequence[float],
    routes: Sequence[Route],
    demands: Sequence[float],
    used: Sequence[tuple[Route, float]] = (),
) -> list[float]:
    """`shares` in numpy: every link that is the narrowest one of all its flows fills at once.

    The rates are those of the levels one by one: what a link offers each flow only grows as flows
    stop at less, so nothing that happens elsewhere can make such a link fill earlier or later.
    """
    flow, link = _hops(routes)
    left = np.array(capacities, dtype=float)
    if used:
        held, crossed = _hops([route for route, _ in used])
        left -= np.bincount(crossed, np.array([rate for _, rate in used])[held], len(left))
        np.maximum(left, 0.0, out=left)  # less than nothing is rounding
    limit = np.array(demands, dtype=float)
    rates = limit.copy()  # right for flows without links
    active = np.unique(flow)
    flow, limit = np.searchsorted(active, flow), limit[active]
    while len(active):
        growing = np.bincount(link, minlength=len(left))
        share = np.divide(left, growing, out=np.full(len(left), inf), where=growing > 0)
        level = np.minimum(limit, np.minimum.reduceat(share[link], _firsts(flow)))
        least = np.full(len(left), inf)
        np.minimum.at(least, link, level[flow])
        stops = level == limit
        stops[flow[(least >= share)[link]]] = True
        rates[active[stops]] = level[stops]
        ends = stops[flow]
        left -= np.bincount(link[ends], level[flow[ends]], len(left))
        np.maximum(left, 0.0, out=left)
        place = np.cumsum(~stops) - 1
        flow, link = place[flow[~ends]], link[~ends]
        active, limit = active[~stops], limit[~stops]
    return rates.tolist()


def _hops(routes: Sequence[Route]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All hops of all routes: whose flow, over which link."""
    lengths = np.fromiter(map(len, routes), np.intp, len(routes))
    links = np.fromiter(chain.from_iterable(routes), np.intp, int(lengths.sum()))
    return np.repeat(np.arange(len(routes)), lengths), links


def _firsts(flow: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where the hops of each flow begin, in hops sorted by flow."""
    return np.flatnonzero(np.diff(flow, prepend=-1))


def _checked_route(flow: int, route: Route, links: int) -> list[int]:
    path = [
        link
        if type(link) is int and 0 <= link < links
        else whole(f"routes[{flow}]", link, at_most=links - 1)
        for link in route
    ]
    if len(set(path)) < len(path):
        raise ValueError(f"routes[{flow}]={path!r} crosses a link twice: name each link once")
    return path


def _checked_demands(demands: ArrayLike, flows: int) -> list[float]:
    limits = np.asarray(demands, dtype=float)
    if limits.shape != (flows,):
        raise ValueError(f"demands has shape {limits.shape}: give one for each of {flows} routes")
    if not (limits >= 0).all():
        bad = int(np.flatnonzero(~(limits >= 0))[0])
        raise ValueError(f"demands[{bad}]={limits[bad]} must be at least 0: inf is no limit")
    return limits.tolist()
