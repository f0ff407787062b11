"""GPUs: what the data sheets promise."""

from __future__ import annotations

from dataclasses import dataclass

from inference_lab.checks import one_of, real
from inference_lab.physics.units import GB, TFLOP

LINKS = {
    "nvswitch": "NVLink through switches: every GPU reaches every other at the full rate",
    "nvlink": "GPU to GPU without a switch: NVLink bridges, Infinity Fabric",
    "pcie": "the host's PCI Express",
}
"""Kinds of scale-up fabric: what ties the GPUs of a host together."""

GPUS_IN_A_HOST = 8
"""A server of the kind that is sold for these models (NVIDIA DGX H100 data sheet, 2023)."""

FASTEST_PCIE_BYTES_PER_S = 128 * GB
"""PCI Express 6.0, 16 lanes at 64 GT/s, one direction (PCI-SIG)."""

_CATALOGUE: dict[str, GPU] = {}


@dataclass(frozen=True, kw_only=True)
class GPU:
    """One GPU as its data sheet describes it; dense rates, without sparsity.

    Parameters
    ----------
    name : str
        Vendor's name with form factor and memory.
    memory_bytes : float
        Device memory.
    hbm_bytes_per_s : float
        Peak bandwidth of the device memory.
    bf16_flop_per_s, fp8_flop_per_s : float
        Peak dense rate of the matrix units; ``fp8_flop_per_s`` is 0 where the GPU has no fp8.
    link_bytes_per_s : float
        To the other GPUs of the host, one direction (NVLink, or PCIe where there is none).
    link : str or None
        What that fabric is, a key of `LINKS`; if not given, ``fabric`` takes it from the rate.
    source : str
        Where the figures come from.

    Examples
    --------
    >>> GPU.named("H100-SXM5-80GB").ridge_flop_per_byte
    295.2...
    """

    name: str
    memory_bytes: float
    hbm_bytes_per_s: float
    bf16_flop_per_s: float
    fp8_flop_per_s: float = 0.0
    link_bytes_per_s: float
    link: str | None = None
    source: str = "given by the caller"

    def __post_init__(self) -> None:
        for field in ("memory_bytes", "hbm_bytes_per_s", "bf16_flop_per_s", "link_bytes_per_s"):
            real(field, getattr(self, field), above=0)
        real("fp8_flop_per_s", self.fp8_flop_per_s)
        if self.link is not None:
            one_of("link", self.link, LINKS)

    @classmethod
    def named(cls, name: str) -> GPU:
        """The GPU of the catalogue with this name.

        Raises
        ------
        ValueError
            If there is none, with the near matches.
        """
        return _CATALOGUE[one_of("GPU name", name, _CATALOGUE)]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names in the catalogue.

        Examples
        --------
        >>> "A100-SXM4-80GB" in GPU.names()
        True
        """
        return tuple(_CATALOGUE)

    @property
    def fabric(self) -> str:
        """Kind of scale-up fabric: ``link``, or PCIe up to its fastest rate and switched NVLink
        above.

        Examples
        --------
        >>> GPU.named("L40S").fabric, GPU.named("H200-SXM-141GB").fabric
        ('pcie', 'nvswitch')
        """
        by_rate = "pcie" if self.link_bytes_per_s <= FASTEST_PCIE_BYTES_PER_S else "nvswitch"
        return self.link or by_rate

    @property
    def ridge_flop_per_byte(self) -> float:
        """Arithmetic intensity at which bf16 work changes from memory-bound to compute-bound."""
        return self.bf16_flop_per_s / self.hbm_bytes_per_s

    def flop_per_s(self, precision: str) -> float:
        """Peak dense rate in a precision.

        Raises
        ------
        ValueError
            If the GPU has no matrix units of that precision.
        """
        rate = {
            "bf16": self.bf16_flop_per_s,
            "fp16": self.bf16_flop_per_s,
            "fp8": self.fp8_flop_per_s,
        }
        known = one_of("precision", precision, rate)
        if rate[known] == 0:
            raise ValueError(f"precision={precision!r}: {self.name} has no {precision}; use 'bf16'")
        return rate[known]


def _add(
    name: str,
    memory_gb: float,
    hbm_gb_per_s: float,
    bf16_tflops: float,
    fp8_tflops: float,
    link_gb_per_s: float,
    link: str,
    source: str,
) -> None:
    _CATALOGUE[name] = GPU(
        name=name,
        memory_bytes=memory_gb * GB,
        hbm_bytes_per_s=hbm_gb_per_s * GB,
        bf16_flop_per_s=bf16_tflops * TFLOP,
        fp8_flop_per_s=fp8_tflops * TFLOP,
        link_bytes_per_s=link_gb_per_s * GB,
        link=link,
        source=source,
    )


# Dense rates; links in one direction. NVLink 3/4/5: 600/900/1800 GB/s both ways.
_add("A100-SXM4-80GB", 80, 2039, 312, 0, 300, "nvswitch", "NVIDIA A100 80GB data sheet, 2021")
_add("H100-SXM5-80GB", 80, 3350, 989, 1978, 450, "nvswitch", "NVIDIA H100 data sheet, 2023")
_HOPPER_PCIE = "NVIDIA H100 PCIe product brief, 2022; PCIe 5 x16"
_add("H100-PCIe-80GB", 80, 2000, 756.5, 1513, 64, "pcie", _HOPPER_PCIE)
_add("H200-SXM-141GB", 141, 4800, 989, 1978, 450, "nvswitch", "NVIDIA H200 data sheet, 2023")
_DGX_B200 = "NVIDIA DGX B200 data sheet, 2024 (an eighth of it)"
_add("B200-SXM", 180, 7700, 2250, 4500, 900, "nvswitch", _DGX_B200)
_NVL72 = "NVIDIA GB200 NVL72 data sheet, 2024 (one GPU)"
_add("GB200", 185, 8000, 2500, 5000, 900, "nvswitch", _NVL72)
_ADA = "NVIDIA L40S data sheet, 2023; PCIe 4 x16, no NVLink"
_add("L40S", 48, 864, 362.05, 733, 32, "pcie", _ADA)
_CDNA3 = "AMD Instinct MI300X data sheet, 2023; 7 links of Infinity Fabric"
_add("MI300X", 192, 5300, 1307.4, 2614.9, 448, "nvlink", _CDNA3)
