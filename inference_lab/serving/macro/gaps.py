"""Gaps: the longest pause between two tokens of each request, or all of them, worked out when a run
is over.

All sequences of a batch see the same gaps, but for the first one of each: that begins with its own
last token, not with the last step of the batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference_lab.serving.macro.recorded import RecordedReplica
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.macro.run import Run
from inference_lab.serving.spans import Spans


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
    longest_s = np.fromiter(run.longest_s, float)
    request, replica, since, until, last_token_s = _stays(run)
    order = np.argsort(replica, kind="stable")
    bounds = np.searchsorted(replica, range(len(fleet) + 1), sorter=order)
    for one, start, stop in zip(fleet, bounds[:-1], bounds[1:], strict=True):
        own = order[start:stop]
        if len(own):
            stretches_s = np.array(one.stretches_s).reshape(-1, 3)
            gaps_s = longest_in_each(stretches_s, since[own], until[own], last_token_s[own])
            np.maximum.at(longest_s, request[own], gaps_s)
    return longest_s


def _stays(run: Run) -> list[np.ndarray]:
    """Of each stay in a batch with a token in it: request, replica, first and end stretch, and when
    the token before came."""
    replica, since, until = (np.fromiter(x, int) for x in (run.log.replica, run.since, run.until))
    last_token_s = np.fromiter(run.last_token_s, float)
    request = np.flatnonzero(until > since)
    stays = [request, *(x[request] for x in (replica, since, until, last_token_s))]
    if run.spells:
        more = map(np.array, zip(*run.spells, strict=True))
        stays = [np.append(x, y) for x, y in zip(stays, more, strict=True)]
    # Places in the flat list become numbers of stretches: three places each.
    stays[2], stays[3] = stays[2] // 3, stays[3] // 3
    return stays


def tell_all(run: Run, fleet: Sequence[RecordedReplica], spans: Spans) -> None:
    """Every gap of every request, in the order of its tokens.

    The steps of all replicas are put in one row, each with the gap that it makes for those who were
    in the batch before; a stay is a piece of that row, whose first gap is its own.
    """
    steps_s, starts, before = [], [], [0]
    for one in fleet:
        lengths = np.array(one.lengths)
        first_end_s, last_step_s, end_s = np.array(one.stretches_s).reshape(-1, 3).T
        begin = np.append(0, np.cumsum(lengths))
        left = np.repeat(begin[1:], lengths) - 1 - np.arange(begin[-1])  # steps until the last
        gaps_s = np.repeat(last_step_s, lengths) - left * np.repeat(one.growths_s, lengths)
        gaps_s[begin[:-1]] = first_end_s - np.append(0.0, end_s[:-1])
        steps_s.append(gaps_s)
        starts.append(begin + sum(map(len, steps_s[:-1])))
        before.append(before[-1] + len(begin))
    again = [each for one in fleet for each in one.again]
    steps_s.append(np.array([gap_s for *_, gap_s in again]))
    row_s, start = np.concatenate(steps_s), np.concatenate(starts)
    request, replica, since, until, last_token_s = _stays(run)
    offset = np.array(before)[replica]
    place, end = start[offset + since], start[offset + until]
    first_s = np.concatenate([np.array(one.stretches_s[::3]) for one in fleet])
    stretch = offset - replica + since  # a replica has one start more than stretches
    own_s = first_s[stretch] - last_token_s
    single = len(row_s) - len(again) + np.arange(len(again))
    pieces = [
        np.append(request, [i for i, *_ in again]).astype(int),
        np.append(last_token_s, [last_s for _, last_s, _ in again]),
        np.append(place, single).astype(int),
        np.append(end - place, np.ones(len(again))).astype(int),
        np.append(own_s, row_s[single]),
    ]
    order = np.lexsort((pieces[1], pieces[0]))
    request, _, place, count, own_s = (piece[order] for piece in pieces)
    begins = np.cumsum(count) - count
    at = np.repeat(place - begins, count) + np.arange(count.sum())
    spans.gap_s = row_s[at]
    spans.gap_s[begins] = own_s
    spans.gap_of = np.repeat(request, count)
