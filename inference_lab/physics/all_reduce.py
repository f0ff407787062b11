"""All-reduces: what the libraries of a fabric take for one, as measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2, sqrt
from typing import Any

from inference_lab.physics.collectives import ring_traffic
from inference_lab.physics.units import MiB


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
class PcieAllReduce:
    """GPUs without links of their own: two share a switch, more of them share the host's bridges.

    Two and eight GPUs have been measured; what a doubling costs is taken as the same each time.

    Parameters
    ----------
    latency_s, peer_s : float
        Of two GPUs, and more for each further one.
    bytes_per_s : float
        Message over time of two GPUs.
    doubling : float
        What remains of that rate when the group doubles.
    """

    latency_s: float
    peer_s: float
    bytes_per_s: float
    doubling: float

    def seconds(self, gpus: int, message_bytes: float) -> float:
        """Time of one all-reduce."""
        if gpus == 1:
            return 0.0
        rate = self.bytes_per_s * self.doubling ** (log2(gpus) - 1)
        return self.latency_s + self.peer_s * (gpus - 2) + message_bytes / rate


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


AllReduce = NcclAllReduce | KernelAllReduce | PcieAllReduce | EagerAllReduce

KINDS = {
    "nccl": NcclAllReduce,
    "kernel": KernelAllReduce,
    "pcie": PcieAllReduce,
    "eager": EagerAllReduce,
}
"""The forms by their names in the calibrated constants."""


def all_reduce_from(entry: Mapping[str, Any]) -> AllReduce:
    """The all-reduce that an entry of the calibrated constants describes."""
    return KINDS[entry["kind"]](**entry["constants"])
