"""Seconds of a search for the capacity of one kind of replica, 10,000 requests a point."""

import json
import time

import inference_lab as il

REQUESTS = 10_000


def drawn(seed: int) -> il.Workload:
    """A load of a seed."""
    return il.Workload.like("azure-2023-conv", requests=REQUESTS, seed=seed)


def main() -> None:
    """Both questions, in one process and on every core."""
    replica = il.Replica(
        il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4, stack="vllm-2025"
    )
    cluster = il.Cluster(replica, 4, router="least_outstanding")
    slo = il.SLO(ttft_s=0.45, tpot_s=0.04)
    for jobs in (1, None):
        for replicas in (False, True):
            start = time.perf_counter()
            system = replica if replicas else cluster
            found = il.capacity(system, drawn, slo, replicas=replicas, jobs=jobs)
            seconds = round(time.perf_counter() - start, 2)
            figures = {"replicas": replicas, "jobs": jobs, "value": found.value, "seconds": seconds}
            print(
                json.dumps({"benchmark": "capacity", "requests": REQUESTS, **figures}), flush=True
            )


if __name__ == "__main__":
    main()
