"""Arrivals: when requests leave their clients, in seconds."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inference_lab.checks import real, whole

Times = NDArray[np.float64]

MOST_S = 1e9
"""End of the clock, 30 years: beyond it a double does not resolve a tenth of a microsecond."""

MOST_REQUESTS = 10**8
"""Most requests of a workload: four times a day of the largest public trace; 2.4 GB of memory."""

MOST_CV = 100
"""Burstiest arrivals: the gaps of most requests are then 0 to the last digit."""


def renewal_s(rate_per_s: float, cv: float, requests: int, rng: np.random.Generator) -> Times:
    """Independent gaps with a Gamma law: 0 is a metronome, 1 is Poisson, more comes in bursts.

    Parameters
    ----------
    rate_per_s : float
        Mean arrivals per second.
    cv : float
        Standard deviation of a gap divided by its mean, at most `MOST_CV`.
    requests : int
        How many.
    rng : numpy.random.Generator
        The source of chance.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> renewal_s(2, 0, 3, np.random.default_rng(0))
    array([0.5, 1. , 1.5])
    """
    mean_s = 1 / real("rate_per_s", rate_per_s, above=0)
    spread = real("cv", cv, at_most=MOST_CV)
    n = checked_count(requests)
    with np.errstate(over="ignore"):  # the clock of `scaled` says what is wrong
        if spread < 1e-16:  # what a double does not tell from 0
            return np.cumsum(np.full(n, mean_s))
        return np.cumsum(rng.standard_gamma(spread**-2, n) * (spread**2 * mean_s))


def piecewise_s(
    pieces: Sequence[tuple[float, float]], requests: int | None, rng: np.random.Generator
) -> Times:
    """Poisson arrivals whose rate is constant in each piece.

    Parameters
    ----------
    pieces : sequence of (duration_s, rate_per_s)
        One after the other.
    requests : int or None
        The first so many, the pieces being repeated; None for those of one round.
    rng : numpy.random.Generator
        The source of chance.

    Raises
    ------
    TypeError, ValueError
        If a piece is out of range, or nothing arrives.
    """
    if isinstance(pieces, str) or not isinstance(pieces, Sequence) or not pieces:
        raise TypeError(f"pieces={pieces!r} must be a list of (duration_s, rate_per_s)")
    durations, rates = [], []
    for i, piece in enumerate(pieces):
        if isinstance(piece, str) or not isinstance(piece, Sequence) or len(piece) != 2:
            raise TypeError(f"pieces[{i}]={piece!r} must be a pair (duration_s, rate_per_s)")
        durations.append(real(f"pieces[{i}][0]", piece[0], above=0, at_most=MOST_S))
        rates.append(real(f"pieces[{i}][1]", piece[1], at_most=MOST_REQUESTS))
    ends_s = np.cumsum([0.0, *durations])
    expected = np.cumsum([0.0, *np.multiply(durations, rates)])  # arrivals until the end of each
    round_s, mean = ends_s[-1], expected[-1]
    if not 0 < mean <= MOST_REQUESTS:
        raise ValueError(
            f"pieces={pieces!r} hold {mean:g} requests on the mean: give more than 0, "
            f"at most {MOST_REQUESTS}"
        )
    if requests is None:
        clock = np.sort(rng.random(rng.poisson(mean))) * mean
    else:
        clock = np.cumsum(rng.exponential(size=checked_count(requests)))
    if not len(clock):
        raise ValueError(f"pieces={pieces!r}: nothing arrived with this seed; give requests=")
    rounds, within = np.divmod(clock, mean)
    return np.sort(rounds * round_s + np.interp(within, expected, ends_s))


def replayed_s(
    time_ns: Sequence[int] | NDArray[np.int64], jitter_s: float, rng: np.random.Generator
) -> tuple[Times, NDArray[np.int64]]:
    """Times of a trace from its first request on, in order, and that order.

    Parameters
    ----------
    time_ns : array of int
        Time stamps in nanoseconds, from any origin.
    jitter_s : float
        Each time is delayed by its own uniform time below that.
    rng : numpy.random.Generator
        Of the jitter.

    Raises
    ------
    TypeError, ValueError
        If the jitter is out of range.
    """
    spread_s = real("jitter_s", jitter_s, at_most=MOST_S)
    stamps = np.asarray(time_ns)
    times = (stamps - stamps.min()) / 1e9
    if spread_s:
        times += rng.random(len(times)) * spread_s
    order = np.argsort(times, kind="stable")
    return times[order] - times[order[0]], order


def scaled(arrival_s: Times, rate_scale: float, source: str) -> Times:
    """The same arrivals `rate_scale` times as fast; `source` says for an error what made them.

    Raises
    ------
    TypeError, ValueError
        If the scale is not a positive number, or the last arrival is beyond the clock's end.
    """
    with np.errstate(over="ignore"):
        times = arrival_s / real("rate_scale", rate_scale, above=0)
    if not times[-1] <= MOST_S:
        raise ValueError(
            f"{source} with rate_scale={rate_scale!r} puts the last arrival at {times[-1]:.3g} s, "
            f"beyond the end of the clock, {MOST_S:g} s: give a higher rate"
        )
    return times


def checked_times(arrival_s: ArrayLike) -> Times:
    """A copy of arrival times, checked.

    Raises
    ------
    TypeError, ValueError
        If they are not finite numbers of seconds from 0 to `MOST_S`, in order.
    """
    given = reprlib.repr(arrival_s)
    try:
        times = np.array(arrival_s)
    except ValueError:
        raise ValueError(f"arrival_s={given} is ragged: give one number a request") from None
    if times.ndim != 1 or not len(times):
        raise ValueError(f"arrival_s={given} has shape {times.shape}: give one number a request")
    if times.dtype.kind not in "iuf":
        raise TypeError(f"arrival_s={given} has dtype {times.dtype}: give numbers of seconds")
    times = times.astype(np.float64)
    wrong = ~((times >= 0) & (times <= MOST_S))
    if wrong.any():
        at = int(wrong.argmax())
        raise ValueError(
            f"arrival_s[{at}]={times[at]} is out of range: give a finite number of seconds >= 0 "
            f"and <= {MOST_S:g}"
        )
    backwards = np.diff(times) < 0
    if backwards.any():
        at = int(backwards.argmax()) + 1
        raise ValueError(
            f"arrival_s[{at}]={times[at]} is before arrival_s[{at - 1}]={times[at - 1]}: "
            "sort all arrays by arrival"
        )
    return times


def checked_count(requests: int) -> int:
    """A number of requests from 1 to `MOST_REQUESTS`.

    Raises
    ------
    TypeError, ValueError
        If it is not.
    """
    return whole("requests", requests, at_least=1, at_most=MOST_REQUESTS)
