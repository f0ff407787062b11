"""A training job and a cold start on one oversubscribed fabric: what each costs the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import inference_lab as il
from inference_lab.checks import one_of

HOSTS, PER_LEAF, RATIO = 32, 16, 4
MEMBERS = 8
"""Hosts of the job under each of both leaves."""

JOB = {"gradient_bytes": 10e9, "compute_s": 2.0}
RINGS = ("leaf", "interleaved")


@dataclass(frozen=True)
class Beside:
    """A cold start and the steps of a job, alone or beside each other.

    Parameters
    ----------
    load_s : float
        Until the new replica has its weights.
    step_s : float or None
        The longest step of the job meanwhile; None without a job.
    """

    load_s: float
    step_s: float | None


def cold_start_beside(
    replica: il.Replica | il.AffineReplica, ring: str | None, loads: bool = True
) -> Beside:
    """Start a replica under a leaf at 4:1, beside a job with eight hosts under each of two leaves.

    Parameters
    ----------
    replica : Replica or AffineReplica
        What starts; it loads its weights from beyond the spines.
    ring : str or None
        How the ring of the job goes, one of `RINGS`; None: no job.
    loads : bool
        False: the replica is there from the start, and the job goes alone.

    Raises
    ------
    ValueError
        If the ring is not known.
    """
    first, second = range(8, 8 + MEMBERS), range(24, 24 + MEMBERS)
    if ring is not None:
        one_of("ring", ring, RINGS)
    order = [*first, *second]
    if ring == "interleaved":
        order = [host for pair in zip(first, second, strict=True) for host in pair]
    # The request waits for the new replica: its TTFT less the prefill is the load.
    load = il.Workload.from_arrays(arrival_s=[0.0], prompt_tokens=[100], output_tokens=[400])
    gone = il.LostReplica(replica=0, from_s=0.0, noticed_s=0.0)
    cluster = il.Cluster(
        replica,
        fabric=il.LeafSpine(
            hosts=HOSTS,
            hosts_per_leaf=PER_LEAF,
            nic_gbit_per_s=100,
            oversubscription=RATIO,
            spray="ideal",
        ),
        faults=[gone, il.AddedReplica(at_s=0.0, replica=replica)] if loads else [],
        training=il.TrainingJob(hosts=order, **JOB) if ring else None,
    )
    result = il.simulate(cluster, load)
    alone_s = il.simulate(il.Cluster(replica), load).ttft_s[0]
    steps_s = result.training_steps_s
    longest_s = None if steps_s is None or not len(steps_s) else float(np.max(steps_s))
    return Beside(float(result.ttft_s[0] - alone_s), longest_s)
