"""What stands behind the view of goodput: its curve, and a run that can be watched and stopped."""

import threading

import pytest

import inference_lab as il
from inference_lab.experiments.goodput import goodput_curve
from inference_lab.lab.views import goodput_over_rate
from inference_lab.lab.views.goodput_words import SLOS

AFFINE = il.AffineReplica(prefill_s=(0.02, 5e-5, 0), decode_s=(0.01, 1e-4, 0))
VLLM = il.Replica(
    il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4, stack="vllm-2025"
)
PATIENCE_S = 60


def small_goodput():
    return goodput_over_rate(AFFINE, rate_scales=[0.5, 1, 2, 3], requests=300)


def test_goodput_is_that_of_a_simulation():
    (point,) = goodput_curve(VLLM, [1.5], requests=500, slo=(0.45, 0.04))
    load = il.Workload.like("azure-2023-conv", rate_scale=1.5, requests=500)
    cluster = il.Cluster(VLLM, scheduler="chunked", token_budget=8192)
    result = il.simulate(cluster, load)
    met = (result.ttft_s <= 0.45) & ~(result.tpot_s > 0.04)
    assert 0 < point.share_met < 1
    assert point.share_met == pytest.approx(met.mean())
    assert point.goodput_per_s == pytest.approx(result.goodput_per_s(0.45, 0.04))


def test_a_curve_stops_within_a_point_and_keeps_those_before():
    seen, ended = [], []
    stop = threading.Event()

    def count(now):
        ended.append(now)
        if sum(ended) > 350:
            stop.set()

    points = goodput_curve(
        AFFINE, [0.5, 1, 2], requests=200, on_point=seen.append, stop=stop.is_set, progress=count
    )
    assert points == seen
    assert [point.rate_scale for point in points] == [0.5]
    assert sum(ended) < 400
    assert goodput_curve(AFFINE, [1], requests=200, stop=lambda: True) == []


def test_progress_reaches_the_end_and_the_reading_names_the_best():
    view = small_goodput()
    reading = view.picture["reading"]
    best = max(high for _, _, high in view.picture["range"])
    assert reading.startswith(f"3 runs of 300 requests reach a goodput of {best:.1f} requests/s")
    assert "Press Run: 4 simulations of 300 requests" in reading
    assert view.run()
    view.wait(PATIENCE_S)
    assert (view.percent, view.state, len(view.points)) == (100, "done", 4)
    best = max(point.goodput_per_s for point in view.points)
    assert f"The highest goodput is {best:.1f} requests/s" in view.picture["reading"]


def test_the_range_holds_short_runs_of_each_rate():
    view = small_goodput()
    seen = goodput_curve(AFFINE, [0.5, 1, 2, 3], 300, SLOS[view.slo], seed=1)
    for (rate, low, high), point in zip(view.picture["range"], seen, strict=True):
        assert low <= point.goodput_per_s <= high
        assert 0 < rate < view.picture["end_per_s"]
    assert view.picture["goodput_end_per_s"] > max(high for _, _, high in view.picture["range"])


def test_other_limits_show_their_range_before_the_run():
    view = small_goodput()
    before = view.picture["range"]
    view._handle_custom_msg({"do": "choose", "slo": list(SLOS)[1]}, [])
    assert view.slo == list(SLOS)[1] and view.state == "idle"
    assert "TTFT ≤ 450 ms" in view.picture["reading"]
    assert all(now[2] <= then[2] for now, then in zip(view.picture["range"], before, strict=True))
    with pytest.raises(ValueError, match="slo='fast'"):
        view.choose("fast")


def slowed(monkeypatch, view, after):
    """Let the view's run wait after so many points until told to go on."""
    there, go_on = threading.Event(), threading.Event()
    add = view._add

    def waiting(point):
        add(point)
        if len(view.points) == after:
            there.set()
            assert go_on.wait(PATIENCE_S)

    monkeypatch.setattr(view, "_add", waiting)
    return there, go_on


def test_stop_keeps_the_points_and_a_new_run_starts_afresh(monkeypatch):
    view = small_goodput()
    there, go_on = slowed(monkeypatch, view, after=2)
    view._handle_custom_msg({"do": "run", "slo": list(SLOS)[1]}, [])
    assert there.wait(PATIENCE_S)
    assert view.picture["reading"].startswith("Running: 2 of 4 rates.")
    view._handle_custom_msg({"do": "stop"}, [])
    go_on.set()
    view.wait(PATIENCE_S)
    assert (view.state, len(view.points)) == ("stopped", 2)
    assert view.percent < 100
    said = view.picture["reading"]
    assert said.startswith("Stopped after 2 of 4 rates; these points stay.")
    assert said.endswith("Run again starts afresh.")
    former = view.picture["curve"]
    view.run(next(iter(SLOS)))
    view.wait(PATIENCE_S)
    assert (view.state, len(view.points), view.percent) == ("done", 4, 100)
    assert view.picture["former"] == former


def test_two_runs_at_once_cannot_be(monkeypatch):
    view = small_goodput()
    there, go_on = slowed(monkeypatch, view, after=1)
    assert view.run()
    assert there.wait(PATIENCE_S)
    first = view._thread
    assert not view.run()
    assert view._thread is first
    go_on.set()
    view.wait(PATIENCE_S)
    assert len(view.points) == 4


def test_a_run_that_fails_says_why_and_can_be_started_again(monkeypatch):
    view = small_goodput()
    monkeypatch.setattr(view, "rate_scales", [-1])
    view.run()
    view.wait(PATIENCE_S)
    assert view.picture["reading"].startswith("The run failed: rate_scales=-1")
    monkeypatch.undo()
    assert view.run()
    view.wait(PATIENCE_S)
    assert view.state == "done"
