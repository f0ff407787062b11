"""Software stacks: how much of the hardware they get, and how much time they add."""

from __future__ import annotations

from dataclasses import dataclass

from inference_lab.checks import one_of, real, whole
from inference_lab.physics.all_reduce import AllReduce, all_reduce_from
from inference_lab.physics.constants import shipped
from inference_lab.physics.costs import SCHEDULERS, check_budget
from inference_lab.physics.fabrics import all_reduce_of
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
        What its engine does: a name of `inference_lab.physics.costs.SCHEDULERS`.
    token_budget : int or None
        Most tokens of its iterations: ``"chunked"`` needs one, ``"static"`` has none.
    prefix_cache : bool
        Whether its engine keeps prompts for those that begin alike.
    reserve_bytes : float
        Device memory that neither weights nor KV-cache get: activations, captured graphs.
    all_reduce, host_all_reduce : AllReduce or None
        Within a host, and across hosts; None takes no time.
    source : str
        Data and date of the fit, or what was assumed.

    Examples
    --------
    >>> stack = Stack.named("vllm-2025", GPU.named("MI300X"))
    >>> stack.scheduler
    'chunked'
    >>> for part in stack.source.split("; "):
    ...     print(part)
    efficiencies and host times assumed as on H100-SXM5-80GB
    all-reduce assumed as on H100-SXM5-80GB, rates x 0.996, nothing reduced in a switch
    reserve measured: log of vLLM: Llama-3.1-70B bf16, two 80 GB GPUs, 6,048 tokens of KV-cache
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
    prefix_cache: bool = False
    reserve_bytes: float = 0.0
    all_reduce: AllReduce | None = None
    host_all_reduce: AllReduce | None = None
    source: str = "given by the caller"

    def __post_init__(self) -> None:
        for name in ("bf16_efficiency", "fp8_efficiency", "memory_efficiency"):
            real(name, getattr(self, name), above=0, at_most=1)
        for name in ("layer_s", "sequence_s", "first_token_s", "reserve_bytes"):
            real(name, getattr(self, name))
        if self.token_budget is not None:
            whole("token_budget", self.token_budget, at_least=1)
        check_budget(one_of("scheduler", self.scheduler, SCHEDULERS), self.token_budget)

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
        all_reduce, words = all_reduce_of(gpu, entry["library"])
        kernels = f"fitted on {fitted['data']}" if fitted else f"assumed as on {entry['like']}"
        return cls(
            name=name,
            source="; ".join(
                (
                    f"efficiencies and host times {kernels}",
                    f"all-reduce {words}",
                    f"reserve {entry['reserve']['data']}",
                )
            ),
            reserve_bytes=entry["reserve"]["bytes"],
            all_reduce=all_reduce,
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
