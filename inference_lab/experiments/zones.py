"""A zone that is lost in mid-run, and comes back when its hosts have loaded their weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import inference_lab as il
from inference_lab.checks import real

REPLICAS, ZONES = 9, 3
TTFT_SLO_S, TPOT_SLO_S = 0.450, 0.040
"""p99 limits of the interactive scenario, Llama-2-70B: MLPerf Inference rules 5.0."""

LOST_AT_S, NOTICED_S = 60.0, 1.0
COLD_START_S = 45.2
"""Sixteen hosts of a leaf load 141 GB each through 400 Gb/s (`fabric.cold_start_s`)."""


@dataclass(frozen=True)
class ZoneLost:
    """What a lost zone does to those who were not in it.

    Parameters
    ----------
    rate_per_s : float
        Requests that arrive.
    p99_ttft_s, p99_tpot_s : float
        Of requests that arrive during the outage and are never moved.
    moved : int
        Requests that lost their KV-cache and were read again elsewhere.
    longest_gap_s : float
        Longest pause within an answer of these.
    lost : int
        Requests that were never served.
    """

    rate_per_s: float
    p99_ttft_s: float
    p99_tpot_s: float
    moved: int
    longest_gap_s: float
    lost: int

    @property
    def is_kept(self) -> bool:
        """Whether the others stay within both limits."""
        return self.p99_ttft_s <= TTFT_SLO_S and self.p99_tpot_s <= TPOT_SLO_S


def zone_lost(
    replica: il.Replica | il.AffineReplica, rate_per_s: float, loses: bool = True, seed: int = 0
) -> ZoneLost:
    """Nine replicas in three zones serve chat; one zone dies after a minute and cold-starts.

    The router sends to the fewest queued prompt tokens. Who was in the zone is sent elsewhere after
    a second, and prompt and answer so far are read again there.

    Parameters
    ----------
    replica : Replica or AffineReplica
        Nine of them.
    rate_per_s : float
        Of independent requests, as long as those of a public chat service.
    loses : bool
        False: the same requests and no loss.
    seed : int
        Of arrivals and lengths.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.
    """
    back_s = LOST_AT_S + COLD_START_S
    requests = int(real("rate_per_s", rate_per_s, above=0) * 1.5 * back_s) + 1
    chat = il.Workload.like("azure-2023-conv", requests=requests, seed=seed)
    load = il.Workload.poisson(
        rate_per_s, requests, chat.prompt_tokens, chat.output_tokens, seed=seed
    )
    loss = il.LostZone(zone=1, from_s=LOST_AT_S, until_s=back_s, noticed_s=NOTICED_S)
    cluster = il.Cluster(
        replica,
        replicas=REPLICAS,
        zones=ZONES,
        router="least_queued_tokens",
        faults=[loss] if loses else [],
    )
    result = il.simulate(cluster, load, seed=seed)
    moved = result.retries > 0
    during = (load.arrival_s >= LOST_AT_S) & (load.arrival_s < back_s) & ~moved
    return ZoneLost(
        rate_per_s,
        float(np.nanpercentile(result.ttft_s[during], 99)),
        float(np.nanpercentile(result.tpot_s[during], 99)),
        int(moved.sum()),
        float(np.nanmax(result.max_itl_s[moved])) if moved.any() else 0.0,
        int(np.isnan(result.ttft_s).sum()),
    )
