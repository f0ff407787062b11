"""Arrivals: the next request at the router, in an open workload or in a closed loop."""

from __future__ import annotations

from math import inf

from inference_lab.traffic.workload import Workload


class Arrivals:
    """Requests in the order in which they reach their replica.

    Parameters
    ----------
    workload : Workload
        An open workload has its times; in a closed loop each ending starts the next request.
    delay_s : float
        From the client to the replica.
    return_s : float
        From the replica to the client.

    Attributes
    ----------
    sent_s : list of float
        When each request left its client, as far as that is known.
    next_s : float
        When request `next` reaches its replica; infinity if none is on the way.
    next : int
        Index of the next request: both delays are constant, so none overtakes another.
    """

    __slots__ = ("_closed", "_delay_s", "_requests", "_return_s", "next", "next_s", "sent_s")

    def __init__(self, workload: Workload, delay_s: float, return_s: float) -> None:
        self._delay_s = delay_s
        self._return_s = return_s
        self._requests = len(workload)
        self._closed = workload.concurrency is not None
        first = workload.arrival_s[: workload.concurrency] if self._closed else workload.arrival_s
        self.sent_s = first.tolist()
        self.next = -1
        self.advance()

    def advance(self) -> None:
        """Go on to the next request."""
        self.next += 1
        sent = self.sent_s
        self.next_s = sent[self.next] + self._delay_s if self.next < len(sent) else inf

    def ended(self, now_s: float) -> None:
        """A request ended at its replica: in a closed loop its user sends the next one."""
        if self._closed and len(self.sent_s) < self._requests:
            self.sent_s.append(now_s + self._return_s)
            if self.next == len(self.sent_s) - 1:
                self.next_s = self.sent_s[-1] + self._delay_s
