"""C02, C03, C04: what requests are, what one goes through, and what a replica holds."""

from __future__ import annotations

from collections.abc import Mapping

from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict, first_true


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


def requests_are_small(p99_bytes: float, limit_bytes: float) -> Verdict:
    """Claim C02: requests are small, all but one in a hundred.

    Parameters
    ----------
    p99_bytes, limit_bytes : float
        Of the text of a request, and what counts as small.

    Examples
    --------
    >>> print(requests_are_small(17_000, 64_000))
    holds (99 of 100 prompts have at most 17 kB; small is up to 64)
    """
    because = f"99 of 100 prompts have at most {p99_bytes / 1e3:,.0f} kB; "
    because += f"small is up to {limit_bytes / 1e3:.0f}"
    return Verdict(HOLDS if p99_bytes <= limit_bytes else FAILS, because)


def arrivals_are_asynchronous(dispersion: float, limit: float) -> Verdict:
    """Claim C02: requests come independently of each other.

    Parameters
    ----------
    dispersion : float
        Variance over mean of the arrivals in windows: 1 for independent ones, 8,000 if 8,000 come
        together.
    limit : float
        Up to which they count as independent.

    Examples
    --------
    >>> print(arrivals_are_asynchronous(8_000, 2))
    does not hold (variance over mean of the arrivals a second: 8,000.0; 1 if independent)
    """
    because = f"variance over mean of the arrivals a second: {dispersion:,.1f}; 1 if independent"
    return Verdict(HOLDS if dispersion <= limit else FAILS, because)


def no_collectives(each_step: int, share: float) -> Verdict:
    """Claim C02: inference has no synchronous collectives.

    Parameters
    ----------
    each_step : int
        All-reduces of one decode step.
    share : float
        Of the step's time.

    Examples
    --------
    >>> print(no_collectives(160, 0.25))
    does not hold (160 all-reduces in each decode step, 25 % of its time)
    """
    because = f"{each_step} all-reduces in each decode step, {100 * share:.0f} % of its time"
    return Verdict(FAILS if each_step else HOLDS, because)


def parts_sum_to_the_whole(error_s: float, requests: int) -> Verdict:
    """Claim C03: route, prefill and decode, stream; and nothing else.

    Parameters
    ----------
    error_s : float
        The largest difference between the sum of the parts of a request and its whole time.
    requests : int
        How many were looked at.

    Examples
    --------
    >>> print(parts_sum_to_the_whole(1e-12, 2000))
    holds (2,000 requests; the parts miss the whole by 0.000 ms at most)
    """
    because = f"{requests:,} requests; the parts miss the whole by {1e3 * error_s:.3f} ms at most"
    return Verdict(HOLDS if error_s < 1e-6 else FAILS, because)
