"""From a scenario's plain data to a simulated cluster; the grader uses the same lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from inference_lab.lab.exercise import Scenario

METRICS = ("p99_ttft_s", "mean_ttft_s", "p99_tpot_s")
"""What of a run can be compared; smaller is better."""
MANY_TIMES = 100  # from here on the decimals of a ratio say nothing
SEEN = ("outstanding", "queued_tokens", "free_blocks")
"""What a router sees of a replica."""


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
    return il.Cluster(
        replica,
        replicas=scenario.replicas,
        router=router,
        token_budget=scenario.token_budget,
    )


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
    """One number of a run; requests without one (nan) do not count.

    Parameters
    ----------
    name : str
        One of `METRICS`.
    result : inference_lab result
        What `inference_lab.simulate` returned.

    Raises
    ------
    ValueError
        If the name is unknown, or no request was served.
    """
    if name not in METRICS:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, not {name!r}")
    statistic, _, column = name.partition("_")
    served = np.asarray(getattr(result, column))
    served = served[~np.isnan(served)]
    if not len(served):
        raise ValueError("no request was served: the metric has no value")
    return float(np.percentile(served, 99) if statistic == "p99" else served.mean())


def simulated(scenario: Scenario, router: str | Callable[..., int], seed: int) -> Any:
    """The result of one simulated run of a router on the scenario."""
    import inference_lab as il

    return il.simulate(cluster(scenario, router), workload(scenario, seed), seed=seed)


def metrics(names: Iterable[str], result: Any) -> dict[str, float]:
    """Several numbers of one run, by name."""
    return {name: metric(name, result) for name in names}


def run(
    scenario: Scenario, router: str | Callable[..., int], seed: int, names: Iterable[str]
) -> dict[str, float]:
    """The metrics of one simulated run of a router on the scenario."""
    return metrics(names, simulated(scenario, router, seed))


def ratios(reached: dict[str, float], baseline: dict[str, float]) -> dict[str, float]:
    """Each metric over that of the baseline.

    >>> ratios({"p99_ttft_s": 0.2}, {"p99_ttft_s": 0.4})
    {'p99_ttft_s': 0.5}
    """
    return {name: value / baseline[name] for name, value in reached.items()}


def worst(runs: Iterable[dict[str, float]]) -> dict[str, float]:
    """The largest ratio of each metric; nan is the largest of all.

    >>> worst([{"p99_ttft_s": 0.7}, {"p99_ttft_s": 0.8}])
    {'p99_ttft_s': 0.8}
    """
    found = list(runs)
    return {
        name: max((each[name] for each in found), key=lambda ratio: (ratio != ratio, ratio))
        for name in found[0]
    }


def within(ratios: dict[str, float], limits: dict[str, float], margin: float = 0.0) -> bool:
    """Whether every ratio keeps its limit, or is above it by no more than a share `margin`.

    >>> within({"p99_ttft_s": 0.76}, {"p99_ttft_s": 0.75}, margin=0.05)
    True
    """
    return all(ratios[name] <= limit * (1 + margin) for name, limit in limits.items())


def compared(ratios: dict[str, float], limits: dict[str, float], baseline: str) -> str:
    """The ratios and their limits, in words.

    >>> compared({"p99_ttft_s": 0.9}, {"p99_ttft_s": 0.75}, "round_robin")
    "p99_ttft_s is 0.900 times round_robin's (needed: 0.75 or less)"
    >>> compared({"p99_ttft_s": 1128.023}, {"p99_ttft_s": 0.75}, "round_robin")
    "p99_ttft_s is 1,128 times round_robin's (needed: 0.75 or less)"
    """
    said = [
        f"{name} is {_times(ratios[name])} times {baseline}'s (needed: {limit:g} or less)"
        for name, limit in limits.items()
    ]
    return ",\n".join(said)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= MANY_TIMES else f"{ratio:.3f}"


def unseeing(source: str) -> str | None:
    """What to ask about a router's text that reads nothing of the replicas, or that draws lots.

    >>> unseeing("return request.prompt_tokens % 8")
    'Your router reads nothing of the replicas. What does each of them have to do?'
    """
    if not source:
        return None
    if not any(name in source for name in SEEN):
        return "Your router reads nothing of the replicas. What does each of them have to do?"
    if re.search(r"\b(rng|random)\.\w+", source):
        return (
            "Your router draws lots, as two random choices do. It sees what every replica has to "
            "do: what do you lose by looking at only a few?"
        )
    return None


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
