"""Speed of the fabric: flows re-shared after an end and from nothing, one line of JSON each."""

import json
import statistics
import time
from dataclasses import replace
from math import inf

import numpy as np

import inference_lab as il
from inference_lab.fabric.flows import Flows
from inference_lab.fabric.max_min import few_shares, many_shares, shares


def routes_of(fabric: il.LeafSpine, flows: int, seed: int = 0) -> list[tuple[int, ...]]:
    """Flows between two different hosts drawn at random."""
    rng = np.random.default_rng(seed)
    sources = rng.integers(0, fabric.hosts, size=flows)
    ends = (sources + rng.integers(1, fabric.hosts, size=flows)) % fabric.hosts
    pairs = zip(sources.tolist(), ends.tolist(), strict=True)
    return [fabric.route(source, end, i) for i, (source, end) in enumerate(pairs)]


def report(**figures: object) -> None:
    """One line of JSON."""
    print(json.dumps({"benchmark": "fabric", **figures}), flush=True)


def median_us(function, repeat: int = 200) -> float:
    """Median time of a call in microseconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return round(1e6 * statistics.median(times), 1)


def many(hosts: int = 1000, count: int = 10_000, ends: int = 100) -> None:
    """The large row: all flows at once, then one end after the other."""
    fabric = il.LeafSpine(hosts=hosts, hosts_per_leaf=20, nic_gbit_per_s=100, oversubscription=2)
    sizes = np.random.default_rng(1).exponential(1e9, size=count).tolist()
    nothing_ms = []
    for _ in range(5):
        flows = Flows(fabric.link_bytes_per_s)
        for size, route in zip(sizes, routes_of(fabric, count), strict=True):
            flows.add(1e6 + size, route, now_s=0.0)
        start = time.perf_counter()
        first_s = flows.next_s
        nothing_ms.append(1e3 * (time.perf_counter() - start))
    assert first_s > 0
    after_ms = []
    for _ in range(ends):
        start = time.perf_counter()
        flows.fire(flows.next_s)
        assert flows.next_s < inf
        after_ms.append(1e3 * (time.perf_counter() - start))
    flows.check()
    report(
        flows=count,
        hosts=hosts,
        from_nothing_ms=round(statistics.median(nothing_ms), 1),
        after_an_end_ms=round(statistics.median(after_ms), 1),
        worst_ms=round(max(after_ms), 1),
    )


def few(fabric: il.LeafSpine, count: int) -> None:
    """A small row: the shares alone, by both ways, and a start with the end that follows."""
    routes, capacities = routes_of(fabric, count), fabric.link_bytes_per_s
    limits = [inf] * count
    flows = Flows(capacities)
    for route in routes[1:]:
        flows.add(1e12, route, now_s=0.0)
    assert flows.next_s > 0

    def start_and_end() -> None:
        flows.add(1.5, routes[0], flows.now_s)
        flows.fire(flows.next_s)

    report(
        flows=count,
        hosts=fabric.hosts,
        shares_us=median_us(lambda: shares(capacities, routes, limits)),
        plain_us=median_us(lambda: few_shares(capacities, routes, limits)),
        numpy_us=median_us(lambda: many_shares(capacities, routes, limits)),
        start_and_end_us=median_us(start_and_end),
    )


def stream(fabric: il.LeafSpine, rate_per_s: float, count: int = 10_000) -> None:
    """KV-cache of 2,048 tokens for each of many requests, some at a time: CPU seconds of it all."""
    rng = np.random.default_rng(2)
    starts = np.cumsum(rng.exponential(1 / rate_per_s, size=count)).tolist()
    routes = routes_of(fabric, count)
    flows, most, start = Flows(fabric.link_bytes_per_s), 0, time.process_time()
    for start_s, route in zip(starts, routes, strict=True):
        while flows.next_s <= start_s:
            flows.fire(flows.next_s)
        flows.add(2048 * 327_680, route, start_s)
        most = max(most, len(flows))
    while flows.next_s < inf:
        flows.fire(flows.next_s)
    seconds = time.process_time() - start
    flows.check()
    figures = {"requests": count, "hosts": fabric.hosts, "rate_per_s": rate_per_s}
    report(**figures, most_at_once=most, cpu_s=round(seconds, 2))


def one_clock(requests: int = 10_000, replicas: int = 64) -> None:
    """CPU seconds of a chat load: alone, on a fabric, and with a lost zone and a job on it."""
    replica = il.Replica(
        il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=8, stack="vllm-2025"
    )
    load = il.Workload.poisson(4 * replicas, requests, (512, 2048), (128, 256))
    cluster = il.Cluster(replica, replicas=replicas, router="least_outstanding", zones=4)
    fabric = il.LeafSpine(hosts=80, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=4)
    place = [[i % 4 * 16 + i // 4] for i in range(replicas)]
    job = il.TrainingJob(hosts=range(64, 80), gradient_bytes=5e9, compute_s=1.0)
    on_it = replace(cluster, fabric=fabric, placement=place)
    lost = [il.LostZone(zone=1, from_s=5, until_s=10)]
    systems = {
        "alone": cluster,
        "on a fabric": on_it,
        "a zone is lost": replace(cluster, faults=lost),
        "it loads its weights, a job beside": replace(on_it, faults=lost, training=job),
    }
    for name, each in systems.items():
        seconds = []
        for _ in range(5):
            start = time.process_time()
            il.simulate(each, load)
            seconds.append(time.process_time() - start)
        report(requests=requests, one_clock=name, cpu_s=round(min(seconds), 3))


def two_pools(requests: int = 10_000, pool: int = 32, rate_per_s: float = 100) -> None:
    """CPU seconds of a chat load on two pools, whose KV-cache crosses the spines of 64 hosts; the
    best of three runs."""
    replica = il.Replica(
        il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=8, stack="vllm-2025"
    )
    load = il.Workload.poisson(rate_per_s, requests, (512, 2048), (128, 256))
    for ratio in (2, 4):
        system = il.Disaggregated(
            prefill=replica,
            prefills=pool,
            decode=replica,
            decodes=pool,
            router="least_queued_tokens",
            decode_router="least_outstanding",
            fabric=il.LeafSpine(
                hosts=2 * pool, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=ratio
            ),
        )
        seconds = []
        for _ in range(3):
            start = time.process_time()
            result = il.simulate(system, load)
            seconds.append(time.process_time() - start)
        assert result.served.all()
        moved_ms = 1e3 * result.ttft_parts["kv_transfer"].mean()
        figures = {"requests": requests, "hosts": 2 * pool, "oversubscription": ratio}
        report(**figures, kv_transfer_ms=round(moved_ms, 1), cpu_s=round(min(seconds), 2))


def main() -> None:
    """The rows of the budget, and what is between them."""
    many()
    fabric = il.LeafSpine(hosts=64, hosts_per_leaf=16, nic_gbit_per_s=100, oversubscription=4)
    for count in (5, 10, 20, 50, 100, 150, 200, 400):
        few(fabric, count)
    for rate_per_s in (50, 100, 200):
        stream(fabric, rate_per_s)
    one_clock()
    two_pools()


if __name__ == "__main__":
    main()
