"""The view of a cluster in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from inference_lab.checks import one_of
from inference_lab.lab.held_up import sentence
from inference_lab.serving.router import ROUTERS, Router, new_router

if TYPE_CHECKING:
    from inference_lab.lab.views.cluster import ClusterView, Side

ROUTER_NAMES = {name: name.replace("_", " ") for name in ROUTERS} | {
    "random": "at random",
    "round_robin": "round robin",
    "least_outstanding": "fewest requests",
    "least_queued_tokens": "fewest prompt tokens waiting",
    "power_of_two": "better of two at random",
}
"""How routers are called in the picture."""

Routers = Sequence[str | Router] | Mapping[str, str | Router]


def names_of(routers: Routers) -> dict[str, str | Router]:
    """One or two routers by the names that the picture gives them.

    Raises
    ------
    TypeError, ValueError
        If they are not one or two, have the same name, or one of them is no router.

    Examples
    --------
    >>> names_of(["round_robin"])
    {'round robin': 'round_robin'}
    """
    if isinstance(routers, str) or callable(routers):
        routers = [routers]
    if not isinstance(routers, Mapping):
        listed = list(routers)
        routers = {_name(router): router for router in listed}
        if len(routers) < len(listed):
            raise ValueError(f"routers={listed!r} have the same name: give a dict of names")
    if not 1 <= len(routers) <= 2:
        raise ValueError(f"routers={routers!r} are {len(routers)}: give one or two")
    for name, router in routers.items():
        if not isinstance(name, str):
            raise TypeError(f"routers has the key {name!r}: use names, such as 'mine'")
        new_router(router)
    return dict(routers)


def _name(router: str | Router) -> str:
    if isinstance(router, str):
        return ROUTER_NAMES[one_of("router", router, ROUTERS)]
    return getattr(router, "__name__", repr(router)).replace("_", " ")


def shown_name(router: str) -> str:
    """A name at the beginning of a sentence."""
    return router[:1].upper() + router[1:]


def reading(sides: Sequence[Side], focus: int, limit_s: float) -> str:
    """The picture in words: who is late, and why the request in focus is."""
    said = " ".join(_lateness(side, limit_s) for side in sides)
    tokens = sides[0].log["prompt_tokens"][focus]
    times = ", ".join(f"{_ms(side.log.ttft_s[focus])} with {side.router}" for side in sides)
    said += f" Request {focus} ({tokens:,} tokens) gets its first token after {times}."
    return f"{said} {sentence(sides[0].log, focus)}"


def outcome(sides: Sequence[Side], limit_s: float) -> str:
    """The result of the whole run in a sentence, whoever is looked at."""
    late = [f"{int((side.log.ttft_s > limit_s).sum()):,} with {side.router}" for side in sides]
    return f"Late (after {_ms(limit_s)}) of {len(sides[0].log.ttft_s):,}: {', '.join(late)}."


def _lateness(side: Side, limit_s: float) -> str:
    ttft_s = side.log.ttft_s
    late, failed = int((ttft_s > limit_s).sum()), int(np.isnan(ttft_s).sum())
    said = (
        f"With {side.router}, {late:,} of {len(ttft_s) - failed:,} requests get their first token "
        f"later than {_ms(limit_s)}"
    )
    return f"{said}; {failed:,} more are not served." if failed else f"{said}."


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f} ms"


def code(view: ClusterView) -> str:
    """The lines that give the same figures, with a cluster and a load at hand."""
    load = "load"
    if view.percent != 100:
        load = "faster"
    lines = ["from dataclasses import replace", "import inference_lab as il", ""]
    if load == "faster":
        lines.append(f"faster = replace(load, arrival_s=load.arrival_s * 100 / {view.percent})")
    pinned = any(side.pins for side in view.sides)
    if pinned:
        lines.insert(2, "from inference_lab.lab.pinned import Pinned")
    names = {}
    for side in view.sides:
        router = view.routers[side.router]
        shown = repr(router) if isinstance(router, str) else getattr(router, "__name__", "router")
        names[side.router] = f"Pinned({shown}, {dict(side.pins)})" if side.pins else shown
    for router in dict.fromkeys(names.values()):
        lines += [
            f"result = il.simulate(replace(cluster, router={router}), {load}, seed={view.seed})",
            f"print((result.ttft_s > {view.limit_s:g}).sum())",
        ]
    return "\n".join(lines)
