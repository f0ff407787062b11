"""Serving and the fabric on one clock: a zone that comes back cold, a job beside, three fabrics.

Chat leaves the fabric idle; whatever is large on it (weights, gradients) moves beside the requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import inference_lab as il
from inference_lab.checks import real
from inference_lab.experiments.fabric_bill import offers
from inference_lab.fabric.cost import per_million_tokens

TTFT_SLO_S, TPOT_SLO_S = 0.450, 0.040
"""p99 limits of the interactive scenario, Llama-2-70B: MLPerf Inference rules 5.0."""

EVENT_S = 30.0
"""When something happens: the first seconds show the steady state."""

LASTS_S = 90.0
"""How long requests arrive."""


def chat(rate_per_s: float, seed: int = 0) -> il.Workload:
    """Independent requests for a minute and a half, as long as those of a public chat service.

    Raises
    ------
    TypeError, ValueError
        If the rate is not above 0.
    """
    requests = int(real("rate_per_s", rate_per_s, above=0) * LASTS_S) + 1
    lengths = il.Workload.like("azure-2023-conv", requests=requests, seed=seed)
    return il.Workload.poisson(
        rate_per_s, requests, lengths.prompt_tokens, lengths.output_tokens, seed=seed
    )


@dataclass(frozen=True)
class ZoneBack:
    """A zone that was lost and loads its weights over the fabric.

    Parameters
    ----------
    back_s : float
        From the return of its hosts until the first of its replicas serves a request.
    p99_ttft_s, p99_tpot_s : float
        Of requests that arrive meanwhile and are never moved.
    moved, lost : int
        Requests that were routed again, and those that were never served.
    """

    back_s: float
    p99_ttft_s: float
    p99_tpot_s: float
    moved: int
    lost: int


def zone_back(
    fabric: il.LeafSpine, replica: Any, rate_per_replica_s: float, seed: int = 0
) -> ZoneBack:
    """One zone of several loses power for a second: each leaf is a zone, each host a replica.

    All hosts of the leaf then load their weights at once, from beyond the spines.

    Parameters
    ----------
    fabric : LeafSpine
        With full leaves.
    replica : Replica or AffineReplica
        One on each host.
    rate_per_replica_s : float
        Chat requests, before the loss.
    seed : int
        Of arrivals and lengths.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the last leaf is not full.
    """
    zones, each = fabric.leaves, fabric.hosts_per_leaf
    if zones * each != fabric.hosts:
        raise ValueError(f"hosts={fabric.hosts} leaves a leaf half empty: give {zones * each}")
    load = chat(rate_per_replica_s * fabric.hosts, seed)
    cluster = il.Cluster(
        replica,
        replicas=fabric.hosts,
        router="least_queued_tokens",
        zones=zones,
        fabric=fabric,
        placement=[[i % zones * each + i // zones] for i in range(fabric.hosts)],
        faults=[il.LostZone(zone=0, from_s=EVENT_S, until_s=EVENT_S + 1, noticed_s=1.0)],
    )
    result = il.simulate(cluster, load, seed=seed)
    there = (result.replica % zones == 0) & (load.arrival_s >= EVENT_S + 1)
    back_s = float(load.arrival_s[there].min(initial=np.inf))
    moved = result.retries > 0
    during = (load.arrival_s >= EVENT_S) & (load.arrival_s < back_s) & ~moved
    return ZoneBack(
        back_s=back_s - EVENT_S - 1,
        p99_ttft_s=float(np.nanpercentile(result.ttft_s[during], 99)),
        p99_tpot_s=float(np.nanpercentile(result.tpot_s[during], 99)),
        moved=int(moved.sum()),
        lost=int((~result.served).sum()),
    )


@dataclass(frozen=True)
class Beside:
    """A synchronous job and a chat service on one fabric.

    Parameters
    ----------
    steps_s : array of float
        Of the job, those that ended before the requests did.
    p99_ttft_s, p99_tpot_s : float
        Of the chat service.
    """

    steps_s: np.ndarray
    p99_ttft_s: float
    p99_tpot_s: float


def beside(
    fabric: il.LeafSpine,
    replica: Any,
    rate_per_replica_s: float,
    faults: Sequence[Any] = (),
    seed: int = 0,
) -> Beside:
    """The first half of the hosts trains, each of the second half serves; then a fault.

    The job computes for 2 s and reduces 25 GB in a ring over its hosts.

    Parameters
    ----------
    fabric : LeafSpine
        With an even number of hosts, at least 4.
    replica : Replica or AffineReplica
        One on each host of the second half.
    rate_per_replica_s : float
        Chat requests.
    faults : sequence of faults
        Such as a `SlowLink` of host 0, which trains.
    seed : int
        Of arrivals and lengths.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.
    """
    half = fabric.hosts // 2
    cluster = il.Cluster(
        replica,
        replicas=half,
        router="least_queued_tokens",
        fabric=fabric,
        placement=[[half + i] for i in range(half)],
        training=il.TrainingJob(hosts=range(half), gradient_bytes=25e9, compute_s=2.0),
        faults=faults,
    )
    result = il.simulate(cluster, chat(rate_per_replica_s * half, seed), seed=seed)
    ttft_s, tpot_s = result.ttft_s, result.tpot_s
    p99_s = (float(np.nanpercentile(column, 99)) for column in (ttft_s, tpot_s))
    return Beside(result.training_steps_s, *p99_s)


@dataclass(frozen=True)
class AtWork:
    """A fabric that carries a chat service which grows by a replica.

    Parameters
    ----------
    name : str
        Of the offer.
    good_tokens_per_s : float
        Output tokens of requests within both limits.
    per_million_tokens : float
        Cost of these, in millionths of a GPU.
    p99_ttft_s : float
        Of all requests.
    cold_start_s : float
        From the order of the replica until it serves a request.
    """

    name: str
    good_tokens_per_s: float
    per_million_tokens: float
    p99_ttft_s: float
    cold_start_s: float


def fabrics_at_work(
    replica: Any, rate_per_replica_s: float, hosts: int = 32, seed: int = 0
) -> list[AtWork]:
    """The same chat on each fabric of `offers`: one replica a host, the last one added on the way.

    Parameters
    ----------
    replica : Replica or AffineReplica
        On all GPUs of a host.
    rate_per_replica_s : float
        Chat requests.
    hosts : int
        At least 2.
    seed : int
        Of arrivals and lengths.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.
    """
    load = chat(rate_per_replica_s * hosts, seed)
    cluster = il.Cluster(
        replica,
        replicas=hosts - 1,
        router="least_queued_tokens",
        faults=[il.AddedReplica(at_s=EVENT_S)],
    )
    found = []
    for offer in offers(hosts):
        result = il.simulate(replace(cluster, fabric=offer.fabric), load, seed=seed)
        good = (result.ttft_s <= TTFT_SLO_S) & ~(result.tpot_s > TPOT_SLO_S)
        tokens_per_s = float(result.output_tokens[good].sum() / result.duration_s)
        first_s = load.arrival_s[result.replica == hosts - 1].min(initial=np.inf)
        found.append(
            AtWork(
                name=offer.name,
                good_tokens_per_s=tokens_per_s,
                per_million_tokens=per_million_tokens(offer.bill.total, tokens_per_s),
                p99_ttft_s=float(np.nanpercentile(result.ttft_s, 99)),
                cold_start_s=float(first_s) - EVENT_S,
            )
        )
    return found
