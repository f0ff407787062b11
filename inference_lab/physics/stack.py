"""Software stacks: how much of the hardware they get, and how much time they add."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from inference_lab.checks import one_of, real, whole
from inference_lab.physics.collectives import AllReduce, all_reduce_from
from inference_lab.physics.constants import shipped
from inference_lab.physics.hardware import GPU


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A serving stack on one kind of GPU: six constants, an all-reduce, and its habits.

    Parameters
    ----------
    name : str
        Software and year.
    bf16_efficiency, fp8_efficiency : float
        Share of the peak rate that matrix products get in each precision.
    memory_efficiency : float
        Share of the peak bandwidth that reads of weights and KV-cache get.
    layer_s : float
        Of each layer: host time to launch its kernels, or gaps between them.
    sequence_s : float
        Host time for each decoding sequence in a step (sampling, detokenisation).
    first_token_s : float
        Host time of a prefill iteration (with `host_bound`) or beside the engine for each request.
    host_bound : bool
        Kernels are launched one by one, so that a step takes the longer of launching and working;
        otherwise a captured graph runs and the gaps between its kernels add up.
    fp8_kv : bool
        The KV-cache is fp8 where the weights are.
    scheduler : str
        What its engine does, as in `Cluster`.
    token_budget : int or None
        Most tokens of its iterations.
    all_reduce, host_all_reduce : AllReduce or None
        Within a host, and across hosts; None takes no time.
    source : str
        Data and date of the fit, or what was assumed.

    Examples
    --------
    >>> Stack.named("vllm-2025", GPU.named("H100-SXM5-80GB")).scheduler
    'chunked'
    """

    name: str
    bf16_efficiency: float
    fp8_efficiency: float
    memory_efficiency: float
    layer_s: float
    sequence_s: float
    first_token_s: float
    host_bound: bool = False
    fp8_kv: bool = False
    scheduler: str = "continuous"
    token_budget: int | None = None
    all_reduce: AllReduce | None = None
    host_all_reduce: AllReduce | None = None
    source: str = "given by the caller"

    def __post_init__(self) -> None:
        for name in ("bf16_efficiency", "fp8_efficiency", "memory_efficiency"):
            real(name, getattr(self, name), above=0, at_most=1)
        for name in ("layer_s", "sequence_s", "first_token_s"):
            real(name, getattr(self, name))
        if self.token_budget is not None:
            whole("token_budget", self.token_budget, at_least=1)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Stacks with a cost model; ``"ideal"`` is the roofline of the data sheet."""
        return ("ideal", *shipped()["stacks"])

    @classmethod
    def named(cls, name: str, gpu: GPU) -> Stack:
        """The calibrated stack of this name on a GPU; where no data exist, what is assumed there.

        Raises
        ------
        ValueError
            If the name is not known, with the near matches, or is ``"ideal"``, which needs none.
        """
        entry = shipped()["stacks"][one_of("stack", name, shipped()["stacks"])]
        fitted = entry["gpus"].get(gpu.name)
        constants = (fitted or entry["gpus"][entry["like"]])["constants"]
        return cls(
            name=name,
            source=f"fitted on {fitted['data']}" if fitted else f"assumed as on {entry['like']}",
            all_reduce=_all_reduce(entry["library"], gpu),
            host_all_reduce=all_reduce_from(shipped()["all_reduce"]["two-hosts/nccl"]),
            **entry["habits"],
            **constants,
        )

    def kv_precision(self, weights: str) -> str:
        """Precision of the KV-cache for weights of a precision."""
        return "fp8" if self.fp8_kv and weights == "fp8" else "bf16"

    def matrix_efficiency(self, precision: str) -> float:
        """Share of the peak rate in a precision."""
        return self.fp8_efficiency if precision == "fp8" else self.bf16_efficiency


def _all_reduce(library: str, gpu: GPU) -> AllReduce:
    """The measured all-reduce of a GPU's fabric, or of the most similar one, its rates scaled."""
    measured = shipped()["all_reduce"]
    if f"{gpu.name}/{library}" in measured:
        return all_reduce_from(measured[f"{gpu.name}/{library}"])
    similar = GPU.named(_SIMILAR_FABRIC.get(gpu.name, "H100-SXM5-80GB"))
    if f"{similar.name}/{library}" not in measured:
        similar = GPU.named("H100-SXM5-80GB")
    fitted = all_reduce_from(measured[f"{similar.name}/{library}"])
    scale = gpu.link_bytes_per_s / similar.link_bytes_per_s
    rates = [field.name for field in fields(fitted) if field.name.endswith("bytes_per_s")]
    return replace(fitted, **{name: getattr(fitted, name) * scale for name in rates})


_SIMILAR_FABRIC = {"GB200": "B200-SXM", "H100-PCIe-80GB": "L40S"}
"""Fabrics without data, and the measured one they resemble; all others resemble the H100's."""
