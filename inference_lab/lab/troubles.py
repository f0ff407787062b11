"""Troubles: when a replica is not there, or not as quick as it should be, in a few words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.faults import LostReplica, LostZone, SlowReplica


@dataclass(frozen=True)
class Trouble:
    """An interval in the life of one replica.

    Parameters
    ----------
    replica : int
        Its index in the fleet.
    from_ms, until_ms : float, float or None
        When; None is never.
    says : str
        What it is, for the lane of the replica.
    gone : bool
        Whether the replica does nothing meanwhile.
    """

    replica: int
    from_ms: float
    until_ms: float | None
    says: str
    gone: bool


def troubles_of(cluster: Cluster) -> list[dict[str, Any]]:
    """The faults of a cluster as its lanes show them, as plain data.

    Examples
    --------
    >>> import inference_lab as il
    >>> one = il.AffineReplica(prefill_s=(0, 1, 0), decode_s=(0, 0, 0))
    >>> lost = il.LostReplica(replica=1, from_s=2, noticed_s=0.5)
    >>> [each["says"] for each in troubles_of(il.Cluster(one, replicas=2, faults=[lost]))]
    ['lost, and nobody has noticed', 'lost']
    """
    found: list[Trouble] = []
    for fault in cluster.faults:
        if isinstance(fault, SlowReplica):
            says = f"iterations take {fault.factor:g} times as long"
            found.append(_between(fault.replica, fault.from_s, fault.until_s, says, gone=False))
        elif isinstance(fault, LostReplica):
            found += _loss(fault.replica, fault)
        elif isinstance(fault, LostZone):
            for replica in range(fault.zone, len(cluster.fleet), cluster.zones):
                found += _loss(replica, fault)
    own = len(cluster.fleet) - len(cluster.added)
    found += [
        _between(own + place, 0, fault.at_s, "not there yet", gone=True)
        for place, fault in enumerate(cluster.added)
    ]
    return [asdict(trouble) for trouble in found]


def _loss(replica: int, fault: LostReplica | LostZone) -> list[Trouble]:
    missed_s = fault.from_s + fault.noticed_s
    if fault.until_s is not None and missed_s >= fault.until_s:
        missed_s = fault.until_s
    unseen = _between(replica, fault.from_s, missed_s, "lost, and nobody has noticed", gone=True)
    lost = _between(replica, missed_s, fault.until_s, "lost", gone=True)
    return [each for each in (unseen, lost) if each.from_ms != each.until_ms]


def _between(replica: int, from_s: float, until_s: float | None, says: str, gone: bool) -> Trouble:
    return Trouble(replica, from_s * 1e3, None if until_s is None else until_s * 1e3, says, gone)
