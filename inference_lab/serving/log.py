"""The log of a run: one entry a request in each column, written by the engines, averaged by
nobody."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np

from inference_lab.checks import one_of
from inference_lab.serving.parts import PARTS
from inference_lab.serving.samples import Samples
from inference_lab.serving.spans import Spans

OUTCOMES = (
    *("served", "kv_capacity", "max_model_len", "queue_full", "timed_out"),
    *("no_replica", "rate_limited"),
)
"""What became of a request: served; refused for good because it can never fit the KV-cache, or
exceeds the model's length; rejected at a full queue; given up by its client; no replica was alive,
and none came any more; or over the limit of its tenant."""

SERVED, KV_CAPACITY, MAX_MODEL_LEN, QUEUE_FULL, TIMED_OUT, NO_REPLICA, RATE_LIMITED = range(
    len(OUTCOMES)
)


LIMITS = ("max_batch", "memory")
"""What may hold up the first of a queue: places in the batch, blocks of the KV-cache."""


class Log:
    """Flat columns, filled while a run goes on.

    Parameters
    ----------
    requests : int
        Length of the columns.
    spans : bool
        Whether to keep a row for each interval of each request, too.
    sample_s : float or None
        How often to look at the replicas.

    Attributes
    ----------
    routed_s, first_token_s, finish_s : list of float
        When a request was first routed; its times at the replica, nan if it was not served.
    max_itl_s : sequence of float
        Longest gap between two tokens; of no meaning where there are none.
    replica : list of int
        Where it ran or waited last; -1 for a request that was not queued.
    prefill_replica : list of int or None
        With two pools, where it ran or waited last for its prefill; -1 for none.
    cached : dict of int to int
        Tokens of a prompt that were not computed, of those that were looked up.
    retries : dict of int to int
        How often a request went back to the gateway.
    preempted : dict of int to int
        How often a request was pre-empted.
    held_up : dict of str to set of int
        Requests that were first in a queue and found no room, by what was full: see `LIMITS`.
    outcome : bytearray
        Index into `OUTCOMES`.
    unserved_s : dict of int to float
        When a request left the system for good: its client had given up, it was sent again to a
        replica that can never hold it, or no replica was left.
    spans : Spans or None
        The intervals.
    samples : Samples or None
        What was seen at equal intervals.
    tokens : int
        Output tokens of the run.
    steps_s : list of float
        Seconds of each step of the training job.
    kv_left : int
        Blocks and tokens that the KV-caches still count at the end.
    """

    def __init__(self, requests: int, spans: bool = False, sample_s: float | None = None) -> None:
        self.routed_s: Any = [nan] * requests
        self.first_token_s: Any = [nan] * requests
        self.finish_s: Any = [nan] * requests
        self.max_itl_s: Any = [nan] * requests
        self.replica: Any = [-1] * requests
        self.prefill_replica: list[int] | None = None
        self.cached: dict[int, int] = {}
        self.retries: dict[int, int] = {}
        self.held_up: dict[str, set[int]] = {limit: set() for limit in LIMITS}
        self.outcome = bytearray([SERVED]) * requests
        self.unserved_s: dict[int, float] = {}
        self.spans = Spans() if spans else None
        self.samples = None if sample_s is None else Samples(sample_s)
        self.tokens = 0
        self.preempted: dict[int, int] = {}
        self.steps_s: list[float] = []
        self.kv_left = 0
        self.charged: dict[str, Any] = {}

    def close(self) -> None:
        """The run is over: columns of times become arrays, one after the other, a third as large.

        What is used for one of them then (`routed_s`, `replica`, a part) is an array.
        """
        for name in ("routed_s", "first_token_s", "finish_s"):
            setattr(self, name, np.fromiter(getattr(self, name), float))
        self.replica = np.fromiter(self.replica, int)
        for name in list(self.charged):
            self.charged[name] = np.fromiter(self.charged[name], float)

    def preempt(self, i: int) -> None:
        """Request `i` has lost its KV-cache for want of memory."""
        self.preempted[i] = self.preempted.get(i, 0) + 1

    def part(self, name: str) -> list[float]:
        """The column to which an engine charges seconds of a part, made when it is first asked for.

        Raises
        ------
        ValueError
            If there is no such part.
        """
        if name not in self.charged:
            self.charged[one_of("part", name, PARTS)] = [0.0] * len(self.routed_s)
        return self.charged[name]
