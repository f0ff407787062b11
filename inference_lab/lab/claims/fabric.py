"""C20, C23: which NIC is enough, and when an oversubscribed leaf is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict


def nic_is_enough(
    demand_gbit_per_s: float, of: str, nics_gbit_per_s: Sequence[float] = (100, 200)
) -> Verdict:
    """Half of claim C20: which of the NICs carry a demand.

    Parameters
    ----------
    demand_gbit_per_s : float
        Of one host.
    of : str
        What is demanded and when, in words.
    nics_gbit_per_s : sequence of float
        Rising; "100/200G" of the text.

    Raises
    ------
    ValueError
        If no NIC is given, or they do not rise.

    Examples
    --------
    >>> print(nic_is_enough(161, "the worst 30 s"))
    holds if the NIC has 200 Gb/s (161 Gb/s in the worst 30 s)
    """
    nics = list(nics_gbit_per_s)
    if not nics or nics != sorted(set(nics)):
        raise ValueError(f"nics_gbit_per_s must hold rising rates, not {nics_gbit_per_s!r}")
    because = f"{demand_gbit_per_s:.3g} Gb/s in {of}"
    enough = [nic for nic in nics if nic >= demand_gbit_per_s]
    if not enough:
        return Verdict(FAILS, because)
    if len(enough) == len(nics):
        return Verdict(HOLDS, because)
    return Verdict(f"holds if the NIC has {enough[0]:g} Gb/s", because)


def rarely_congested(shares: Mapping[float, float], most: float = 0.05) -> Verdict:
    """Half of claim C23: independent hosts share oversubscribed uplinks without harm.

    Parameters
    ----------
    shares : dict
        For each share of hosts that send, rising: the share of instants with congestion.
    most : float
        What is taken for rarely.

    Raises
    ------
    ValueError
        If there is none, or they do not rise.
    """
    active = list(shares)
    if not active or active != sorted(active):
        raise ValueError(f"shares must hold rising shares of hosts, not {active}")
    because = "congested " + ", ".join(
        f"{100 * share:.3g} % at {100 * each:g} % sending" for each, share in shares.items()
    )
    good = [each for each in active if shares[each] <= most]
    if len(good) == len(active):
        return Verdict(HOLDS, because)
    if not good:
        return Verdict(FAILS, because)
    return Verdict(f"holds if at most {100 * max(good):g} % of the hosts send", because)


def as_quick_as_at_1_to_1(seconds: float, unshared_s: float, most: float = 1.1) -> Verdict:
    """The other half of claim C23: what all hosts do at once is not slower than at 1:1.

    Parameters
    ----------
    seconds, unshared_s : float
        Behind the oversubscribed leaf, and at 1:1.
    most : float
        How many times as long still counts as quick.
    """
    because = f"{seconds:.3g} s, and {unshared_s:.3g} s at 1:1"
    return Verdict(HOLDS if seconds <= most * unshared_s else FAILS, because)
