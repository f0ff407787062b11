"""What fabric a load needs, and what it costs: oversubscription, spare zones, bills."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import ArrayLike, NDArray

import inference_lab as il
from inference_lab.checks import real, whole
from inference_lab.fabric.cost import Bill, bill, per_million_tokens
from inference_lab.physics.units import GBIT_PER_S
from inference_lab.traffic.streams import stream

TRAINING_NICS = 8
"""Of 400 Gb/s in a host with eight GPUs: one for each (NVIDIA DGX H100 data sheet, 2023)."""


def demand_table(
    load: il.Workload, hosts: int, bytes_per_token: float, window_s: float, seed: int = 0
) -> NDArray[np.float64]:
    """KV-cache that each host sends in each whole window, in Gb/s; hosts are drawn at random.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the load ends within the first window.

    Examples
    --------
    >>> load = il.Workload.gamma(10, cv=0, requests=105, prompt_tokens=1000, output_tokens=1)
    >>> demand_table(load, hosts=4, bytes_per_token=312_500, window_s=1.0).shape
    (4, 10)
    """
    window = real("window_s", window_s, above=0)
    n = whole("hosts", hosts, at_least=1)
    windows = floor(float(load.arrival_s[-1]) / window)
    if windows < 1:
        raise ValueError(f"window_s={window_s!r} is longer than the load: give a shorter one")
    host = stream(seed, "router").integers(0, n, len(load))
    when = (load.arrival_s / window).astype(int)
    gbit = load.prompt_tokens * (real("bytes_per_token", bytes_per_token) / GBIT_PER_S / window)
    table = np.zeros((n, windows + 1))
    np.add.at(table, (host, when), gbit)
    return table[:, :windows]


def largest_ratio(demand: ArrayLike, nic_gbit_per_s: float, share: float = 0.99) -> float:
    """Largest oversubscription of a leaf that carries the demand in a share of the windows.

    Hosts are summed in each window first: what counts is what they want together.

    Parameters
    ----------
    demand : array of float, shape (hosts, windows)
        In Gb/s.
    nic_gbit_per_s : float
        Of each host.
    share : float
        Of the windows, above 0 and at most 1.

    Returns
    -------
    float
        At least 1: more than its NICs no leaf can want.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or there is no demand.

    Examples
    --------
    >>> largest_ratio([[10, 0, 30], [10, 40, 30]], nic_gbit_per_s=100, share=1)
    3.333...
    """
    table = np.asarray(demand, dtype=float)
    if table.ndim != 2 or table.size == 0 or not (table >= 0).all() or not table.any():
        raise ValueError("demand must hold numbers >= 0, a row for each host, and not only zeros")
    windows = np.sort(table.sum(axis=0))
    kept = windows[int(np.ceil(real("share", share, above=0, at_most=1) * len(windows))) - 1]
    nics = len(table) * real("nic_gbit_per_s", nic_gbit_per_s, above=0)
    return max(1.0, float(nics / kept)) if kept else float("inf")


@dataclass(frozen=True)
class Offer:
    """A fabric for the same GPUs, and what it makes a token cost.

    Parameters
    ----------
    name : str
        What it is like.
    fabric : LeafSpine
        The fabric.
    bill : Bill
        Of GPUs and network.
    per_million_tokens : float
        In millionths of a GPU.
    """

    name: str
    fabric: il.LeafSpine
    bill: Bill
    per_million_tokens: float


def offers(hosts: int = 64, tokens_per_s: float = 100_000.0) -> list[Offer]:
    """The bills of a training fabric, of one for KV-cache that moves, and of one for text alone.

    The tokens are those of one pool of GPUs within its SLO: without KV-cache on the way the network
    is less than 1 ms of a TTFT of hundreds, so that all three serve the same.

    Parameters
    ----------
    hosts : int
        Of eight GPUs each.
    tokens_per_s : float
        That the whole pool hands out within the SLO.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> [(offer.name, round(100 * offer.bill.network_share, 1)) for offer in offers()]
    [('training: 8 x 400G, 1:1', 9.9), ('KV moves: 400G, 2:1', 1.0), ('text: 100G, 4:1', 0.2)]
    """
    tokens = real("tokens_per_s", tokens_per_s, above=0)
    leaf = {"hosts": hosts, "hosts_per_leaf": 16}
    fabrics = {
        "training: 8 x 400G, 1:1": il.LeafSpine(**leaf, nic_gbit_per_s=TRAINING_NICS * 400),
        "KV moves: 400G, 2:1": il.LeafSpine(**leaf, nic_gbit_per_s=400, oversubscription=2),
        "text: 100G, 4:1": il.LeafSpine(**leaf, nic_gbit_per_s=100, oversubscription=4),
    }
    found = []
    for name, fabric in fabrics.items():
        costs = bill(fabric)
        found.append(Offer(name, fabric, costs, per_million_tokens(costs.total, tokens)))
    return found
