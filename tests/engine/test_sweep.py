"""Sweeps: the order of the grid, whatever runs it; errors that name their point."""

import os

import numpy as np
import pytest

import inference_lab as il
from inference_lab.sweep import grid

GRID = {"rate_per_s": [10, 20, 30], "router": ["random", "least_outstanding"]}


def ttft(rate_per_s, router, seed):
    """A real simulation, and the process that ran it."""
    one = il.AffineReplica(prefill_s=(0.1, 0, 0), decode_s=(0.01, 0, 0))
    load = il.Workload.poisson(rate_per_s, 200, 100, 10, seed=seed)
    result = il.simulate(il.Cluster(one, 4, router=router), load, seed=seed)
    return {"mean": result.ttft_s.mean(), "worst": result.ttft_s.max(), "process": os.getpid()}


def sweep(**options):
    return il.sweep(ttft, GRID, seeds=[5, 3], progress=False, **options)


def assert_equal(found, expected):
    for name in ("mean", "worst"):
        np.testing.assert_array_equal(found[name], expected[name], strict=True)


@pytest.fixture(scope="module")
def alone():
    return sweep(jobs=1)


def test_rows_stand_in_the_order_of_the_grid(alone):
    points = [(row["rate_per_s"], row["router"], row["seed"]) for row in alone.rows]
    assert points == [(n, r, s) for n in GRID["rate_per_s"] for r in GRID["router"] for s in (5, 3)]
    for row in alone.rows:
        point = {name: row[name] for name in (*GRID, "seed")}
        assert row == point | ttft(**point)


def test_a_measure_has_the_shape_of_the_grid(alone):
    assert alone["mean"].shape == (3, 2, 2)
    assert alone["mean"][2, 1, 0] == ttft(30, "least_outstanding", 5)["mean"]
    assert (np.diff(alone["mean"].mean(axis=-1), axis=0) > 0).all(), "more load, longer TTFT"


def test_local_processes_give_the_same(alone):
    found = sweep(jobs=2)
    assert_equal(found, alone)
    assert os.getpid() not in found["process"]
    assert found.grid == alone.grid


def test_a_dask_cluster_gives_the_same(alone):
    distributed = pytest.importorskip(
        "distributed", reason="the extra `scale` is not installed: dask[distributed]"
    )
    from joblib import parallel_config

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        workers = set(client.run(os.getpid).values())
        assert len(workers) == 2
        with parallel_config("dask"):
            found = sweep()
    assert_equal(found, alone)
    assert set(found["process"].ravel()) <= workers


def test_it_prints_a_table_of_means():
    found = il.sweep(
        lambda x, seed: {"y": x * seed}, {"x": [1, 20]}, seeds=[1, 2], jobs=1, progress=False
    )
    assert str(found).splitlines() == [" x    y", " 1  1.5", "20   30", "means over 2 seeds"]


def test_a_bar_knows_the_number_of_runs(capfd):
    il.sweep(lambda x, seed: x, {"x": range(7)}, jobs=1)
    assert "/7 [" in capfd.readouterr().err


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_names_its_point(jobs):
    def inverse(x, seed):
        return 1 / x

    with pytest.raises(RuntimeError, match="at x=0, seed=7: ZeroDivisionError: division by zero"):
        il.sweep(inverse, {"x": [1, 0, 2]}, seeds=[7], jobs=jobs, progress=False)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda x, seed: "fast", "at x=1, seed=0: the function returned value='fast'"),
        (lambda x, seed: {"x": 3.0}, "the function returned x=3.0; .* not those of the grid"),
        (lambda x, seed: {f"n{x}": 3.0}, "returned n2 at x=2, seed=0, but n1 before"),
        (lambda seed: 1.0, "at x=1, seed=0: TypeError"),
    ],
)
def test_what_a_function_returns_is_checked(returned, message):
    with pytest.raises(RuntimeError, match=message):
        il.sweep(returned, {"x": [1, 2]}, jobs=1, progress=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"function": 5}, "function=5 must be a function"),
        ({"grid": [1]}, r"grid=\[1\] must be a dict"),
        ({"grid": {"x": []}}, r"grid\['x'\]=\[\] is empty"),
        ({"grid": {"x": "random"}}, r"grid\['x'\]='random' must be a list"),
        ({"grid": {"x": 3}}, r"grid\['x'\]=3 must be a list"),
        ({"grid": {"seed": [3]}}, "grid has the name 'seed'"),
        ({"grid": {3: [3]}}, "grid has the name 3"),
        ({"seeds": []}, r"seeds=\(\) must be distinct, and at least one"),
        ({"seeds": [-1]}, r"seeds\[0\]=-1 is too small"),
        ({"jobs": 0}, "jobs=0 is too small"),
        ({"jobs": 1.5}, "jobs=1.5 must be a whole number"),
    ],
)
def test_bad_input_names_argument_value_and_fix(change, message):
    given = {"function": lambda x, seed: x, "grid": {"x": [1]}, "progress": False}
    with pytest.raises((ValueError, TypeError), match=message):
        il.sweep(**(given | change))


def test_runs_begin_here_and_spread_once_enough_is_left(alone, monkeypatch):
    """By the clock, so the limit is moved instead: none is worth it, or all but the first are."""
    monkeypatch.setattr(grid, "START_S", np.inf)
    found = sweep()
    assert set(found["process"].ravel()) == {os.getpid()}
    monkeypatch.setattr(grid, "START_S", 0.0)
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    found = sweep()
    assert_equal(found, alone)
    here = found["process"].ravel() == os.getpid()
    assert list(here) == [True] + [False] * 11


def test_a_sweep_in_a_sweep_leaves_the_cores_to_the_outer_one():
    def inner(x, seed):
        found = il.sweep(lambda y, seed: os.getpid(), {"y": range(4)}, progress=False)
        return float((found["value"] == os.getpid()).all())

    found = il.sweep(inner, {"x": [0, 1]}, jobs=2, progress=False)
    assert found["value"].all()
