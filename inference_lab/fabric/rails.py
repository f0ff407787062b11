"""Rails: one leaf for each GPU of a host, in place of one leaf for each group of hosts."""

from __future__ import annotations

from inference_lab.checks import real, whole
from inference_lab.theory import ring_over_spine


def spine_bytes(
    hosts: int,
    message_bytes: float,
    leaf_ports: int,
    rails: bool,
    gpus_per_host: int = 8,
    order: str = "leaf",
) -> float:
    """Bytes that an all-reduce over all GPUs sends through the spine.

    Each GPU has a NIC. The hosts reduce inside first; then GPU i of every host is in ring i, which
    reduces an equal share of the message, and each host sends 2 (n - 1) / n of the message in all.
    With rails a leaf has NIC i of `leaf_ports` hosts, without them all NICs of a few hosts; a ring
    crosses the spine only where it leaves a leaf. (NVIDIA, Doubling all2all Performance with NCCL
    2.12, 2022, describes rails.)

    Parameters
    ----------
    hosts : int
        A multiple of the hosts on a leaf.
    message_bytes : float
        Reduced.
    leaf_ports : int
        Ports of a leaf for hosts.
    rails : bool
        Whether there are rails.
    gpus_per_host : int
        GPUs, NICs and rings.
    order : str
        Of each ring, as in `inference_lab.theory.ring_over_spine`.

    Raises
    ------
    TypeError, ValueError
        If the hosts do not fill the leaves, or a leaf has no port for all NICs of a host.

    Examples
    --------
    >>> [round(spine_bytes(64, 140e9, 32, rails) / 1e12, 2) for rails in (False, True)]
    [4.41, 0.55]
    >>> spine_bytes(32, 140e9, 32, rails=True)
    0.0
    """
    n, ports = whole("hosts", hosts, at_least=1), whole("leaf_ports", leaf_ports, at_least=1)
    together = ports if rails else ports // whole("gpus_per_host", gpus_per_host, at_least=1)
    if together == 0:
        raise ValueError(
            f"leaf_ports={ports} is less than gpus_per_host={gpus_per_host}: without rails a leaf "
            "needs a port for each NIC of a host"
        )
    sent_bytes = 2 * (n - 1) * real("message_bytes", message_bytes)
    return sent_bytes * ring_over_spine(n, min(n, together), order)
