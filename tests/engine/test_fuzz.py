"""Junk mixed with valid arguments: an answer that keeps the laws, or an error that helps."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import log, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.serving.log import OUTCOMES

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 1, 2, 3, 16, 17, 10**10, 2**40, 2**40 + 1, 2**63, 10**400]),
    st.sampled_from([0.0, -0.0, 0.5, 1.0, 1.5, 1e-300, 5e-324, 1e9, 1e300, 1.7e308]),
    st.floats(),
    st.sampled_from([np.int64(2), np.float32(0.5), np.bool_(True), np.float64("nan")]),
    st.sampled_from([Decimal(2), Fraction(1, 3), Fraction(10**400), 2j, b"2", object(), int]),
    st.sampled_from(["", "2", "bf16", "fp8", "random", "chunked", "static", "macro", "ideal"]),
    st.text(max_size=5),
)
JUNK = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.tuples(SCALARS, SCALARS),
    st.tuples(SCALARS, SCALARS, SCALARS),
    st.lists(st.tuples(SCALARS, SCALARS), max_size=3),
    st.dictionaries(st.text(max_size=2), SCALARS, max_size=2),
    st.sampled_from([np.array(3), np.array([1, 2]), np.array([[1, 2]]), np.array(["a"]), {1, 2}]),
    st.just(lambda *args: 0),
)

ONE = il.AffineReplica(prefill_s=(0.01, 0, 0), decode_s=(0.01, 0, 0), kv_capacity_tokens=4000)
FABRIC = il.LeafSpine(hosts=4, hosts_per_leaf=2, nic_gbit_per_s=100)
SLOW = il.SlowReplica(replica=0, factor=2.0, from_s=0.5, until_s=1.0)
LOST = il.LostZone(zone=0, from_s=0.5, until_s=1.0)
DIMENSIONS = {
    "layers": 2,
    "hidden_size": 8,
    "heads": 4,
    "kv_heads": 2,
    "head_dim": 2,
    "intermediate_size": 16,
    "vocab_size": 32,
}
RATES = {
    "memory_bytes": 1e9,
    "hbm_bytes_per_s": 1e9,
    "bf16_flop_per_s": 1e9,
    "link_bytes_per_s": 1e9,
}
LLM = il.LLM(name="tiny", **DIMENSIONS)
GPU = il.GPU(name="tiny", **RATES)
LENGTHS = {"prompt_tokens": (1, 50), "output_tokens": (1, 50)}
ARRAYS = {"prompt_tokens": [5, 6], "output_tokens": [1, 2]}
LOAD = replace(il.Workload.poisson(8, 20, 50, 20), tenant=["a", "b"] * 10)

MODELS = [
    (il.LLM, {"name": "m", **DIMENSIONS, "experts": 1, "kv_latent_dim": None, "gated_mlp": True}),
    (il.LLM.named, {"name": "Llama-3.1-8B"}),
    (il.GPU, {"name": "g", **RATES, "fp8_flop_per_s": 0.0}),
    (il.GPU.named, {"name": "L40S"}),
]
REPLICAS = [
    (il.Replica, {"llm": LLM, "gpu": GPU, "tp": 1, "precision": "bf16", "kv_precision": None}),
    (il.Replica, {"llm": LLM, "gpu": GPU, "stack": "ideal", "max_batch": 9, "memory_fraction": 1}),
    (
        il.AffineReplica,
        {
            "prefill_s": (0.01, 0, 0),
            "decode_s": (0.01, 0.001, 0),
            "kv_capacity_tokens": 4000,
            "max_batch": 8,
        },
    ),
]
CLUSTERS = [
    (il.Cluster, {"replica": ONE, "replicas": 2, "router": "random", "token_budget": None}),
    (il.Cluster, {"replica": ONE, "scheduler": "continuous", "token_budget": 9}),
    (il.Cluster, {"replica": [ONE, ONE], "network_s": 0.1, "router_s": 0.1, "token_budget": 9}),
    (il.Cluster, {"replica": ONE, "max_model_len": 99, "max_queue": 9, "timeout_s": 9.0}),
    (il.Cluster, {"replica": ONE, "replicas": 2, "gateways": 2, "report_s": 0.5}),
    (il.Cluster, {"replica": ONE, "queue": "priority", "priorities": {"a": 1}, "limits": {"a": 9}}),
    (il.Cluster, {"replica": ONE, "queue": "fair", "priorities": None, "limits": None}),
    (il.Fair, {"input_weight": 1, "output_weight": 2}),
    (il.Client, {"name": "a", "rate_per_s": 8, "cv": 2, **LENGTHS}),
    (il.PowerOf, {"choices": 1}),
    (il.Rag, {"embed_s": 0.1, "search_s": (0.1, 0.2), "context_tokens": 9}),
    (il.routers.GuardedPrefix, {"factor": 2}),
    (il.routers.KVAware, {"overlap_weight": 1, "temperature": 0.1}),
    (il.Cluster, {"replica": ONE, "replicas": 3, "zones": 2, "faults": [SLOW, LOST]}),
]
FAULTS = [
    (il.SlowReplica, {"replica": 0, "factor": 2.0, "from_s": 0.5, "until_s": 1.0}),
    (il.LostReplica, {"replica": 1, "from_s": 0.5, "until_s": 2.0, "noticed_s": 0.1}),
    (il.LostZone, {"zone": 0, "from_s": 0.5, "until_s": None, "noticed_s": 0.1}),
    (il.AddedReplica, {"at_s": 0.5, "replica": None}),
    (il.SlowLink, {"factor": 2.0, "from_s": 0.5, "until_s": 1.0, "host": 1}),
    (il.SlowLink, {"factor": 2.0, "from_s": 0.5, "until_s": 1.0, "leaf": 0, "spine": 1}),
    (il.TrainingJob, {"hosts": [0, 3], "gradient_bytes": 1e9, "compute_s": 0.5}),
]
CLIENT = il.Client("a", rate_per_s=8, cv=2, **LENGTHS)
LAWS = [
    (il.Geometric, {"mean": 50, "at_most": 100}),
    (il.LogNormal, {"median": 50, "sigma": 1, "at_most": None}),
    (il.LogNormal, {"mean": 50, "cv": 1, "at_most": 99}),
    (il.Quantiles, {"shares": (0, 1), "tokens": (1, 50)}),
]
TRACE_FREE = {"seed": 0, "rate_scale": 1.0}
WORKLOADS = [
    (il.Workload.poisson, {"rate_per_s": 8, "requests": 20, **LENGTHS, **TRACE_FREE}),
    (il.Workload.gamma, {"rate_per_s": 8, "cv": 2, "requests": 20, **LENGTHS, **TRACE_FREE}),
    (il.Workload.piecewise, {"pieces": [(2, 8)], **LENGTHS, "requests": 20, **TRACE_FREE}),
    (il.Workload.from_arrays, {"arrival_s": [0, 1], **ARRAYS, "session": None, "rate_scale": 1}),
    (il.Workload.from_arrays, {"arrival_s": [0, 1], **ARRAYS, "prefix_blocks": [[1], [2]]}),
    (il.Workload, {"arrival_s": [0, 1], **ARRAYS, "prefix_block_tokens": 16, "source": ""}),
    (il.Workload, {"arrival_s": [0, 1], **ARRAYS, "tenant": None, "concurrency": None}),
    (il.Workload.like, {"name": "azure-2023-conv", "requests": 20, **TRACE_FREE}),
    (il.Workload.closed_loop, {"concurrency": 2, "requests": 20, **LENGTHS, "seed": 0}),
    (partial(il.Workload.clients, [CLIENT]), {"requests": 20, **TRACE_FREE}),
]
RUNS = [
    (il.simulate, {"cluster": il.Cluster(ONE, 2), "workload": LOAD, "seed": 0, "engine": "macro"})
]


@st.composite
def calls(draw, known):
    """A constructor and its arguments, of which one or two are junk."""
    make, arguments = draw(st.sampled_from(known))
    names = draw(st.sets(st.sampled_from(sorted(arguments)), min_size=1, max_size=2))
    return make, arguments, {name: draw(JUNK) for name in sorted(names)}


def made(call):
    """What the call makes, or None after an error that names the junk, its value and the fix."""
    make, arguments, junk = call
    try:
        return make(**(arguments | junk))
    except (ValueError, TypeError) as error:
        message = str(error)
        blamed = junk.keys() | {n for each in AGREE if each & junk.keys() for n in each}
        given = (arguments | junk).items()
        assert any(named(*item, message) for item in given if item[0] in blamed), message
        assert any(word in message for word in FIXES), message
        return None


AGREE = [
    {"mean", "median", "sigma", "cv", "at_most"},
    {"input_weight", "output_weight"},
    {"queue", "priorities"},
    {"arrival_s", "requests", "prompt_tokens", "output_tokens", "prefix_blocks"},
    {"replica", "replicas", "faults", "zones"},
    {"from_s", "until_s"},
    {"host", "leaf", "spine"},
    {"scheduler", "token_budget"},
]
"""Arguments that may contradict each other while each is right alone: then either is to blame."""

FIXES = ("give", "use", "must", "did you mean", "swap", "sort", "leave it out", "at least", "fewer")


def named(name, value, message):
    """Whether the message holds the name and, where it is short, the value."""
    if name not in message:
        return False
    plain = value is None or isinstance(value, bool | float)
    return not plain or repr(value) in message or "GPU name" in message


def assert_lawful(result, load):
    n = len(load)
    columns = ("arrival_s", "ttft_s", "tpot_s", "e2e_s", "max_itl_s", "replica")
    assert {getattr(result, column).shape for column in columns} == {(n,)}
    done = result.served
    assert set(result.outcome) <= set(OUTCOMES)
    assert (np.isfinite(result.e2e_s) == done).all()
    assert result.output_tokens[done].sum() >= done.sum()
    clock = np.nanmax(result.arrival_s + np.where(done, result.e2e_s, 0), initial=1)
    rounding = 1e-9 + 16 * np.spacing(clock)
    parts = sum(result.ttft_parts.values())
    np.testing.assert_allclose(parts[done], result.ttft_s[done], rtol=0, atol=rounding)
    assert (result.ttft_s[done] >= -rounding).all()
    assert (result.e2e_s[done] >= result.ttft_s[done] - rounding).all()
    str(result.summary())


@given(calls(MODELS))
def test_models_and_gpus(call):
    found = made(call)
    if isinstance(found, il.LLM):
        assert found.active_parameters <= found.parameters
        assert found.kv_bytes_per_token("bf16") > 0


@given(calls(REPLICAS))
def test_replicas(call):
    replica = made(call)
    if replica:
        assert_lawful(il.simulate(il.Cluster(replica), LOAD), LOAD)


@given(calls(CLUSTERS))
def test_clusters(call):
    cluster = made(call)
    if not isinstance(cluster, il.Cluster):
        return
    delays = cluster.network_s
    if isinstance(delays, np.ndarray) and len(delays) != len(LOAD):  # one for each request
        with pytest.raises(ValueError, match=f"network_s has {len(delays)} entries: give"):
            il.simulate(cluster, LOAD)
    else:
        assert_lawful(il.simulate(cluster, LOAD), LOAD)


@given(calls(FAULTS))
def test_faults(call):
    fault = made(call)
    if fault:
        try:
            if isinstance(fault, il.TrainingJob):
                cluster = il.Cluster(ONE, 2, fabric=FABRIC, training=fault)
            else:
                cluster = il.Cluster(ONE, 2, fabric=FABRIC, faults=[fault])
        except (TypeError, ValueError) as error:
            assert "give" in str(error) or "must be" in str(error)
            return
        assert_lawful(il.simulate(cluster, LOAD), LOAD)


@given(calls(LAWS), st.integers(0, 9))
def test_laws(call, seed):
    law = made(call)
    if law:
        assert law.mean_tokens > 0.5  # before rounding, which moves it by less than half
        try:
            tokens = law.draw(50, np.random.default_rng(seed))
        except ValueError as error:
            assert "give at_most=" in str(error)
            assert log2(law.median) + 6 * law.sigma / log(2) > 40  # six standard deviations reach
            return
        assert tokens.dtype == np.int64
        assert tokens.min() >= 1
        assert tokens.max() <= (getattr(law, "at_most", None) or 2**40)


@given(calls(WORKLOADS))
def test_workloads(call):
    load = made(call)
    if load:
        assert load.arrival_s.shape == load.prompt_tokens.shape == load.output_tokens.shape
        assert (np.diff(load.arrival_s) >= 0).all()
        assert_lawful(il.simulate(il.Cluster(ONE, 2), load), load)


@given(calls(RUNS))
def test_simulate(call):
    result = made(call)
    if result:
        assert_lawful(result, LOAD)


SWEEPS = [
    (
        il.sweep,
        {
            "function": lambda x, seed: x + seed,
            "grid": {"x": [1, 2]},
            "seeds": [0, 1],
            "jobs": 1,
            "progress": False,
        },
    ),
    (
        il.compare,
        {
            "policies": {"a": il.Cluster(ONE), "b": il.Cluster(ONE, 2)},
            "load": lambda seed: LOAD,
            "metric": lambda result: result.ttft_s.mean(),
            "seeds": [0, 1],
        },
    ),
]


@given(calls(SWEEPS))
def test_sweep_and_compare(call):
    try:
        found = made(call)
    except RuntimeError as error:  # the drawn function itself fails at a point
        assert str(error).startswith(("at ", "the function returned"))
        assert {"function", "grid", "load", "metric"} & set(call[2])
    else:
        str(found)
