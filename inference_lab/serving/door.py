"""The door: which requests a replica takes in, and until when their clients wait."""

from __future__ import annotations

from math import inf
from typing import Any

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.kv_cache import blocks_for
from inference_lab.serving.log import KV_CAPACITY, MAX_MODEL_LEN, QUEUE_FULL, SERVED
from inference_lab.traffic.workload import Workload


class Door:
    """The limits of a cluster.

    Parameters
    ----------
    cluster : Cluster
        For its limits.
    workload : Workload
        For the lengths.
    sent_s : list of float
        When each request left its client.

    Attributes
    ----------
    most_blocks : list of int
        Blocks of the KV-cache that each request needs at its end; its last token is never stored.
    limited : bool
        Whether there are limits beside the KV-cache.
    deadline_s : list of float or None
        When the client of each request gives up; infinity once its prefill has begun. None if
        clients never do.
    """

    def __init__(self, cluster: Cluster, workload: Workload, sent_s: list[float]) -> None:
        self._cluster, self._workload, self._sent_s = cluster, workload, sent_s
        tokens = workload.prompt_tokens + workload.output_tokens
        self.most_blocks: list[int] = blocks_for(tokens - 1).tolist()
        self.deadline_s = None if cluster.timeout_s is None else [inf] * len(workload)
        self._patience_s = inf if cluster.timeout_s is None else cluster.timeout_s
        limits = (cluster.max_model_len, cluster.max_queue, cluster.timeout_s)
        self.limited = limits != (None, None, None)

    def refusal(self, i: int, replica: Any, again: bool = False) -> int:
        """The outcome of request `i` so far at its replica: `SERVED` lets it in.

        One that was let in before and is sent `again` can only be too long for this replica.
        """
        if again:
            return KV_CAPACITY if self.most_blocks[i] > replica.blocks else SERVED
        cluster, workload = self._cluster, self._workload
        tokens = workload.prompt_tokens[i] + workload.output_tokens[i]
        if cluster.max_model_len is not None and tokens > cluster.max_model_len:
            return MAX_MODEL_LEN
        if self.most_blocks[i] > replica.blocks:
            return KV_CAPACITY
        if cluster.max_queue is not None and len(replica.queue) >= cluster.max_queue:
            return QUEUE_FULL
        if self.deadline_s is not None:
            self.deadline_s[i] = self._sent_s[i] + self._patience_s
        return SERVED
