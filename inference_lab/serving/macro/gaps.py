"""Gaps: the longest pause between two tokens of each request, worked out when a run is over.

All sequences of a batch see the same gaps, but for the first one of each: that begins with its own
last token, not with the last step of the batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.macro.run import Run


def longest_in_each(
    stretches_s: np.ndarray, since: np.ndarray, until: np.ndarray, last_token_s: np.ndarray
) -> np.ndarray:
    """The longest gap of sequences that decoded from stretch number `since` to before `until`.

    Parameters
    ----------
    stretches_s : array of shape (stretches, 3)
        See `MacroReplica`.
    since, until : ndarray of int
        One entry a sequence; at least one stretch for each.
    last_token_s : ndarray of float
        When each got its last token before these.

    Examples
    --------
    >>> noted_s = np.array([[1, 0.5, 3], [6, 0.5, 7]])
    >>> longest_in_each(noted_s, np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([0, 0, 5.25]))
    array([1.  , 3.  , 0.75])
    """
    first_end_s, last_step_s, end_s = stretches_s.T
    # Steps get longer within a stretch, so its last one is its longest gap but for the first, which
    # begins with the token before the stretch: a sequence's own, or the end of the stretch before.
    own_s = np.maximum(first_end_s[since] - last_token_s, last_step_s[since])
    shared_s = np.maximum(first_end_s[1:] - end_s[:-1], last_step_s[1:])  # without the first one
    ends = np.stack([since, until - 1], axis=1).ravel()
    # Entry k of `shared_s` is of stretch k + 1, so since to until - 1 are the later stretches of
    # each; where there is none, reduceat gives an entry of no meaning, and it is left out below.
    longest_s = np.maximum.reduceat(np.append(shared_s, 0.0), ends)[::2]
    return np.where(until > since + 1, np.maximum(own_s, longest_s), own_s)


def longest_gaps_s(run: Run, fleet: Sequence[MacroReplica]) -> np.ndarray:
    """The same for the requests of a whole run, those that were pre-empted included."""
    replica, since, until = (np.fromiter(x, int) for x in (run.log.replica, run.since, run.until))
    last_token_s, longest_s = (np.fromiter(x, float) for x in (run.last_token_s, run.longest_s))
    request = np.flatnonzero(until > since)
    spells = [x[request] for x in (replica, since, until, last_token_s)]
    if run.spells:
        more_requests, *more = map(np.array, zip(*run.spells, strict=True))
        request = np.append(request, more_requests)
        spells = [np.append(x, y) for x, y in zip(spells, more, strict=True)]
    order = np.argsort(spells[0], kind="stable")
    bounds = np.searchsorted(spells[0], range(len(fleet) + 1), sorter=order)
    for one, start, stop in zip(fleet, bounds[:-1], bounds[1:], strict=True):
        own = order[start:stop]
        if len(own):
            stretches_s = np.array(one.stretches_s).reshape(-1, 3)
            since, until, last_token_s = (x[own] for x in spells[1:])
            # Places in the flat list become numbers of stretches: three places each.
            gaps_s = longest_in_each(stretches_s, since // 3, until // 3, last_token_s)
            np.maximum.at(longest_s, request[own], gaps_s)
    return longest_s
