"""Links: what moves bytes between GPUs and between hosts."""

from __future__ import annotations

from dataclasses import dataclass

from inference_lab.checks import one_of, real, whole
from inference_lab.physics.constants import shipped
from inference_lab.physics.units import GB, GBIT_PER_S

_CATALOGUE: dict[str, Link] = {}


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link in one direction.

    Parameters
    ----------
    name : str
        Technology and rate.
    bytes_per_s : float
        Signalling rate in one direction, as the standard or the data sheet gives it.
    source : str
        Where the figure comes from.

    Examples
    --------
    >>> Link.named("RoCE-100G").transfer_s(2048 * 327_680)
    0.0536...
    """

    name: str
    bytes_per_s: float
    source: str = "given by the caller"

    def __post_init__(self) -> None:
        real("bytes_per_s", self.bytes_per_s, above=0)

    @classmethod
    def named(cls, name: str) -> Link:
        """The link of the catalogue with this name.

        Raises
        ------
        ValueError
            If there is none, with the near matches.
        """
        return _CATALOGUE[one_of("Link name", name, _CATALOGUE)]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names in the catalogue."""
        return tuple(_CATALOGUE)

    def transfer_s(
        self, message_bytes: float, efficiency: float = 1.0, start_s: float = 0.0
    ) -> float:
        """Seconds to move a message: ``start_s`` + bytes at a share of the rate.

        Parameters
        ----------
        message_bytes : float
            Size.
        efficiency : float
            Share of the rate that payload gets, at most 1.
        start_s : float
            Before the first byte moves.

        Raises
        ------
        TypeError, ValueError
            If an argument is out of range.
        """
        size = real("message_bytes", message_bytes)
        share = real("efficiency", efficiency, above=0, at_most=1)
        return real("start_s", start_s) + size / (self.bytes_per_s * share)


def kv_transfer_s(message_bytes: float, link: Link, ports: int = 1) -> float:
    """Seconds to move KV-cache between hosts over several ports, as measured with RDMA.

    Start-up and share of the wire are calibrated on Mooncake's transfers over 8 RoCE ports of
    200 Gb/s.

    Parameters
    ----------
    message_bytes : float
        Size of the KV-cache.
    link : Link
        Each port.
    ports : int
        That share the bytes.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> one_gb_s = kv_transfer_s(1e9, Link.named("RoCE-200G"), ports=8)
    >>> 5e-3 < one_gb_s < 9e-3
    True
    """
    size = real("message_bytes", message_bytes) / whole("ports", ports, at_least=1)
    return link.transfer_s(size, **shipped()["kv_transfer"]["constants"])


def _add(name: str, bytes_per_s: float, source: str) -> None:
    _CATALOGUE[name] = Link(name=name, bytes_per_s=bytes_per_s, source=source)


# Inside a host, of one GPU to all others. NVLink figures of data sheets count both directions.
_add("NVLink-3", 300 * GB, "NVIDIA A100 data sheet, 2021: 600 GB/s both ways")
_add("NVLink-4", 450 * GB, "NVIDIA H100 data sheet, 2023: 900 GB/s both ways")
_add("NVLink-5", 900 * GB, "NVIDIA DGX B200 data sheet, 2024: 1.8 TB/s both ways")
_add("PCIe-3-x16", 16 * GB, "PCI-SIG: 8 GT/s, 16 lanes, before encoding")
_add("PCIe-4-x16", 32 * GB, "PCI-SIG: 16 GT/s, 16 lanes, before encoding")
_add("PCIe-5-x16", 64 * GB, "PCI-SIG: 32 GT/s, 16 lanes, before encoding")
# Between hosts, one port.
for _rate, _generation in ((200, "HDR"), (400, "NDR"), (800, "XDR")):
    _add(f"InfiniBand-{_rate}G", _rate * GBIT_PER_S, f"InfiniBand Trade Association, {_generation}")
    _add(f"RoCE-{_rate}G", _rate * GBIT_PER_S, f"IEEE 802.3, {_rate} Gb/s Ethernet")
_add("RoCE-100G", 100 * GBIT_PER_S, "IEEE 802.3, 100 Gb/s Ethernet")
for _rate in (10, 25, 100):
    _add(f"TCP-{_rate}G", _rate * GBIT_PER_S, f"IEEE 802.3, {_rate} Gb/s Ethernet")
