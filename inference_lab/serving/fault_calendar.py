"""The fault calendar: a source that does, in one run, what the faults of a cluster say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import inf, prod
from operator import itemgetter
from typing import Any

from inference_lab.physics.slowed import Slowed
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.gateway import Gateway
from inference_lab.serving.moments import RETURN, Moment
from inference_lab.serving.transfers import Transfers
from inference_lab.serving.weight_loads import WeightLoads


class FaultCalendar:
    """Goes from moment to moment; see `docs/faults.md`.

    Parameters
    ----------
    cluster : Cluster
        For its faults.
    gateway : Gateway
        Told who lives, and which requests have to be routed again.
    fleet : sequence of replicas
        Of either engine, those to be added included.
    fabric : Transfers or None
        Where weights are loaded, and links can be slow.

    Attributes
    ----------
    next_s : float
        When something happens next; infinity after the last moment.
    """

    def __init__(
        self,
        cluster: Cluster,
        gateway: Gateway,
        fleet: Sequence[Any],
        fabric: Transfers | None = None,
    ) -> None:
        self.fabric: Any = fabric  # there is one if a fault needs it
        self._loads = None
        if fabric is not None and cluster.fabric is not None:
            self._loads = WeightLoads(cluster, fabric)
        self._gateway, self._fleet, self._costs = gateway, fleet, cluster.fleet
        moments = [moment for fault in cluster.faults for moment in fault.moments(cluster)]
        moments.sort(key=itemgetter(0, 1))
        self._moments: list[Moment] = moments[::-1]  # the next one last
        self.next_s = moments[0][0] if moments else inf
        self._reasons = [0] * len(fleet)  # why each does not serve: losses, and not being there yet
        self._factors: list[dict[object, float]] = [{} for _ in fleet]
        gateway.living.coming = sum(order == RETURN for _, order, _ in moments)
        added = range(len(fleet) - len(cluster.added), len(fleet))
        self._added = iter(added)
        for i in added:
            self.lose(i, now_s=0.0)
            self.miss(i, now_s=0.0)

    def fire(self, now_s: float) -> None:
        """All that is due."""
        while self._moments and self._moments[-1][0] == now_s:
            self._moments.pop()[2](self, now_s)
        self.next_s = self._moments[-1][0] if self._moments else inf
        if not self._gateway.living.coming:
            self._gateway.look_again(now_s)

    def lose(self, i: int, now_s: float) -> None:
        """Replica `i` dies, if it lives: who was there waits in vain."""
        if self._loads is not None and self._loads.void(i, now_s):
            self._gateway.living.coming -= 1  # this is why it does not serve, not its load
            return
        self._reasons[i] += 1
        if self._reasons[i] == 1:
            self._fleet[i].halt(now_s)

    def miss(self, i: int, now_s: float) -> None:
        """The gateway notices that replica `i` is dead, if it is: who waits there is sent again."""
        replica = self._fleet[i]
        if self._reasons[i] and replica in replica.pool:
            replica.pool.leave(replica)
            for request in replica.clear(now_s):
                self._gateway.send_again(request, now_s)

    def come(self, i: int, now_s: float) -> None:
        """A reason why replica `i` did not serve is gone; after the last one it loads its weights.

        Without a fabric that takes no time.
        """
        if self._reasons[i] > 1:
            self._reasons[i] -= 1
            self._gateway.living.coming -= 1
            return
        self.miss(i, now_s)
        serve = partial(self._serve, i)
        if self._loads is None or not self._loads.begin(i, now_s, serve):
            serve(now_s)

    def _serve(self, i: int, now_s: float) -> None:
        """Replica `i` is there, and empty."""
        self._reasons[i] = 0
        replica = self._fleet[i]
        replica.resume()
        self._gateway.living.coming -= 1
        replica.pool.join(replica)
        self._gateway.look_again(now_s)

    def arrive(self, now_s: float) -> None:
        """The next of the replicas that are added is there."""
        self.come(next(self._added), now_s)

    def slow(self, i: int, key: object, factor: float, now_s: float) -> None:
        """Iterations of replica `i` take so many times as long from now on."""
        self._factors[i][key] = factor
        self._take_costs(i, now_s)

    def mend(self, i: int, key: object, now_s: float) -> None:
        """One factor holds no more."""
        del self._factors[i][key]
        self._take_costs(i, now_s)

    def _take_costs(self, i: int, now_s: float) -> None:
        costs, factors = self._costs[i], self._factors[i]
        slowed = Slowed(costs, prod(factors.values())) if factors else costs
        self._fleet[i].take_costs(slowed, now_s)
