"""C18 to C23: which NIC is enough, when an oversubscribed leaf is, and what is slower for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from inference_lab.experiments.leaf import LeafRun
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
        f"{100 * share:.3g} % at {100 * each:.3g} % sending" for each, share in shares.items()
    )
    good = [each for each in active if shares[each] <= most]
    if len(good) == len(active):
        return Verdict(HOLDS, because)
    if not good:
        return Verdict(FAILS, because)
    return Verdict(f"holds if at most {100 * max(good):.3g} % of the hosts send", because)


def no_slower(seconds: float, reference_s: float, reference: str, most: float = 1.1) -> Verdict:
    """C21, C23: something takes as long as its reference, or less.

    Parameters
    ----------
    seconds, reference_s : float
        What is compared.
    reference : str
        What the reference is, in words: ``"at 1:1"``.
    most : float
        How many times as long still counts as equal.

    Examples
    --------
    >>> print(no_slower(45.2, 11.3, "at 1:1"))
    does not hold (45.2 s; 11.3 s at 1:1)
    """
    because = f"{_figure(seconds)} s; {_figure(reference_s)} s {reference}"
    return Verdict(HOLDS if seconds <= most * reference_s else FAILS, because)


def slower(seconds: float, reference_s: float, reference: str, least: float = 1.1) -> Verdict:
    """C18, C19, C22: something takes longer than its reference; arguments as for `no_slower`.

    Examples
    --------
    >>> print(slower(22.1, 5.51, "at 1:1"))
    holds (22.1 s; 5.51 s at 1:1)
    """
    judged = no_slower(seconds, reference_s, reference, least)
    return Verdict(FAILS if judged.verdict == HOLDS else HOLDS, judged.because)


def cheaper_and_no_slower(saved: float, run: LeafRun, reference: LeafRun) -> Verdict:
    """C25: a standard fabric is cheaper, and what crosses it is not later.

    Parameters
    ----------
    saved : float
        Share of the cost of a token.
    run, reference : LeafRun
        The same messages on both fabrics.
    """
    late, early = (1e3 * float(np.percentile(each.message_s, 99)) for each in (run, reference))
    because = f"{100 * saved:.1f} % cheaper; p99 of a transfer {late:.4g} ms, {early:.4g} ms at 1:1"
    return Verdict(HOLDS if saved >= 0.05 and late <= 1.1 * early else FAILS, because)


def _figure(seconds: float) -> str:
    return f"{seconds:.4g}" if seconds < 1 else f"{seconds:.3g}"
