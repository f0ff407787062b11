"""Placing: which replica stands on which hosts of a fabric, and what else needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_lab.fabric.topology import LeafSpine
from inference_lab.training.job import TrainingJob

if TYPE_CHECKING:
    from inference_lab.serving.cluster import Cluster


def placed(cluster: Cluster) -> list[tuple[int, ...]]:
    """The hosts of each replica, those included that come later; none without a fabric.

    Raises
    ------
    TypeError, ValueError
        If something needs a fabric and there is none, or the fabric has no room for a replica or
        no host of the training job.
    """
    fabric, job = cluster.fabric, cluster.training
    if fabric is None:
        for name in ("placement", "training"):
            if getattr(cluster, name) is not None:
                raise ValueError(
                    f"{name}={getattr(cluster, name)!r} needs a fabric: give fabric="
                    "il.LeafSpine(...), or leave it out"
                )
        return []
    if not isinstance(fabric, LeafSpine):
        raise TypeError(f"fabric={fabric!r} must be an il.LeafSpine: use il.LeafSpine(...)")
    if job is not None:
        if not isinstance(job, TrainingJob):
            raise TypeError(f"training={job!r} must be an il.TrainingJob: use il.TrainingJob(...)")
        if max(job.hosts) >= fabric.hosts:
            raise ValueError(
                f"training={job!r} names host {max(job.hosts)}: give hosts from 0 to "
                f"{fabric.hosts - 1}"
            )
    return fabric.place([costs.hosts for costs in cluster.fleet], cluster.placement)
