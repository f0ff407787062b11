"""C05, C06: do replicas scale and stand apart, and does a router balance them?"""

from __future__ import annotations

from collections.abc import Mapping

from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict

LESS, MORE = 0.9, 1.1
"""A tenth less is better, up to a tenth more is as good."""


def router_balances(seconds: Mapping[str, float], against: str, unit: str) -> Verdict:
    """Claim C06: the router balances the load. It does if users wait a tenth less than otherwise.

    Parameters
    ----------
    seconds : dict of str to float
        What users get behind each router; smaller is better.
    against : str
        The router that looks at nothing.
    unit : str
        Of the figures.

    Raises
    ------
    ValueError
        If `against` is missing, or alone.

    Examples
    --------
    >>> print(router_balances({"turns": 1.0, "A": 0.7, "B": 1.1}, "turns", "s"))
    holds if the router is A (turns 1 s, A 0.7, B 1.1)
    """
    if against not in seconds or len(seconds) < 2:
        raise ValueError(f"seconds must hold {against!r} and another router, not {list(seconds)}")
    figures = [f"{name} {value:.3g}" for name, value in seconds.items()]
    figures[0] += f" {unit}"
    because = ", ".join(figures)
    others = [name for name in seconds if name != against]
    better = [name for name in others if seconds[name] <= LESS * seconds[against]]
    if not better:
        return Verdict(FAILS, because)
    if better == others:
        return Verdict(HOLDS, because)
    return Verdict(f"holds if the router is {' or '.join(better)}", because)


def replicas_scale(p99_s: Mapping[int, float]) -> Verdict:
    """Claim C05: hundreds or thousands of replicas serve as well as a few, at the same load each.

    Parameters
    ----------
    p99_s : dict of int to float
        By the number of replicas, rising: the p99 of TTFT.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or they do not rise.

    Examples
    --------
    >>> print(replicas_scale({8: 0.35, 1000: 0.36}))
    holds (p99 TTFT 350 ms with 8 replicas, 360 ms with 1,000)
    """
    sizes = list(p99_s)
    if len(sizes) < 2 or sizes != sorted(set(sizes)):
        raise ValueError(f"p99_s must hold two rising numbers of replicas or more, not {sizes}")
    said = [f"{1e3 * p99_s[n]:.0f} ms with {n:,}" for n in sizes]
    because = f"p99 TTFT {said[0]} replicas, {', '.join(said[1:])}"
    good = [n for n in sizes if p99_s[n] <= MORE * p99_s[sizes[0]]]
    if good == sizes:
        return Verdict(HOLDS, because)
    if good == sizes[:1]:
        return Verdict(FAILS, because)
    return Verdict(f"holds if there are {', '.join(f'{n:,}' for n in good)} replicas", because)


def replicas_are_independent(moved: int, requests: int) -> Verdict:
    """Claim C05, second half: what one replica does concerns no other.

    Parameters
    ----------
    moved : int
        Requests at other replicas whose first token moves with a prompt that is not theirs.
    requests : int
        Of the run.

    Examples
    --------
    >>> print(replicas_are_independent(0, 2000))
    holds (of 2,000 requests, first tokens that moved at other replicas: 0)
    """
    because = f"of {requests:,} requests, first tokens that moved at other replicas: {moved:,}"
    return Verdict(FAILS if moved else HOLDS, because)
