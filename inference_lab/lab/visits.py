"""Visits: when each request was at which replica, from the spans of a run."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Visits:
    """By request, then in order of time; nan where there is no such time.

    Parameters
    ----------
    request, replica : array of int
        Whose visit it is, and where. Who is sent back to the same replica has one visit there.
    queued_s, left_s : array of float
        When it joined the queue, and when it left: at its last token, or when it was sent back.
    read_from_s, read_until_s : array of float
        When iterations with its prompt in them began and ended; what is read after a stay in the
        batch is a repeat.
    held_until_s : array of float
        When it last had KV-cache there.
    """

    request: NDArray[np.int64]
    replica: NDArray[np.int64]
    queued_s: NDArray[np.float64]
    read_from_s: NDArray[np.float64]
    read_until_s: NDArray[np.float64]
    held_until_s: NDArray[np.float64]
    left_s: NDArray[np.float64]

    def __getitem__(self, which: NDArray[np.bool_]) -> Visits:
        return Visits(*(getattr(self, field.name)[which] for field in fields(self)))

    @property
    def last(self) -> NDArray[np.bool_]:
        """Which visits are the last ones of their requests."""
        last = np.ones(len(self.request), bool)
        last[:-1] = self.request[1:] != self.request[:-1]
        return last


def visits_of(rows: NDArray[Any]) -> Visits:
    """The visits behind the rows of requests, which are sorted by request and start."""
    begins = np.ones(len(rows), bool)
    begins[1:] = (rows["request"][1:] != rows["request"][:-1]) | (
        rows["replica"][1:] != rows["replica"][:-1]
    )
    visit, count = np.cumsum(begins) - 1, int(begins.sum())
    isread, isdecode = rows["part"] == "prefill", rows["part"] == "decode"

    def least(which: NDArray[np.bool_]) -> NDArray[np.float64]:
        found = np.full(count, np.inf)
        np.minimum.at(found, visit[which], rows["start_s"][which])
        return found

    def most(which: NDArray[np.bool_]) -> NDArray[np.float64]:
        found = np.full(count, -np.inf)
        np.maximum.at(found, visit[which], rows["end_s"][which])
        return np.where(np.isfinite(found), found, np.nan)

    read_from_s, stays_from_s = least(isread), least(isdecode)
    return Visits(
        rows["request"][begins],
        rows["replica"][begins],
        rows["start_s"][begins],
        np.where(np.isfinite(read_from_s), read_from_s, np.nan),
        most(isread & (rows["start_s"] < stays_from_s[visit])),
        most(isread | isdecode),
        most(np.ones(len(rows), bool)),
    )
