"""From a scenario's plain data to a simulated cluster; the grader uses the same lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from inference_lab.lab.exercise import Scenario

METRICS = ("p99_ttft_s", "mean_ttft_s")


def from_data(data: dict[str, Any]) -> Scenario:
    """A scenario from the dict that an exercise file holds."""
    return Scenario(**data)


def cluster(scenario: Scenario, router: str | Callable[..., int]) -> Any:
    """The scenario's `inference_lab.Cluster` with a router: a name, or a function.

    Raises
    ------
    ValueError
        If the replica names an unknown model or GPU.
    """
    import inference_lab as il

    described = dict(scenario.replica)
    if "llm" in described:
        llm, gpu = described.pop("llm"), described.pop("gpu")
        replica = il.Replica(il.LLM.named(llm), il.GPU.named(gpu), **described)
    else:
        replica = il.AffineReplica(**described)
    return il.Cluster(replica, replicas=scenario.replicas, router=router)


def workload(scenario: Scenario, seed: int) -> Any:
    """The scenario's `inference_lab.Workload` with one seed.

    Raises
    ------
    ValueError
        If the workload's kind is neither ``"poisson"`` nor ``"like"``.
    """
    import inference_lab as il

    described = dict(scenario.workload)
    kind = described.pop("kind", None)
    if kind not in ("poisson", "like"):
        raise ValueError(f'workload kind must be "poisson" or "like", not {kind!r}')
    for name in ("prompt_tokens", "output_tokens"):
        if isinstance(described.get(name), list) and len(described[name]) == 2:
            described[name] = tuple(described[name])  # a (low, high) pair that went through JSON
    if kind == "like":
        return il.Workload.like(described.pop("name"), seed=seed, **described)
    return il.Workload.poisson(seed=seed, **described)


def metric(name: str, result: Any) -> float:
    """One number of a run, smaller is better; refused requests (nan) do not count.

    Parameters
    ----------
    name : str
        ``"p99_ttft_s"`` or ``"mean_ttft_s"``.
    result : inference_lab result
        What `inference_lab.simulate` returned.

    Raises
    ------
    ValueError
        If the name is unknown, or no request was served.
    """
    served = np.asarray(result.ttft_s)
    served = served[~np.isnan(served)]
    if not len(served):
        raise ValueError("no request was served: the metric has no value")
    if name == "p99_ttft_s":
        return float(np.percentile(served, 99))
    if name == "mean_ttft_s":
        return float(served.mean())
    raise ValueError(f"metric must be one of {', '.join(METRICS)}, not {name!r}")


def simulated(scenario: Scenario, router: str | Callable[..., int], seed: int) -> Any:
    """The result of one simulated run of a router on the scenario."""
    import inference_lab as il

    return il.simulate(cluster(scenario, router), workload(scenario, seed), seed=seed)


def run(scenario: Scenario, router: str | Callable[..., int], seed: int, name: str) -> float:
    """The metric of one simulated run of a router on the scenario."""
    return metric(name, simulated(scenario, router, seed))


def crowded(result: Any, replicas: int) -> str | None:
    """What the busiest replica got, in words, when that is more than twice its share."""
    counts = np.bincount(result.replica[result.replica >= 0], minlength=replicas)
    busiest = int(counts.argmax())
    share = counts[busiest] / counts.sum()
    if share <= 2 / replicas:
        return None
    return (
        f"Replica {busiest} got {100 * share:.0f} % of the requests, of {replicas} replicas. "
        "Does your router see how much each of them has to do?"
    )
