"""Fabrics: which measured all-reduce stands for that of a GPU's scale-up fabric."""

from __future__ import annotations

from dataclasses import fields, replace
from math import log

from inference_lab.physics.all_reduce import AllReduce, all_reduce_from
from inference_lab.physics.constants import shipped
from inference_lab.physics.hardware import GPU

BEST_MEASURED = "vllm"
"""The library whose times stand for another's on a kind of fabric where that one was not timed."""


def all_reduce_of(gpu: GPU, library: str) -> tuple[AllReduce, str]:
    """The all-reduce of a library on the fabric of a GPU, and in words where it comes from.

    It is the one measured on this GPU, or else on the fabric of the same kind whose rate is
    nearest, its rates scaled by the rates of the links. Over PCIe they are not scaled up: the
    bridges of the host set them, not the lanes of the card. GPUs linked without a switch have not
    been measured: they take a switched fabric's, without reduction in the switch.

    Parameters
    ----------
    gpu : GPU
        Its ``link`` says which kind of fabric it has.
    library : str
        As in the calibrated constants: ``"vllm"``, ``"trtllm"``, ``"nccl"``, ``"eager"``.

    Examples
    --------
    >>> all_reduce_of(GPU.named("H100-SXM5-80GB"), "vllm")[1]
    'measured'
    >>> all_reduce_of(GPU.named("H100-PCIe-80GB"), "vllm")[1]
    'assumed as on L40S'
    """
    similar, used = _nearest(gpu, library)
    found = all_reduce_from(shipped()["all_reduce"][f"{similar.name}/{used}"])
    scale = gpu.link_bytes_per_s / similar.link_bytes_per_s
    if gpu.fabric == "pcie":
        scale = min(1.0, scale)
    if (gpu.name, gpu.fabric, gpu.link_bytes_per_s, library) == (
        similar.name,
        similar.fabric,
        similar.link_bytes_per_s,
        used,
    ):
        return found, "measured"
    rates = [field.name for field in fields(found) if field.name.endswith("bytes_per_s")]
    changes = {name: getattr(found, name) * scale for name in rates}
    words = f"assumed as on {similar.name}"
    words += f" with {used}" if used != library else ""
    words += f", rates x {scale:.3g}" if scale != 1 else ""
    if gpu.fabric == "nvlink" and getattr(found, "in_switch", False):
        changes["in_switch"] = False
        words += ", nothing reduced in a switch"
    if gpu.link is None:
        words += f" (link not given: {gpu.fabric}, by its rate)"
    return replace(found, **changes), words


def _nearest(gpu: GPU, library: str) -> tuple[GPU, str]:
    """The measured GPU of the same kind of fabric with the nearest rate, and the library there."""
    kind = "nvswitch" if gpu.fabric == "nvlink" else gpu.fabric
    measured = [name.split("/") for name in shipped()["all_reduce"]]
    for used in (library, BEST_MEASURED):
        known = [GPU.named(name) for name, of in measured if of == used and name in GPU.names()]
        same_kind = [other for other in known if other.fabric == kind]
        if same_kind:
            return min(same_kind, key=lambda other: _distance(gpu, other)), used
    raise ValueError(f"library={library!r}: no all-reduce was measured on a {kind} fabric")


def _distance(gpu: GPU, other: GPU) -> tuple[float, bool]:
    """How far apart two rates are; the GPU itself first among equals."""
    ratio = abs(log(gpu.link_bytes_per_s / other.link_bytes_per_s))
    return ratio, other.name != gpu.name
