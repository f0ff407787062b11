"""A zone that is lost in mid-run, and comes back when its hosts have loaded their weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import inference_lab as il
from inference_lab.checks import real

REPLICAS, ZONES = 9, 3
NIC_GBIT_PER_S = 100
TTFT_SLO_S, TPOT_SLO_S = 0.450, 0.040
"""p99 limits of the interactive scenario, Llama-2-70B: MLPerf Inference rules 5.0."""

LOST_AT_S, DARK_S = 60.0, 1.0
"""When a zone loses its power, and for how long; the gateway takes as long to notice."""

LASTS_S = 160.0
"""How long requests arrive: a cold start at 8:1 takes 90 s."""


@dataclass(frozen=True)
class ZoneLost:
    """What a lost zone does to those who were not in it.

    Parameters
    ----------
    rate_per_s : float
        Requests that arrive.
    p99_ttft_s, p99_tpot_s : float
        Of requests that arrive from the loss until the zone is back and are never moved.
    moved : int
        Requests that lost their KV-cache and were read again elsewhere.
    longest_gap_s : float
        Longest pause within an answer of these.
    lost : int
        Requests that were never served.
    cold_start_s : float or None
        From the return of its power until the zone serves a request; None if no zone is lost.
    """

    rate_per_s: float
    p99_ttft_s: float
    p99_tpot_s: float
    moved: int
    longest_gap_s: float
    lost: int
    cold_start_s: float | None

    @property
    def is_kept(self) -> bool:
        """Whether the others stay within both limits."""
        return self.p99_ttft_s <= TTFT_SLO_S and self.p99_tpot_s <= TPOT_SLO_S


def zone_lost(
    replica: il.Replica | il.AffineReplica,
    rate_per_s: float,
    ratio: float = 4,
    loses: bool = True,
    seed: int = 0,
) -> ZoneLost:
    """Nine replicas in three zones serve chat; after a minute one zone is dark for a second.

    Each zone is a leaf with three hosts, a replica on each. The router sends to the fewest queued
    prompt tokens. Who was in the zone is sent elsewhere, where prompt and answer so far are read
    again. The zone's hosts then load their weights all at once, from beyond the spines.

    Parameters
    ----------
    replica : Replica or AffineReplica
        Nine of them.
    rate_per_s : float
        Of independent requests, as long as those of a public chat service.
    ratio : float
        Oversubscription of the leaves.
    loses : bool
        False: the same requests and no loss.
    seed : int
        Of arrivals and lengths.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the zone is not back while requests arrive.
    """
    requests = int(real("rate_per_s", rate_per_s, above=0) * LASTS_S) + 1
    chat = il.Workload.like("azure-2023-conv", requests=requests, seed=seed)
    load = il.Workload.poisson(
        rate_per_s, requests, chat.prompt_tokens, chat.output_tokens, seed=seed
    )
    each, zone, power_s = REPLICAS // ZONES, 1, LOST_AT_S + DARK_S
    loss = il.LostZone(zone=zone, from_s=LOST_AT_S, until_s=power_s, noticed_s=DARK_S)
    cluster = il.Cluster(
        replica,
        replicas=REPLICAS,
        zones=ZONES,
        router="least_queued_tokens",
        faults=[loss] if loses else [],
        fabric=il.LeafSpine(
            hosts=REPLICAS,
            hosts_per_leaf=each,
            nic_gbit_per_s=NIC_GBIT_PER_S,
            oversubscription=ratio,
            spray="ideal",
        ),
        placement=[[i % ZONES * each + i // ZONES] for i in range(REPLICAS)],
    )
    result = il.simulate(cluster, load, seed=seed)
    back_s = np.inf
    if loses:
        there = (result.replica % ZONES == zone) & (load.arrival_s >= power_s)
        if not there.any():
            raise ValueError(f"ratio={ratio!r} keeps the zone cold to the end: give a smaller one")
        back_s = load.arrival_s[there].min()
    moved = result.retries > 0
    during = (load.arrival_s >= LOST_AT_S) & (load.arrival_s < back_s) & ~moved
    return ZoneLost(
        rate_per_s,
        float(np.nanpercentile(result.ttft_s[during], 99)),
        float(np.nanpercentile(result.tpot_s[during], 99)),
        int(moved.sum()),
        float(np.nanmax(result.max_itl_s[moved])) if moved.any() else 0.0,
        int((~result.served).sum()),
        float(back_s - power_s) if loses else None,
    )
