"""Closed forms of queueing theory that the simulator must meet."""

from itertools import pairwise

import numpy as np
import pytest

import inference_lab as il
from inference_lab import theory

SECOND = 1_000_000  # tokens that take one service time: the grain of continuous service times
ONE_BY_ONE = il.AffineReplica(prefill_s=(0, 1 / SECOND, 0), decode_s=(0, 0, 0), max_batch=1)
"""A single server: a request of n tokens is served alone for n / SECOND service times."""


@pytest.fixture(params=[50_000, pytest.param(400_000, marks=pytest.mark.slow)])
def n(request):
    """Customers of a run: enough for an error of some per cent, in `make test-all` of one."""
    return request.param


def single_server(rho, service, seed):
    """A run of M/G/1 with the given service times, in service times."""
    rng = np.random.default_rng([seed, 1])
    tokens = np.maximum(1, np.rint(service * SECOND)).astype(int)
    load = il.Workload.from_arrays(
        arrival_s=np.cumsum(rng.exponential(1 / rho, len(service))),
        prompt_tokens=tokens,
        output_tokens=np.ones(len(service), dtype=int),
    )
    return il.simulate(il.Cluster(ONE_BY_ONE), load, seed=seed)


def batch_means(values, batches=20):
    """Mean and its standard error, from means of long batches; the first one is a warm-up."""
    means = np.array([batch.mean() for batch in np.array_split(values, batches + 1)[1:]])
    return means.mean(), means.std(ddof=1) / np.sqrt(batches)


def within_four_errors(values, exact):
    mean, error = batch_means(values)
    assert error < 0.1 * exact, "the run is too short to say anything"
    assert abs(mean - exact) < 4 * error, (mean, error, exact)


def exponential(n, seed):
    return np.random.default_rng([seed, 2]).exponential(size=n)


@pytest.mark.parametrize("rho", [0.5, 0.8])
def test_o1_m_m_1_time_in_system(rho, n):
    result = single_server(rho, exponential(2 * n, 1), seed=1)
    within_four_errors(result.e2e_s, 1 / (1 - rho))
    exact_p99 = -np.log(0.01) / (1 - rho)
    p99s = [np.quantile(part, 0.99) for part in np.array_split(result.e2e_s, 10)]
    assert abs(np.mean(p99s) - exact_p99) < 4 * np.std(p99s, ddof=1) / np.sqrt(10)


@pytest.mark.parametrize(
    ("rho", "mean", "p95", "p99"),
    [(0.5, 0.5, None, None), (0.7, 7 / 6, 4.103, 6.485), (0.8, 2.0, 6.620, 10.356)],
)
def test_o2_m_d_1_wait(rho, mean, p95, p99, n):
    result = single_server(rho, np.ones(2 * n), seed=2)
    wait = result.ttft_parts["queue"]
    within_four_errors(wait, mean)
    for share, exact in ((0.95, p95), (0.99, p99)):
        if exact:
            found = [np.quantile(part, share) for part in np.array_split(wait, 10)]
            error = np.std(found, ddof=1) / np.sqrt(10)
            assert abs(np.mean(found) - exact) < 4 * error, (share, np.mean(found), exact)


def test_o3_pollaczek_khinchine(n):
    """Balanced hyper-exponential service at rho .8, its squared coefficient of variation 4."""
    rng, scv = np.random.default_rng(3), 4
    p = (1 + np.sqrt((scv - 1) / (scv + 1))) / 2
    often = rng.random(4 * n) < p
    service = rng.exponential(size=4 * n) / np.where(often, 2 * p, 2 * (1 - p))
    result = single_server(0.8, service, seed=3)
    within_four_errors(result.ttft_parts["queue"], 10.0)


def test_o18_two_priority_classes(n):
    """Cobham: who runs is not interrupted, so both classes wait for the residual service."""
    rng, n = np.random.default_rng(18), 4 * n
    tokens = np.maximum(1, np.rint(exponential(n, 18) * SECOND)).astype(int)
    load = il.Workload.from_arrays(
        arrival_s=np.cumsum(rng.exponential(1 / 0.8, n)),
        prompt_tokens=tokens,
        output_tokens=np.ones(n, dtype=int),
        tenant=rng.permutation(np.repeat(["paid", "free"], n // 2)),
    )
    served_by_class = il.Cluster(ONE_BY_ONE, queue="priority", priorities={"free": 1})
    result = il.simulate(served_by_class, load)
    for tenant, wait in (("paid", 4 / 3), ("free", 20 / 3)):
        within_four_errors(result.of_tenant(tenant).ttft_parts["queue"], wait)


@pytest.mark.parametrize(
    ("servers", "rho", "wait_chance", "wait"),
    [(8, 0.7, 0.270603, 0.112751), (8, 0.9, 0.701533, 0.876916), (4, 0.8, 0.596432, 0.745541)],
)
def test_o4_erlang_c(servers, rho, wait_chance, wait, n):
    """One replica with a batch of c: constant steps, geometric lengths, no cost of a prefill."""
    steps = 400  # mean output: fine steps, nearly continuous time
    rng = np.random.default_rng([4, servers])
    replica = il.AffineReplica(prefill_s=(0, 0, 0), decode_s=(1 / steps, 0, 0), max_batch=servers)
    load = il.Workload.from_arrays(
        arrival_s=np.cumsum(rng.exponential(1 / (rho * servers), n)),
        prompt_tokens=np.ones(n, dtype=int),
        output_tokens=1 + rng.geometric(1 / steps, n),
    )
    queue = il.simulate(il.Cluster(replica), load).ttft_parts["queue"]
    # Joining at a step's end costs half a step more on the mean, which is no wait for a server.
    mean, error = batch_means(queue)
    assert abs(mean - wait) < 4 * error + 1 / steps
    chance, error = batch_means(queue > 1 / steps)
    assert abs(chance - wait_chance) < 4 * error + 0.01


def test_o6_continuous_batching_is_a_symmetric_queue():
    """Step time 29 + 0.36 n ms, mean output 211; insensitive to the law of the length: 2 %."""
    n, mean_output = 40_000, 211
    replica = il.AffineReplica(prefill_s=(0, 0, 0), decode_s=(0.029, 0.00036, 0), max_batch=10**6)
    rng = np.random.default_rng(6)
    laws = {
        "fixed": np.full(n, mean_output),
        "geometric": rng.geometric(1 / mean_output, n),
    }
    for rate, in_system in ((1.0, 6.704), (3.0, 24.070)):
        for law, output in laws.items():
            load = il.Workload.from_arrays(
                arrival_s=np.cumsum(rng.exponential(1 / rate, n)),
                prompt_tokens=np.ones(n, dtype=int),
                output_tokens=output + 1,  # the first token comes with the prefill, at no cost
            )
            result = il.simulate(il.Cluster(replica), load)
            found = rate * result.e2e_s[n // 10 :].mean()
            assert found == pytest.approx(in_system, rel=0.02), (law, rate)


def test_o10_littles_law_on_a_real_shape():
    """Time averages counted by a third party agree with the mean times."""
    replica = il.Replica(il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4)
    result = il.simulate(il.Cluster(replica), il.Workload.like("azure-2023-conv", requests=3000))
    starts, ends = np.sort(result.arrival_s), np.sort(result.arrival_s + result.e2e_s)
    grid = np.linspace(starts[0], ends[-1], 200_001)
    grid = (grid[1:] + grid[:-1]) / 2
    in_system = np.searchsorted(starts, grid) - np.searchsorted(ends, grid)
    duration = ends[-1] - starts[0]
    rate = len(starts) / duration
    assert in_system.mean() == pytest.approx(rate * result.e2e_s.mean(), rel=1e-3)


def test_o16_kv_cache_of_a_token():
    llama = il.LLM.named("Llama-3.1-70B")
    assert llama.kv_bytes_per_token("bf16") == 2 * 80 * 8 * 128 * 2 == 327_680
    assert llama.kv_bytes_per_token("fp8") == 163_840
    assert 2048 * llama.kv_bytes_per_token("bf16") == pytest.approx(0.671e9, rel=1e-3)


@pytest.mark.parametrize(
    ("gpu", "tp", "capacity", "in_blocks"),
    [
        ("H100-SXM5-80GB", 1, 0, 0),
        ("H100-SXM5-80GB", 2, 8_827, 8_816),
        ("H100-SXM5-80GB", 4, 448_280, 448_272),
    ],
)
def test_o21_memory_fit(gpu, tp, capacity, in_blocks):
    replica = il.Replica(il.LLM.named("Llama-3.1-70B"), il.GPU.named(gpu), tp=tp)
    assert replica.llm.weight_bytes("bf16") == 2 * 70_553_706_496
    assert replica.kv_capacity_tokens == capacity
    assert replica.kv_capacity_tokens // 16 * 16 == in_blocks
    assert replica.fits == (capacity > 0)


@pytest.mark.parametrize(
    ("gpu", "precision", "fits"),
    [
        ("H100-SXM5-80GB", "bf16", False),
        ("H200-SXM-141GB", "bf16", True),
        ("H100-SXM5-80GB", "fp8", True),
    ],
)
def test_o21_405b(gpu, precision, fits):
    model = il.LLM.named("Llama-3.1-405B")
    assert il.Replica(model, il.GPU.named(gpu), tp=8, precision=precision).fits is fits


@pytest.mark.parametrize("law", ["fixed", "geometric", "few long ones"])
def test_o5_processor_sharing(law, n):
    """A step that costs e for each sequence shares one server equally, whatever the lengths."""
    tokens, rho = 400, 0.8
    rng = np.random.default_rng(5)
    output = {
        "fixed": np.full(n, tokens),
        "geometric": rng.geometric(1 / tokens, n),
        "few long ones": np.where(rng.random(n) < 0.1, 10 * tokens - 9 * 20, 20),
    }[law]
    replica = il.AffineReplica(prefill_s=(0, 0, 0), decode_s=(0, 1 / tokens, 0), max_batch=10**6)
    load = il.Workload.from_arrays(
        arrival_s=np.cumsum(rng.exponential(1 / rho, n)),
        prompt_tokens=np.ones(n, dtype=int),
        output_tokens=output + 1,  # the first token comes with the prefill, at no cost
    )
    within_four_errors(il.simulate(il.Cluster(replica), load).e2e_s, theory.mm1_time(rho))


def many_servers(router, servers, rho, n, seed=7):
    """Times in system of n customers behind a router, in service times; the same n each time."""
    rng = np.random.default_rng([seed, servers])
    load = il.Workload.from_arrays(
        arrival_s=np.cumsum(rng.exponential(1 / (rho * servers), n)),
        prompt_tokens=np.maximum(1, np.rint(rng.exponential(size=n) * SECOND)).astype(int),
        output_tokens=np.ones(n, dtype=int),
    )
    return il.simulate(il.Cluster(ONE_BY_ONE, servers, router=router), load, seed=seed).e2e_s


@pytest.mark.parametrize(("choices", "rho"), [(2, 0.7), (2, 0.9), (3, 0.8)])
def test_o7_power_of_d_choices(choices, rho, n):
    """The limit of many servers: of 500, it is off by less than the error of this run."""
    times = many_servers(il.PowerOf(choices), 500, rho, n)
    within_four_errors(times, theory.power_of_d_time(rho, choices))


def test_o8_sandwich_of_the_routers(n):
    """M/M/8 <= the shortest of 8 <= the shorter of 2 <= round robin <= random, at rho .9."""
    exact = {
        "least_outstanding": 2.134,
        "power_of_two": 3.09,
        "round_robin": theory.round_robin_time(8, 0.9),
        "random": theory.mm1_time(0.9),
    }
    times = {router: many_servers(router, 8, 0.9, 2 * n) for router in exact}
    best = 1 + theory.mmc_wait(8, 0.9)
    for router, mean in exact.items():
        found, error = batch_means(times[router])
        assert abs(found - mean) < 4 * error, (router, found, error, mean)
        assert found - best > 4 * error, router
    for better, worse in pairwise(times):  # the same customers: pairs
        gain, error = batch_means(times[worse] - times[better])
        assert gain > 4 * error, (better, worse)


def test_o8_fewest_queued_tokens_sees_more_than_fewest_requests(n):
    """The work left is a better sign than the number of requests where services differ."""
    requests = many_servers("least_outstanding", 8, 0.9, n)
    tokens = many_servers("least_queued_tokens", 8, 0.9, n)
    gain, error = batch_means(requests - tokens)
    assert gain > 4 * error


def test_o9_tandem_of_router_prefill_and_decode(n):
    """Three runs, each fed with the departures of the one before (Jackson): 8.340 s."""
    rate = 2.0
    rng = np.random.default_rng(9)
    arrival_s = np.cumsum(rng.exponential(1 / rate, n))

    def served(replica, sent_s, prompt_tokens, output_tokens=1):
        load = il.Workload.from_arrays(
            arrival_s=sent_s,
            prompt_tokens=np.broadcast_to(prompt_tokens, n),
            output_tokens=np.full(n, output_tokens),
        )
        return sent_s + il.simulate(il.Cluster(replica), load).e2e_s

    def exponential_tokens(mean_s):
        return np.maximum(1, np.rint(rng.exponential(mean_s, n) * SECOND)).astype(int)

    routed_s = served(ONE_BY_ONE, arrival_s, exponential_tokens(1 / 100))
    prefilled_s = served(ONE_BY_ONE, routed_s, exponential_tokens(1 / 2.5))
    decode = il.AffineReplica(prefill_s=(0, 0, 0), decode_s=(0.001, 0, 0), max_batch=10**6)
    finished_s = served(decode, prefilled_s, 1, output_tokens=6330 + 1)
    within_four_errors(routed_s - arrival_s, theory.mm1_time(rate / 100) / 100)
    within_four_errors(prefilled_s - routed_s, theory.mm1_time(rate / 2.5) / 2.5)
    within_four_errors(finished_s - arrival_s, 8.340)
