"""All-reduce: closed forms of the algorithms, and what libraries of a fabric take for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2, sqrt
from typing import Any

from inference_lab.checks import real, whole
from inference_lab.physics.units import MiB


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


def _bulk_traffic(gpus: int, in_switch: bool) -> float:
    """Traffic of large messages: the ring's, or, where the switch can reduce, the geometric mean of
    the ring's and of the one message that reduction in the switch needs (NCCL picks either by
    size).
    """
    return sqrt(ring_traffic(gpus)) if in_switch else ring_traffic(gpus)


@dataclass(frozen=True)
class NcclAllReduce:
    """NCCL: a low-latency protocol for small messages, a bulk one for large messages.

    Parameters
    ----------
    latency_s : float
        Of two GPUs.
    doubling_s : float
        More for each doubling of the group.
    small_bytes_per_s : float
        Rate of the low-latency protocol.
    setup_s, bytes_per_s : float
        Start-up of the bulk protocol, and its rate.
    in_switch : bool
        The switches can reduce (NVLink SHARP, from the third NVSwitch on).
    """

    latency_s: float
    doubling_s: float
    small_bytes_per_s: float
    setup_s: float
    bytes_per_s: float
    in_switch: bool = False

    def seconds(self, gpus: int, message_bytes: float) -> float:
        """Time of one all-reduce."""
        if gpus == 1:
            return 0.0
        start_s = self.latency_s + self.doubling_s * (log2(gpus) - 1)
        small_s = ring_traffic(gpus) * message_bytes / self.small_bytes_per_s
        traffic = _bulk_traffic(gpus, self.in_switch) * message_bytes
        return start_s + min(small_s, self.setup_s + traffic / self.bytes_per_s)


@dataclass(frozen=True)
class KernelAllReduce:
    """An inference stack's own kernels over peer memory (one-shot, two-shot); NCCL beyond 8 MiB.

    Parameters
    ----------
    latency_s, peer_s : float
        Of two GPUs, and more for each further one.
    barrier_s : float
        The second shot's.
    setup_s : float
        Start-up of a message of 8 MiB or more (vLLM 0.14, ``custom_all_reduce``: its limit).
    bytes_per_s : float
        Rate of the links.
    in_switch : bool
        The switches can reduce.
    """

    latency_s: float
    peer_s: float
    barrier_s: float
    setup_s: float
    bytes_per_s: float
    in_switch: bool = False

    def seconds(self, gpus: int, message_bytes: float) -> float:
        """Time of one all-reduce."""
        if gpus == 1:
            return 0.0
        rate = self.bytes_per_s
        if message_bytes >= 8 * MiB:
            return self.setup_s + _bulk_traffic(gpus, self.in_switch) * message_bytes / rate
        start_s = self.latency_s + self.peer_s * (gpus - 2)
        two_shot_s = self.barrier_s + ring_traffic(gpus) * message_bytes / rate
        return start_s + min((gpus - 1) * message_bytes / rate, two_shot_s)


@dataclass(frozen=True)
class EagerAllReduce:
    """A ring launched from Python: its start hides behind the launches of the layer.

    Long messages slow down with each doubling of the group, whatever the reason: of the forms
    tried, this one foretold the TP degree left out best.

    Parameters
    ----------
    bytes_per_s, long_bytes_per_s : float
        Rate of the first 32 MiB of a message in the ring, and of what is beyond, by level.
    """

    bytes_per_s: float
    long_bytes_per_s: float

    def seconds(self, gpus: int, message_bytes: float) -> float:
        """Time of one all-reduce."""
        first = min(message_bytes, 32 * MiB)
        rest = message_bytes - first
        ring_part_s = ring_traffic(gpus) * first / self.bytes_per_s
        return ring_part_s + log2(gpus) * rest / self.long_bytes_per_s


AllReduce = NcclAllReduce | KernelAllReduce | EagerAllReduce

_KINDS = {"nccl": NcclAllReduce, "kernel": KernelAllReduce, "eager": EagerAllReduce}


def all_reduce_from(entry: Mapping[str, Any]) -> AllReduce:
    """The all-reduce that an entry of the calibrated constants describes."""
    return _KINDS[entry["kind"]](**entry["constants"])
