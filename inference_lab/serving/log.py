"""The log of a run: one entry a request in each column, written by the engines, averaged by
nobody."""

from __future__ import annotations

from math import nan

OUTCOMES = ("served", "kv_capacity", "max_model_len", "queue_full", "timed_out")
"""What became of a request: served; refused for good because it can never fit the KV-cache, or
exceeds the model's length; rejected at a full queue; or given up by its client."""

SERVED, KV_CAPACITY, MAX_MODEL_LEN, QUEUE_FULL, TIMED_OUT = range(len(OUTCOMES))


class Log:
    """Flat columns, filled while a run goes on.

    Parameters
    ----------
    requests : int
        Length of the columns.

    Attributes
    ----------
    routed_s, first_token_s, finish_s : list of float
        Times at the replica; nan for a request that was not served.
    prefill_s : list of float
        Durations of the iterations that processed the prompt, up to the first token.
    max_itl_s : sequence of float
        Longest gap between two tokens; of no meaning where there are none.
    replica : list of int
        Where it ran or waited; -1 for a request that was not queued.
    outcome : bytearray
        Index into `OUTCOMES`.
    gave_up_s : dict of int to float
        When a request whose client had given up was dropped.
    tokens : int
        Output tokens of the run.
    kv_left : int
        Blocks and tokens that the KV-caches still count at the end.
    area_s : float
        Integral of the number of requests in the system.
    """

    def __init__(self, requests: int) -> None:
        self.routed_s = [nan] * requests
        self.first_token_s = [nan] * requests
        self.finish_s = [nan] * requests
        self.prefill_s = [0.0] * requests
        self.max_itl_s = [nan] * requests
        self.replica = [-1] * requests
        self.outcome = bytearray([SERVED]) * requests
        self.gave_up_s: dict[int, float] = {}
        self.tokens = 0
        self.preemptions = 0
        self.kv_left = 0
        self.area_s = 0.0
