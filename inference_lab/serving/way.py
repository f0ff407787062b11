"""The way: what lies between a client and its replica, in seconds, on the way in and back."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from math import inf

import numpy as np
from numpy.typing import NDArray

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.delays import drawn_s, half_s
from inference_lab.traffic.streams import stream


class Way:
    """The delays of one run, drawn for each request before it begins.

    Parameters
    ----------
    cluster : Cluster
        For its delays.
    requests : int
        How many are drawn.
    seed : int
        Of the draws.

    Attributes
    ----------
    network_s : float or array
        The round trip of each request, half on the way in, half on the way out.
    rag_s : float or array
        Retrieval before the router.
    router_s : float
        The router's own time, once more for whatever is routed again.
    """

    def __init__(self, cluster: Cluster, requests: int, seed: int) -> None:
        network = stream(seed, "network")
        self.network_s = drawn_s("network_s", cluster.network_s, requests, network)
        self.rag_s: float | NDArray[np.float64] = 0.0
        if cluster.rag is not None:
            self.rag_s = cluster.rag.drawn_s(requests, stream(seed, "rag"))
        self.router_s = cluster.router_s

    def in_s(self, which: slice | int) -> float | NDArray[np.float64]:
        """From the client until the router has chosen: of one request, or of several."""
        rag_s = self.rag_s[which] if isinstance(self.rag_s, np.ndarray) else self.rag_s
        return half_s(self.network_s, which) + rag_s + self.router_s

    def back_s(self, i: int) -> float:
        """From the replica to the client of a request."""
        return float(half_s(self.network_s, i))

    def plan(
        self, sent_s: NDArray[np.float64], times_s: list[float], copied: bool
    ) -> Iterable[tuple[float, int]]:
        """When each request reaches its replica, sorted by that, then by index.

        Parameters
        ----------
        sent_s, times_s : array, list of float
            When they are sent.
        copied : bool
            Whether the list will change meanwhile, as that of a closed loop does.
        """
        in_s = self.in_s(slice(len(sent_s)))
        reach_s = sent_s + in_s
        if isinstance(in_s, np.ndarray):
            order = np.argsort(reach_s, kind="stable")
            times, indices = reach_s[order].tolist(), order.tolist()
        else:  # an open load's list need not be kept twice
            times = reach_s.tolist() if in_s or copied else times_s
            indices = range(len(times))
        return zip(chain(times, (inf,)), chain(indices, (-1,)), strict=True)
