"""Spans: the life of each request and the work of each replica, interval by interval."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPAN = np.dtype(
    [
        ("request", np.int64),
        ("replica", np.int64),
        ("part", "U11"),
        ("start_s", np.float64),
        ("end_s", np.float64),
    ]
)
"""A row. Of a request: ``queue``, ``prefill``, ``kv_transfer``, ``decode`` (one row for each stay
in a batch). Of a replica (request -1): ``prefill`` while it runs iterations with prompts in them,
``decode`` while it runs others. Rows that touch and say the same are one."""


class Spans:
    """Collects rows while a run goes on; both engines tell it the same story."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, str, float, float]] = []
        self._now: dict[int, tuple[str, int, float]] = {}  # what each request does, since when
        self._last: dict[int, int] = {}  # of each request and replica, its last row
        self.gap_of: Any = array("q")
        self.gap_s: Any = array("d")

    def wait(self, request: int, replica: int, now_s: float) -> None:
        """A request begins to wait at a replica, because it came, or was pre-empted."""
        self.leave(request, now_s)
        self._now[request] = ("queue", replica, now_s)

    def read(self, request: int, replica: int, start_s: float, end_s: float) -> None:
        """An iteration has processed tokens of its prompt; it may go on to wait for another."""
        self.leave(request, start_s)
        self._add(request, replica, "prefill", start_s, end_s)
        self._now[request] = ("queue", replica, end_s)

    def fetch(self, request: int, replica: int, start_s: float, end_s: float) -> None:
        """An iteration began with fetching KV-cache for a request."""
        if end_s > start_s:
            self.leave(request, start_s)
            self._add(request, replica, "kv_transfer", start_s, end_s)

    def join(self, request: int, replica: int, now_s: float) -> None:
        """A request joins the decoding batch."""
        self.leave(request, now_s)
        self._now[request] = ("decode", replica, now_s)

    def leave(self, request: int, now_s: float) -> None:
        """Whatever a request did, it ends."""
        if request in self._now:
            part, replica, start_s = self._now.pop(request)
            self._add(request, replica, part, start_s, now_s)

    def gap(self, request: int, gap_s: float) -> None:
        """A request got a token so long after the one before: one more in `gap_of`, `gap_s`."""
        self.gap_of.append(request)
        self.gap_s.append(gap_s)

    def gaps_of(self, requests: NDArray[np.bool_]) -> NDArray[np.float64]:
        """All gaps of these requests: by request, then in the order in which they were told."""
        gap_of, gap_s = np.asarray(self.gap_of), np.asarray(self.gap_s)
        kept = np.flatnonzero(requests[gap_of])
        return gap_s[kept[np.argsort(gap_of[kept], kind="stable")]]

    def work(self, replica: int, part: str, start_s: float, end_s: float) -> None:
        """A replica has run one iteration, or several of a kind."""
        self._add(-1, replica, part, start_s, end_s)

    def _add(self, request: int, replica: int, part: str, start_s: float, end_s: float) -> None:
        if end_s <= start_s:
            return
        key = request if request >= 0 else -1 - replica
        last = self._last.get(key, -1)
        if last >= 0:
            *same, begun_s, until_s = self._rows[last]
            if same == [request, replica, part] and until_s == start_s:
                self._rows[last] = (request, replica, part, begun_s, end_s)
                return
        self._last[key] = len(self._rows)
        self._rows.append((request, replica, part, start_s, end_s))

    def table(self) -> NDArray[np.void]:
        """All rows, sorted by request and start; those of the replicas (request -1) first."""
        rows = np.array(self._rows, SPAN)
        return rows[np.lexsort((rows["replica"], rows["start_s"], rows["request"]))]
