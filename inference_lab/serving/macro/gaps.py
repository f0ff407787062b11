"""Gaps: the longest pause between two tokens of each request, worked out when a run is over.

A replica notes the longest gap of each stretch that all its sequences share; a request has seen
those from its first shared stretch to its last.
"""

from __future__ import annotations

from array import array

import numpy as np

from inference_lab.serving.macro.run import Run


def longest_in_each(
    gaps_s: array[float], since: np.ndarray, until: np.ndarray, at_least_s: np.ndarray
) -> np.ndarray:
    """The longest gap from number `since` to before `until`, and no less than `at_least_s`.

    Parameters
    ----------
    gaps_s : array of float
        The gaps of one replica.
    since, until : ndarray of int
        One entry a request; an empty range has none.
    at_least_s : ndarray of float
        Longest gap that a request had for itself.

    Examples
    --------
    >>> gaps_s = array("d", [0.25, 0.125, 0.5])
    >>> longest_in_each(gaps_s, np.array([0, 1, 3]), np.array([2, 3, 3]), np.array([0, 1, 0.75]))
    array([0.25, 1.  , 0.75])
    """
    longest_s = at_least_s.copy()
    some = until > since
    if some.any():
        ends = np.stack([since[some], until[some]], axis=1).ravel()
        seen_s = np.maximum.reduceat(np.append(gaps_s, 0.0), ends)[::2]
        longest_s[some] = np.maximum(longest_s[some], seen_s)
    return longest_s


def longest_gaps_s(run: Run, gaps_s: list[array[float]]) -> np.ndarray:
    """The same for the requests of a whole run, from the gaps of each replica."""
    since, until, replica = (np.fromiter(x, int) for x in (run.since, run.until, run.log.replica))
    longest_s = np.fromiter(run.longest_s, float)
    by_replica = np.argsort(replica, kind="stable")
    bounds = np.searchsorted(replica, range(len(gaps_s) + 1), sorter=by_replica)
    for own_gaps_s, start, stop in zip(gaps_s, bounds[:-1], bounds[1:], strict=True):
        own = by_replica[start:stop]
        longest_s[own] = longest_in_each(own_gaps_s, since[own], until[own], longest_s[own])
    return longest_s
