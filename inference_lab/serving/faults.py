"""Faults at a virtual time: replicas that are slow, lost or added.

Each says when something begins and ends, and what `inference_lab.serving.fault_calendar` is to do
then. `docs/faults.md` has the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from inference_lab.checks import real, whole
from inference_lab.physics.costs import Costs
from inference_lab.serving.delays import LONGEST_DELAY_S
from inference_lab.serving.moments import (
    LOSS,
    MOST_TIMES,
    OTHER,
    RETURN,
    Moment,
    check_interval,
)
from inference_lab.serving.slow_link import SlowLink
from inference_lab.traffic.arrivals import MOST_S

if TYPE_CHECKING:
    from inference_lab.serving.cluster import Cluster


@dataclass(frozen=True, kw_only=True)
class SlowReplica:
    """A replica whose iterations take `factor` times as long if they start in [from_s, until_s).

    The iteration that runs keeps its time; factors of overlapping faults multiply.

    Parameters
    ----------
    replica : int
        Its index in the fleet.
    factor : float
        2 is half speed; below 1 it is faster.
    from_s, until_s : float, float or None
        When it begins and ends; None is never.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range; in a cluster, if it has no such replica.
    """

    replica: int
    factor: float
    from_s: float
    until_s: float | None = None

    def __post_init__(self) -> None:
        whole("replica", self.replica)
        real("factor", self.factor, at_least=1 / MOST_TIMES, at_most=MOST_TIMES)
        check_interval(self.from_s, self.until_s)

    def check(self, cluster: Cluster) -> None:
        """Raise a ValueError if the cluster has no such replica."""
        _check_replica(self, self.replica, cluster)

    def moments(self, cluster: Cluster) -> Iterator[Moment]:
        """When it begins and ends."""
        key = object()
        yield self.from_s, OTHER, lambda run, now_s: run.slow(self.replica, key, self.factor, now_s)
        if self.until_s is not None:
            yield self.until_s, OTHER, lambda run, now_s: run.mend(self.replica, key, now_s)


@dataclass(frozen=True, kw_only=True)
class LostReplica:
    """A replica that dies, with all its KV-cache and its running iteration.

    Who was there goes back to the gateway when the loss is noticed, at the latest when the replica
    returns, which it does empty.

    Parameters
    ----------
    replica : int
        Its index in the fleet.
    from_s, until_s : float, float or None
        When it dies and returns; None is never.
    noticed_s : float
        How long the gateway takes to notice; it sends requests there until then.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range; in a cluster, if it has no such replica.
    """

    replica: int
    from_s: float
    until_s: float | None = None
    noticed_s: float = 1.0

    def __post_init__(self) -> None:
        whole("replica", self.replica)
        check_interval(self.from_s, self.until_s)
        real("noticed_s", self.noticed_s, at_most=LONGEST_DELAY_S)

    def check(self, cluster: Cluster) -> None:
        """Raise a ValueError if the cluster has no such replica."""
        _check_replica(self, self.replica, cluster)

    def moments(self, cluster: Cluster) -> Iterator[Moment]:
        """When it dies, is missed, and returns."""
        return _loss(self.replica, self.from_s, self.until_s, self.noticed_s)


@dataclass(frozen=True, kw_only=True)
class LostZone:
    """All replicas of a zone die together; replica i stands in zone i % zones of its cluster.

    Parameters
    ----------
    zone : int
        Which one.
    from_s, until_s, noticed_s : float
        As for a `LostReplica`.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range; in a cluster, if it has no such zone.
    """

    zone: int
    from_s: float
    until_s: float | None = None
    noticed_s: float = 1.0

    def __post_init__(self) -> None:
        whole("zone", self.zone)
        check_interval(self.from_s, self.until_s)
        real("noticed_s", self.noticed_s, at_most=LONGEST_DELAY_S)

    def check(self, cluster: Cluster) -> None:
        """Raise a ValueError if the cluster has no such zone."""
        if self.zone >= cluster.zones:
            raise ValueError(
                f"faults: {self!r} names no zone of this cluster: give zone= from 0 to "
                f"{cluster.zones - 1}, or Cluster(zones={self.zone + 1})"
            )

    def moments(self, cluster: Cluster) -> Iterator[Moment]:
        """When its replicas die, are missed, and return."""
        for replica in range(self.zone, len(cluster.fleet), cluster.zones):
            yield from _loss(replica, self.from_s, self.until_s, self.noticed_s)


@dataclass(frozen=True, kw_only=True)
class AddedReplica:
    """A replica more, from an instant on; with a fabric, once it has loaded its weights.

    Its index follows those of the fleet, in the order in which they come.

    Parameters
    ----------
    at_s : float
        When it comes.
    replica : Replica, AffineReplica or None
        What it is; None is one like the others.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range; in a cluster, if the others differ and it is None.
    """

    at_s: float
    replica: Costs | None = None

    def __post_init__(self) -> None:
        real("at_s", self.at_s, at_most=MOST_S)

    def check(self, cluster: Cluster) -> None:
        """Raise a ValueError if it is to be like others that differ."""
        if self.replica is None and isinstance(cluster.replica, Sequence):
            raise ValueError(
                f"faults: {self!r} is to be like the others, and they are a list: give replica="
            )

    def moments(self, cluster: Cluster) -> Iterator[Moment]:
        """When it comes."""
        yield self.at_s, RETURN, lambda run, now_s: run.arrive(now_s)


Fault = SlowReplica | LostReplica | LostZone | AddedReplica | SlowLink
"""Whatever a cluster takes as a fault."""


def _loss(replica: int, from_s: float, until_s: float | None, noticed_s: float) -> Iterator[Moment]:
    yield from_s, LOSS, lambda run, now_s: run.lose(replica, now_s)
    if until_s is None or from_s + noticed_s < until_s:
        yield from_s + noticed_s, OTHER, lambda run, now_s: run.miss(replica, now_s)
    if until_s is not None:
        yield until_s, RETURN, lambda run, now_s: run.come(replica, now_s)


def _check_replica(fault: Fault, replica: int, cluster: Cluster) -> None:
    if replica >= len(cluster.fleet):
        raise ValueError(
            f"faults: {fault!r} names no replica of this cluster: give replica= from 0 to "
            f"{len(cluster.fleet) - 1}"
        )


def checked_faults(faults: Any) -> tuple[Fault, ...]:
    """`faults` as a tuple.

    Raises
    ------
    TypeError
        If it is no list of faults.
    """
    several = isinstance(faults, Sequence) and not isinstance(faults, str | bytes)
    for fault in faults if several else [None]:
        if not isinstance(fault, get_args(Fault)):
            kinds = ", ".join(f"il.{kind.__name__}" for kind in get_args(Fault))
            raise TypeError(f"faults={faults!r} must be a list of {kinds}: use [...]")
    return tuple(faults)
