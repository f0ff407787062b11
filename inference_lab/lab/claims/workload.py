"""C04, C06: does a model of 70B fit on a few GPUs, and does a router balance its replicas?"""

from __future__ import annotations

from collections.abc import Mapping

from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict, first_true

LESS = 0.9
"""A router balances if its figure is at most so large a share of that of the one it is against."""


def serves_enough_users(users: Mapping[int, int], enough: int) -> Verdict:
    """Claim C04: the model fits. It does where `enough` users fit beside the weights.

    Parameters
    ----------
    users : dict of int to int
        By the number of GPUs, rising: how many users fit.
    enough : int
        With fewer, a replica is loaded, but of little use.

    Raises
    ------
    ValueError
        If there is no group of GPUs, or the groups do not grow.

    Examples
    --------
    >>> print(serves_enough_users({2: 3, 4: 194}, enough=32))
    holds if there are at least 4 GPUs (users that fit: 3 on 2 GPUs, 194 on 4)
    """
    gpus = list(users)
    if not gpus or gpus != sorted(set(gpus)):
        raise ValueError(f"users must hold groups of GPUs that grow, not {gpus}")
    said = [f"{users[n]} on {n}" for n in gpus]
    said[0] += " GPUs" if gpus[0] > 1 else " GPU"
    because = f"users that fit: {', '.join(said)}"
    good = first_true([users[n] >= enough for n in gpus])
    if good == 0:
        return Verdict(HOLDS, because)
    if good == len(gpus):
        return Verdict(FAILS, because)
    return Verdict(f"holds if there are at least {gpus[good]} GPUs", because)


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
