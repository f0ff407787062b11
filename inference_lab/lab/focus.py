"""Which requests of a run to look at: the worst one, and those where two policies part."""

from __future__ import annotations

import numpy as np

from inference_lab.checks import real
from inference_lab.lab.replay import ReplayLog

PARTED_S = 0.1
"""Two policies part where a TTFT differs by more than this."""


def worst(log: ReplayLog, limit_s: float, other: ReplayLog | None = None) -> int | None:
    """The late request to look at first, None if none is late.

    The one that waits longest behind others; beside another policy, the one that loses most
    against it.

    Raises
    ------
    TypeError, ValueError
        If the limit is not a positive number of seconds.
    """
    ttft_s = log.ttft_s
    late = ttft_s > real("limit_s", limit_s, above=0)
    if not late.any():
        return None
    waits = log["read_from"] - log["queued"]
    loss = waits if other is None else ttft_s - np.nan_to_num(other.ttft_s)
    losses = np.where(late, loss, -np.inf)
    first = np.flatnonzero(losses == losses.max())
    return int(first[np.argmax(ttft_s[first])])


def partings(log: ReplayLog, other: ReplayLog) -> list[int]:
    """The requests whose TTFT differs by more than `PARTED_S`, in the order of arrival."""
    return np.flatnonzero(np.abs(log.ttft_s - other.ttft_s) > PARTED_S).tolist()
