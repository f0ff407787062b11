"""Clusters, routers and results: bad input and small facts."""

import numpy as np
import pytest

import inference_lab as il

ONE = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(1, 0, 0))
LOAD = il.Workload.from_arrays(arrival_s=[0, 0], prompt_tokens=[1, 1], output_tokens=[2, 2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: il.Cluster(ONE, replicas=0), "replicas=0 is too small"),
        (lambda: il.Cluster([]), r"replica=\[\] is empty"),
        (lambda: il.Cluster([ONE], replicas=2), "replicas=2 does not go with a list"),
        (lambda: il.Cluster("bf16"), "replica='bf16' must be a Replica or an AffineReplica"),
        (lambda: il.Cluster(ONE, router="least_outstandin"), "did you mean least_outstanding"),
        (lambda: il.Cluster(ONE, router=7), "or a function route"),
        (lambda: il.Cluster(ONE, router=lambda replicas: 0), "or a function route"),
        (lambda: il.Cluster(ONE, router=il.PowerOf), r"an instance .*\(not its class\)"),
        (lambda: il.Cluster(ONE, router=int), r"an instance .*\(not its class\)"),
        (lambda: il.Cluster(ONE, scheduler="magic"), "scheduler='magic' is not known"),
        (lambda: il.Cluster(ONE, network_s=-1), "network_s=-1 is out of range"),
        (lambda: il.Cluster(ONE, router_s=float("inf")), "router_s=inf is out of range"),
        (lambda: il.Cluster(ONE, scheduler="static", token_budget=9), "leave it out"),
        (lambda: own(scheduler="static", token_budget=9), "token_budget=9 does not go with static"),
        (lambda: own(scheduler="chunked"), "give the most tokens of an iteration, such as 2048"),
        (lambda: il.Cluster(ONE, replicas=10**10), "replicas=10000000000 is too large"),
        (lambda: il.Cluster(ONE, router_s=2e6), "router_s=2000000.0 is out of range"),
        (lambda: il.Cluster(ONE, token_budget=0), "token_budget=0 is too small"),
        (lambda: il.Cluster(ONE, max_queue=0), "max_queue=0 is too small"),
        (lambda: il.Cluster(ONE, max_model_len=1.5), "max_model_len=1.5 must be a whole"),
        (lambda: il.Cluster(ONE, timeout_s=0), "timeout_s=0 is out of range"),
        (lambda: il.Cluster(ONE, queue="fifo"), "queue='fifo' is not known: .*use one of fcfs"),
        (lambda: il.Cluster(ONE, queue="priority"), "give both queue='priority' and priorities="),
        (lambda: il.Cluster(ONE, priorities={"a": 1}), "queue='fcfs' does not go with priorities"),
        (lambda: il.Cluster(ONE, priorities=["a"]), r"priorities=\['a'\] must be a dict"),
        (lambda: classes({"a": -1}), r"priorities\['a'\]=-1 is too small"),
        (lambda: il.Cluster(ONE, limits={"a": 0}), r"limits\['a'\]=0 is out of range"),
        (lambda: il.Fair(-1), "input_weight=-1 is out of range"),
        (lambda: il.Fair(0, 0), "count nothing: give at least one above 0"),
        (lambda: run(queue="fair"), "needs tenants, and the requests have none: give"),
        (lambda: run(limits={"a": 1}), r"limits=\{'a': 1.0\} needs tenants"),
        (lambda: run().of_tenant("a"), "tenant='a' sent no request: .* none: give the workload"),
        (lambda: il.PowerOf(0), "choices=0 is too small"),
        (lambda: run(il.PowerOf(3)), "choices=3 exceeds the 2 replicas"),
        (lambda: il.simulate(ONE, LOAD), "must be a Cluster"),
        (lambda: il.simulate(il.Cluster(ONE), [1]), "must be a Workload"),
        (lambda: il.simulate(il.Cluster(ONE), LOAD, engine="fast"), "engine='fast' is not known"),
        (lambda: il.simulate(il.Cluster(ONE), LOAD, seed=-1), "seed=-1 is too small"),
        (lambda: routed(lambda *_: 2), "the router returned 2: return the index of a replica"),
        (lambda: routed(lambda *_: -1), "the router returned -1"),
        (lambda: routed(lambda *_: None), "the router returned None"),
        (lambda: routed(lambda *_: 0.0), "the router returned 0.0"),
        (lambda: routed(lambda q, replicas, rng: replicas[0]), "the router returned PlainReplica"),
        (lambda: run().summary(warmup=2), "warmup=2 leaves none of 2 requests"),
        (lambda: run().goodput_per_s(ttft_slo_s=0), "ttft_slo_s=0 is out of range"),
    ],
)
def test_bad_input_names_argument_value_and_fix(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def run(router="round_robin", engine="macro", **more):
    return il.simulate(il.Cluster(ONE, replicas=2, router=router, **more), LOAD, engine=engine)


def classes(priorities):
    return il.Cluster(ONE, queue="priority", priorities=priorities)


def own(**habits):
    rates = {"bf16_efficiency": 1, "fp8_efficiency": 1, "memory_efficiency": 1}
    return il.Stack(name="own", **rates, layer_s=0, sequence_s=0, first_token_s=0, **habits)


def routed(router):
    return run(router, engine="reference")


def test_a_router_sees_what_the_contract_lists_and_no_output_length():
    seen = []

    def look(request, replicas, rng):
        view = replicas[1]
        seen.append((view.outstanding, view.queued_tokens, view.free_blocks, view.zone))
        assert view.cached_tokens(request) == 0
        assert not hasattr(request, "output_tokens")
        assert {"index", "arrival_s", "prompt_tokens", "prefix_blocks", "session", "tenant"} <= set(
            dir(request)
        )
        return np.int64(1)

    result = run(look)
    assert list(result.replica) == [1, 1]
    assert [view[:2] for view in seen] == [(0, 0), (1, 1)]


def test_power_of_d_draws_distinct_replicas():
    seen = []
    replicas = [type("View", (), {"outstanding": load})() for load in (5, 1, 3)]
    route = il.PowerOf(2)
    for seed in range(200):
        seen.append(route(None, replicas, np.random.default_rng(seed)))
    assert set(seen) == {1, 2}  # the fullest of three never wins against another one
    assert seen.count(1) > seen.count(2)


def test_a_router_s_own_error_comes_through():
    with pytest.raises(ZeroDivisionError):
        run(lambda *_: 1 // 0)


def test_one_rule_for_how_a_replica_is_served():
    llm, gpu = il.LLM.named("Llama-2-70B"), il.GPU.named("A100-SXM4-80GB")
    names = ("ideal", "eager-2023", "vllm-2025", "trtllm-2025")
    assert il.Stack.names() == names
    fleet = [*(il.Replica(llm, gpu, tp=4, stack=name) for name in names), ONE]

    def services(**arguments):
        cluster = il.Cluster(fleet, **arguments)
        return [cluster.service(costs) for costs in cluster.fleet]

    alone, chunks = ("continuous", None), ("chunked", 8192)
    assert services() == [alone, ("continuous", 2560), chunks, chunks, alone]
    assert services(scheduler="continuous") == [alone] * 5
    assert services(scheduler="chunked") == [("chunked", 2048)] * 5
    assert services(scheduler="static") == [("static", None)] * 5
    budgets = services(token_budget=512)
    assert budgets == [(scheduler, 512) for scheduler, _ in services()]


def test_everything_refused_is_an_answer():
    small = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(1, 0, 0), kv_capacity_tokens=0)
    result = il.simulate(il.Cluster(small), LOAD)
    assert result.refused == 2
    assert result.goodput_per_s() == 0
    assert np.isnan(result.summary().ttft_s["p99"])
    said = str(result.summary())
    assert said.startswith("no request was served\n2 requests in 0 s: 2 refused")
    assert "nan" not in said
    assert "replica.advice(tokens) says what would hold so many" in said
    assert "replica.advice" not in str(run().summary())


def test_warm_up_leaves_out_the_first_requests():
    whole, late = run().summary(), run().summary(warmup=1)
    assert (whole.requests, late.requests) == (2, 1)


def test_progress_counts_every_request():
    done = []
    il.simulate(il.Cluster(ONE), LOAD, progress=done.append)
    assert sum(done) == 2


@pytest.mark.parametrize("engine", ["macro", "reference"])
def test_the_fewest_queued_tokens_and_then_the_least_outstanding(engine):
    """Answers are long and prompts short: by index alone, replica 0 would get all of them."""
    one = il.AffineReplica(prefill_s=(0.01, 0, 0), decode_s=(0.01, 0, 0))
    load = il.Workload.from_arrays(
        arrival_s=np.arange(8.0), prompt_tokens=[10] * 8, output_tokens=[10_000] * 8
    )
    cluster = il.Cluster(one, 4, router="least_queued_tokens")
    assert list(il.simulate(cluster, load, engine=engine).replica) == [0, 1, 2, 3] * 2
