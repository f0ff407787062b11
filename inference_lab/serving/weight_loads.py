"""Weight loads: what a replica must fetch over the fabric before it serves."""

from __future__ import annotations

from inference_lab.fabric.flow import Flow
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.transfers import Then, Transfers


class WeightLoads:
    """Replicas that come or return load their weights from a store beyond the spines.

    Each host of a replica loads an equal share, in one flow. The store is never the bottleneck.

    Parameters
    ----------
    cluster : Cluster
        Its replicas, their hosts, and the fabric.
    transfers : Transfers
        Moves the bytes.
    """

    def __init__(self, cluster: Cluster, transfers: Transfers) -> None:
        self._cluster, self._transfers = cluster, transfers
        self._moving: dict[int, list[Flow]] = {}
        self._flows = 0

    def begin(self, i: int, now_s: float, then: Then) -> bool:
        """Start to load the weights of replica `i`; False if it has none."""
        hosts, fabric = self._cluster.hosts[i], self._cluster.fabric
        size = self._cluster.fleet[i].weight_bytes / len(hosts)
        if size < 1 or fabric is None:
            return False
        flows: list[Flow] = []
        self._moving[i] = flows

        def ended(at_s: float) -> None:
            if self._moving.get(i) is flows and not any(flow.left_bytes for flow in flows):
                del self._moving[i]
                then(at_s)

        for host in hosts:
            self._flows += 1
            route = fabric.from_core(host, self._flows)
            flows.append(self._transfers.send(size, route, now_s, ended))
        return True

    def void(self, i: int, now_s: float) -> bool:
        """Replica `i` is dead: stop its load; returns whether it had one."""
        flows = self._moving.pop(i, None)
        if flows is None:
            return False
        for flow in flows:
            if flow.left_bytes:
                self._transfers.drop(flow, now_s)
        return True
