"""A synchronous training job: hosts that compute alone, then wait for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference_lab.checks import real, whole
from inference_lab.fabric.topology import LeafSpine

SHORTEST_STEP_S, LONGEST_STEP_S = 1e-3, 1e6
"""Each step costs a run an event a host; shorter ones are no training, nor are eleven days."""

FEWEST_BYTES, MOST_BYTES = 1e3, 1e18
"""Less is gone before the clock has moved; more than an exabyte is a slip of the pen."""


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """Step after step: every host computes, then all reduce their gradients over one ring.

    A step ends for all when the slowest hop of the ring has moved its bytes.

    Parameters
    ----------
    hosts : sequence of int
        In the order of the ring, at least two, each once.
    gradient_bytes : float
        That each host reduces; 2 (n - 1) / n of it cross each hop (Patarasuk and Yuan, Journal of
        Parallel and Distributed Computing 69(2), 2009).
    compute_s : float
        Seconds of a step in which nobody sends.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range; in a cluster, if its fabric has no such host.

    Examples
    --------
    >>> fabric = LeafSpine(hosts=4, hosts_per_leaf=4, nic_gbit_per_s=400)
    >>> job = TrainingJob(hosts=range(4), gradient_bytes=1e9, compute_s=1.8)
    >>> job.hops(fabric)[3], job.hop_bytes
    ((3, 4), 1500000000.0)
    """

    hosts: Sequence[int]
    gradient_bytes: float
    compute_s: float

    def __post_init__(self) -> None:
        if not isinstance(self.hosts, Sequence) or isinstance(self.hosts, str | bytes):
            raise TypeError(f"hosts={self.hosts!r} must be a list of at least two hosts: give them")
        hosts = tuple(whole("hosts", host) for host in self.hosts)
        object.__setattr__(self, "hosts", hosts)
        if len(set(hosts)) != len(hosts) or len(hosts) < 2:
            raise ValueError(f"hosts={hosts!r} must be a ring: give at least two hosts, each once")
        real("gradient_bytes", self.gradient_bytes, FEWEST_BYTES, MOST_BYTES)
        real("compute_s", self.compute_s, SHORTEST_STEP_S, LONGEST_STEP_S)

    @property
    def hop_bytes(self) -> float:
        """What each host sends to the next one in a step."""
        return 2 * (len(self.hosts) - 1) / len(self.hosts) * self.gradient_bytes

    def hops(self, fabric: LeafSpine) -> list[tuple[int, ...]]:
        """The links from each host to the next one of the ring.

        Raises
        ------
        ValueError
            If the fabric has no such host.
        """
        return [
            fabric.route(host, after)
            for host, after in zip(self.hosts, [*self.hosts[1:], self.hosts[0]], strict=True)
        ]
