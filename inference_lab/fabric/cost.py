"""Cost: what a fabric adds to the bill of its GPUs, in relative units."""

from __future__ import annotations

from dataclasses import dataclass

from inference_lab.checks import real, whole
from inference_lab.fabric.topology import LeafSpine

SERVER = "server with 8 H100 and 8 NICs of 400 Gb/s"
SWITCH = "switch with 64 ports of 400 Gb/s"
OPTICS = "link of 400 Gb/s, optics at both ends and fibre"

USD = {SERVER: 310_000, SWITCH: 36_000, OPTICS: 1_280}
"""List prices of August 2024, after E. Cheah, "H100 Freakonomics" (2024) and its spreadsheet; the
link is its sum for connectors and cables over its two links per GPU. Vendors and years differ, so
only ratios are used."""

GPU = 1.0
"""The unit: one GPU with its eighth of the server, NICs included."""

PORT = USD[SWITCH] / 64 / (USD[SERVER] / 8)
"""One switch port of 400 Gb/s. Slower ones cost in proportion: such a port splits into four of 100
Gb/s (an assumption)."""

LINK = USD[OPTICS] / (USD[SERVER] / 8)
"""One link of 400 Gb/s; slower ones in proportion, as ports."""

YEARS = 4
"""Over which a purchase is written off: an assumption, and the same for every part."""

SECONDS_A_YEAR = 365.25 * 86_400
_REFERENCE_GBIT_PER_S = 400


@dataclass(frozen=True)
class Bill:
    """What a cluster costs, in GPUs.

    Parameters
    ----------
    gpus, ports, links : float
        GPUs with servers and NICs, switch ports, optics with fibre.
    """

    gpus: float
    ports: float
    links: float

    @property
    def network(self) -> float:
        """Ports and links."""
        return self.ports + self.links

    @property
    def total(self) -> float:
        """All of it."""
        return self.gpus + self.network

    @property
    def network_share(self) -> float:
        """Share of the network in the whole."""
        return self.network / self.total


def bill(fabric: LeafSpine, gpus_per_host: int = 8) -> Bill:
    """The bill of a fabric and its GPUs.

    Every Gb/s of a NIC is a port on a leaf and a link; every Gb/s of an uplink two ports and a link
    more. NICs come with the server, whatever their rate: a slower fabric saves a little more than
    this says. Power, racks and people are left out.

    Raises
    ------
    TypeError, ValueError
        If `gpus_per_host` is below 1.

    Examples
    --------
    >>> training = bill(LeafSpine(hosts=64, hosts_per_leaf=8, nic_gbit_per_s=3200))
    >>> chat = bill(
    ...     LeafSpine(hosts=64, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=4)
    ... )
    >>> [round(100 * b.network_share, 1) for b in (training, chat)]
    [9.9, 0.2]
    """
    gpus = fabric.hosts * whole("gpus_per_host", gpus_per_host, at_least=1)
    down = fabric.hosts * fabric.nic_gbit_per_s / _REFERENCE_GBIT_PER_S
    up = fabric.leaves * fabric.uplinks * fabric.uplink_gbit_per_s / _REFERENCE_GBIT_PER_S
    up = up if fabric.leaves > 1 else 0.0
    return Bill(gpus * GPU, (down + 2 * up) * PORT, (down + up) * LINK)


def per_million_tokens(units: float, tokens_per_s: float, years: float = YEARS) -> float:
    """Cost of a million tokens, in millionths of a GPU.

    Parameters
    ----------
    units : float
        What the cluster costs, in GPUs.
    tokens_per_s : float
        Of the requests that meet the SLO (goodput), around the clock.
    years : float
        Over which the cluster is written off.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(per_million_tokens(4, tokens_per_s=1000), 1)
    31.7
    """
    tokens = real("tokens_per_s", tokens_per_s, above=0)
    seconds = real("years", years, above=0) * SECONDS_A_YEAR
    return 1e12 * real("units", units) / (tokens * seconds)
