"""Speed of the simulator: four rows, one line of JSON each. Run it alone: `make bench`.

The fourth needs the public Mooncake trace in the folder that `INFERENCE_LAB_DATA` names.
"""

import json
import math
import os
import resource
import statistics
import time
from pathlib import Path

import inference_lab as il

REPLICA = il.Replica(
    il.LLM.named("Llama-2-70B"), il.GPU.named("A100-SXM4-80GB"), tp=4, stack="eager-2023"
)


def cpu_s(requests: int, replicas: int) -> float:
    """CPU seconds of one run, all features on: memory, parts of the TTFT, longest gaps, checks."""
    load = il.Workload.poisson(
        rate_per_s=replicas, requests=requests, prompt_tokens=(512, 2048), output_tokens=(128, 256)
    )
    cluster = il.Cluster(REPLICA, replicas=replicas, router="least_outstanding")
    start = time.process_time()
    result = il.simulate(cluster, load)
    seconds = time.process_time() - start
    assert result.served.all()
    return seconds


def conversations() -> None:
    """Conversations with prefix caches, and a router that weighs the caches and loads of eight
    replicas; the best and the median of nine runs."""
    folder = Path(os.environ.get("INFERENCE_LAB_DATA", "../shared/data"))
    trace = folder / "traces" / "mooncake_conversation_trace.jsonl"
    if not trace.exists():
        return
    load = il.Workload.from_trace(trace, jitter_s=3.0)
    llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
    for stack in ("vllm-2025", "ideal"):
        replica = il.Replica(llama, h100, tp=4, stack=stack)
        cluster = il.Cluster(replica, replicas=8, router="kv_aware", prefix_cache=True)
        lot = []
        for _ in range(9):
            start = time.process_time()
            result = il.simulate(cluster, load)
            lot.append(time.process_time() - start)
            assert result.served.all()
        best, middle = (round(len(load) / s) for s in (min(lot), statistics.median(lot)))
        row = {"trace": trace.stem, "replicas": 8, "prefix_cache": True, "router": "kv_aware"}
        report(**row, stack=stack, best=best, median=middle, loop_s=round(loop_s(), 3))


def loop_s() -> float:
    """CPU seconds of a plain loop: how fast the host is just now."""
    start, total = time.process_time(), 0
    for i in range(3_000_000):
        total += i
    return time.process_time() - start


def report(**figures: object) -> None:
    """One line of JSON."""
    print(json.dumps({"benchmark": "engine", **figures}), flush=True)


def main() -> None:
    """The three rows of the budget; the short one twice, as the host has good and bad moments."""
    small, large = 10_000, 1_000_000
    lots = [[cpu_s(small, 8) for _ in range(15)]]
    loops = [loop_s()]
    million_s = cpu_s(large, 8)
    many_s = cpu_s(large, 800)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    loops.append(loop_s())
    lots.append([cpu_s(small, 8) for _ in range(15)])
    for lot, seconds in zip(lots, loops, strict=True):
        best, middle = (round(small / s) for s in (min(lot), statistics.median(lot)))
        report(requests=small, replicas=8, best=best, median=middle, loop_s=round(seconds, 3))
    best_s = min(map(min, lots))
    report(requests=small, replicas=8, cpu_s=round(best_s, 4), per_cpu_s=round(small / best_s))
    exponent = math.log(million_s / best_s) / math.log(large / small)
    report(requests=large, replicas=8, cpu_s=round(million_s, 2), growth=round(exponent, 3))
    report(requests=large, replicas=800, cpu_s=round(many_s, 2), peak_mb=round(peak_mb))
    conversations()


if __name__ == "__main__":
    main()
