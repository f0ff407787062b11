"""Slow links: a fault of the fabric under a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference_lab.checks import real, whole
from inference_lab.serving.moments import MOST_TIMES, OTHER, Moment, check_interval

if TYPE_CHECKING:
    from inference_lab.serving.cluster import Cluster
    from inference_lab.serving.fault_calendar import FaultCalendar


@dataclass(frozen=True, kw_only=True)
class SlowLink:
    """A link that takes `factor` times as long for its bytes, both ways.

    It is the NIC of a host, or the uplink of a leaf to one spine or to all of them. Flows on their
    way feel it at once; factors of overlapping faults multiply.

    Parameters
    ----------
    factor : float
        2 is half its rate.
    host : int or None
        Whose NIC is slow.
    leaf, spine : int or None
        Whose uplink is slow, if no host is given; without a spine, all of them.
    from_s, until_s : float, float or None
        When it begins and ends; None is never.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or not one of host and leaf is given; in a cluster, if it
        has no fabric or no such link.

    Examples
    --------
    >>> SlowLink(host=3, factor=2.0, from_s=60, until_s=120).until_s
    120
    """

    factor: float
    from_s: float
    until_s: float | None = None
    host: int | None = None
    leaf: int | None = None
    spine: int | None = None

    def __post_init__(self) -> None:
        real("factor", self.factor, at_least=1 / MOST_TIMES, at_most=MOST_TIMES)
        check_interval(self.from_s, self.until_s)
        if (self.host is None) == (self.leaf is None):
            raise ValueError(
                f"host={self.host!r}, leaf={self.leaf!r} must name one link: give host= for a NIC "
                "or leaf= for its uplinks"
            )
        for name in ("host", "leaf", "spine"):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name))
        if self.spine is not None and self.leaf is None:
            raise ValueError(f"spine={self.spine!r} does not go with a host: leave it out")

    def links(self, cluster: Cluster) -> list[int]:
        """Their indices in the fabric, both ways.

        Raises
        ------
        ValueError
            If the cluster has no fabric, or none of this name.
        """
        fabric = cluster.fabric
        if fabric is None:
            raise ValueError(
                f"faults: {self!r} needs a fabric whose link is slow: give Cluster(fabric="
                "il.LeafSpine(...))"
            )
        kinds = {"host": fabric.hosts, "leaf": fabric.leaves, "spine": fabric.uplinks}
        for name, count in kinds.items():
            number = getattr(self, name)
            if number is not None and number >= count:
                raise ValueError(
                    f"faults: {self!r} names no link of this fabric: give {name}= from 0 to "
                    f"{count - 1}"
                )
        if self.host is not None:
            return list(cluster.host_links(self.host))
        leaf: int = self.leaf  # type: ignore[assignment] # one of the two is given
        spines = range(fabric.uplinks) if self.spine is None else [self.spine]
        return [way(leaf, s) for s in spines for way in (fabric.up_link, fabric.down_link)]

    def check(self, cluster: Cluster) -> None:
        """Raise a ValueError if the cluster has no such link."""
        self.links(cluster)

    def moments(self, cluster: Cluster) -> Iterator[Moment]:
        """When it begins and ends."""
        key, links = object(), self.links(cluster)

        def begin(run: FaultCalendar, now_s: float) -> None:
            for link in links:
                run.fabric.slow(link, key, self.factor, now_s)

        def end(run: FaultCalendar, now_s: float) -> None:
            for link in links:
                run.fabric.mend(link, key, now_s)

        yield self.from_s, OTHER, begin
        if self.until_s is not None:
            yield self.until_s, OTHER, end
