"""A training step by the NIC of a GPU: how much of it is network."""

from __future__ import annotations

from dataclasses import dataclass

from inference_lab.checks import real
from inference_lab.physics.units import GBIT_PER_S


@dataclass(frozen=True)
class Step:
    """A synchronous step in which nothing is computed while gradients move.

    Parameters
    ----------
    compute_s, network_s : float
        Its two parts.
    """

    compute_s: float
    network_s: float

    @property
    def total_s(self) -> float:
        """Both."""
        return self.compute_s + self.network_s

    @property
    def network_share(self) -> float:
        """Share of the step in which GPUs wait for the network."""
        return self.network_s / self.total_s


def step_on_a_nic(shard_bytes: float, nic_gbit_per_s: float, compute_s: float) -> Step:
    """A training step of a large job whose GPUs reduce a shard each, over a NIC of their own.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(step_on_a_nic(700e9 / 128, nic_gbit_per_s=400, compute_s=1.78).network_s, 2)
    0.22
    """
    rate = real("nic_gbit_per_s", nic_gbit_per_s, above=0) * GBIT_PER_S
    sent_s = 2 * real("shard_bytes", shard_bytes) / rate  # 2 (n - 1) / n of it, for large n
    return Step(real("compute_s", compute_s), sent_s)
