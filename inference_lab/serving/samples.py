"""Samples: what a monitoring system would have seen of each replica, at equal intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE = np.dtype(
    [
        ("time_s", np.float64),
        ("replica", np.int64),
        ("outstanding", np.int64),
        ("queued_tokens", np.int64),
        ("kv_use", np.float64),
    ]
)
"""A row, of one replica at one instant, after iterations that end there: requests that wait or run,
prompt tokens that wait for a prefill, and the share of the KV-cache that somebody holds."""


class Samples:
    """A source that looks at every replica at 0 and each `every_s` later, while requests go on."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._count = 0
        self._rows: list[tuple[float, int, int, int, float]] = []
        self._fleet: Sequence[Any] = ()
        self._goes_on: Callable[[], bool] = lambda: False

    def begin(self, fleet: Sequence[Any], goes_on: Callable[[], bool]) -> Samples:
        """Of this fleet, as long as `goes_on()`."""
        self._fleet, self._goes_on = fleet, goes_on
        return self

    @property
    def next_s(self) -> float:
        """When it looks next."""
        return self._count * self._every_s if self._goes_on() else inf

    def fire(self, now_s: float) -> None:
        """Look."""
        self._count += 1
        for replica in self._fleet:
            use = 1 - replica.free_blocks / replica.blocks if replica.blocks else 0.0
            row = (now_s, replica.index, replica.outstanding, replica.queued_tokens, use)
            self._rows.append(row)

    def table(self) -> NDArray[np.void]:
        """All rows, by time, then by replica."""
        return np.array(self._rows, SAMPLE)
