"""Collectives: closed forms of the algorithms of an all-reduce."""

from __future__ import annotations

from math import log2

from inference_lab.checks import real, whole


def ring_s(gpus: int, message_bytes: float, latency_s: float, bytes_per_s: float) -> float:
    """Ring: reduce-scatter and all-gather of n - 1 steps each; every GPU sends 2(n-1)/n S.

    Patarasuk and Yuan, J. Parallel Distrib. Comput. 69 (2009), doi:10.1016/j.jpdc.2008.09.002.

    Parameters
    ----------
    gpus : int
        Members of the group; one GPU has nothing to reduce.
    message_bytes : float
        Size of the reduced array.
    latency_s, bytes_per_s : float
        Of one step, and of one link in one direction.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(ring_s(8, 8e6, latency_s=5e-6, bytes_per_s=50e9), 6)
    0.00035
    """
    n, size, latency, rate = _checked(gpus, message_bytes, latency_s, bytes_per_s)
    return 2 * (n - 1) * latency + ring_traffic(n) * size / rate


def tree_s(gpus: int, message_bytes: float, latency_s: float, bytes_per_s: float) -> float:
    """Binary tree: reduce up and broadcast down, log2 n steps each; arguments as in `ring_s`.

    Examples
    --------
    >>> round(tree_s(8, 8e6, latency_s=5e-6, bytes_per_s=50e9), 6)
    0.00035
    """
    n, size, latency, rate = _checked(gpus, message_bytes, latency_s, bytes_per_s)
    return 2 * log2(n) * latency + (2 * size / rate if n > 1 else 0.0)


def one_shot_s(gpus: int, message_bytes: float, latency_s: float, bytes_per_s: float) -> float:
    """One shot: each GPU reads the whole array of all others at once; arguments as in `ring_s`."""
    n, size, latency, rate = _checked(gpus, message_bytes, latency_s, bytes_per_s)
    return latency + (n - 1) * size / rate if n > 1 else 0.0


def two_shot_s(gpus: int, message_bytes: float, latency_s: float, bytes_per_s: float) -> float:
    """Two shots: each GPU reduces its share of the array and reads the others' shares."""
    n, size, latency, rate = _checked(gpus, message_bytes, latency_s, bytes_per_s)
    return 2 * latency + ring_traffic(n) * size / rate if n > 1 else 0.0


def _checked(
    gpus: int, message_bytes: float, latency_s: float, bytes_per_s: float
) -> tuple[int, float, float, float]:
    return (
        whole("gpus", gpus, at_least=1),
        real("message_bytes", message_bytes),
        real("latency_s", latency_s),
        real("bytes_per_s", bytes_per_s, above=0),
    )


def ring_traffic(gpus: int) -> float:
    """Bytes that each GPU sends in a ring, in units of the message."""
    return 2 * (gpus - 1) / gpus
