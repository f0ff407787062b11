"""The steps of a training job on one clock with others: a source of events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from inference_lab.training.job import TrainingJob

Send = Callable[[float, Sequence[int], float, Callable[[float], None]], Any]
"""``send(size_bytes, route, now_s, then)`` starts a flow, and calls ``then(now_s)`` at its end."""


class TrainingSteps:
    """Fires when the hosts have computed; their bytes are others' business until the last hop ends.

    Parameters
    ----------
    job : TrainingJob
        What a step is.
    hops : list of tuple of int
        The links of each hop.
    send : callable
        Starts a flow.
    goes_on : callable
        Whether another step is wanted, asked at the end of each.
    steps_s : list of float
        Takes the seconds of each step that has ended.

    Attributes
    ----------
    next_s : float
        When the hosts have computed; infinity while they wait for the ring.

    Examples
    --------
    >>> job = TrainingJob(hosts=[0, 1], gradient_bytes=1e9, compute_s=2.0)
    >>> sent, steps_s = [], []
    >>> steps = TrainingSteps(job, [(0,), (1,)], lambda *flow: sent.append(flow), bool, steps_s)
    >>> steps.fire(2.0), [then(2.5) for *_, then in sent], steps_s, steps.next_s
    (None, [None, None], [2.5], inf)
    """

    def __init__(
        self,
        job: TrainingJob,
        hops: Sequence[Sequence[int]],
        send: Send,
        goes_on: Callable[[], bool],
        steps_s: list[float],
    ) -> None:
        self._job, self._hops, self._send, self._goes_on = job, hops, send, goes_on
        self.steps_s = steps_s
        self._since_s, self._open = 0.0, 0
        self.next_s = job.compute_s

    def fire(self, now_s: float) -> None:
        """All have computed: the ring begins."""
        self.next_s, self._open = inf, len(self._hops)
        for hop in self._hops:
            self._send(self._job.hop_bytes, hop, now_s, self._hop_ended)

    def _hop_ended(self, now_s: float) -> None:
        self._open -= 1
        if not self._open:
            self.steps_s.append(now_s - self._since_s)
            self._since_s = now_s
            if self._goes_on():
                self.next_s = now_s + self._job.compute_s
