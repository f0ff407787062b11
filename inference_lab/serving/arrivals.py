"""Arrivals: the next request at the router, in an open workload or in a closed loop."""

from __future__ import annotations

import heapq
from math import inf

from inference_lab.traffic.workload import Workload


class Arrivals:
    """Requests in the order in which they reach the router.

    Parameters
    ----------
    workload : Workload
        An open workload has its times; in a closed loop each ending starts the next request.
    delay_s : float
        From the client to the replica.
    return_s : float
        From the replica to the client.
    """

    def __init__(self, workload: Workload, delay_s: float, return_s: float) -> None:
        self.delay_s = delay_s
        self.return_s = return_s
        self.sent_s = workload.arrival_s.tolist()
        self.closed = workload.concurrency is not None
        started = min(workload.concurrency, len(workload)) if self.closed else len(workload)
        self._queue = [(sent + delay_s, i) for i, sent in enumerate(self.sent_s[:started])]
        self._started = started

    @property
    def next_s(self) -> float:
        """When the next request reaches its replica; infinity if none is on the way."""
        return self._queue[0][0] if self._queue else inf

    def pop(self) -> int:
        """The index of the next request."""
        return heapq.heappop(self._queue)[1]

    def ended(self, now_s: float) -> None:
        """A request ended at its replica: in a closed loop its user sends the next one."""
        if self.closed and self._started < len(self.sent_s):
            sent = now_s + self.return_s
            self.sent_s[self._started] = sent
            heapq.heappush(self._queue, (sent + self.delay_s, self._started))
            self._started += 1
