"""What stands behind the view and the pictures of lesson 05."""

import numpy as np
import pytest
import traitlets

import inference_lab as il
from inference_lab.experiments import roofline
from inference_lab.experiments.queue import chat_prompts, ttft_at_load
from inference_lab.lab import plots
from inference_lab.lab.views import latency, ttft_under_load
from inference_lab.lab.views.limit import scale_end

REPLICA = il.Replica(il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4)


def test_moving_the_slider_changes_picture_and_reading():
    view = ttft_under_load(REPLICA)
    before = view.picture
    view.load_percent = 80
    assert view.picture["load_percent"] == 80
    assert view.picture["reading"].startswith("At load 80 %")
    grown = [
        a["queue_ms"] > b["queue_ms"]
        for a, b in zip(view.picture["bars"], before["bars"], strict=True)
    ]
    assert grown == [True, True]
    assert "above the limit" in view.picture["reading"]
    assert "within the limit" in before["reading"]


def test_bars_sum_to_the_simulated_ttft():
    point = ttft_at_load(REPLICA, 0.5)
    bars = latency.picture([point], "2,048 tokens", 450)["bars"]
    mean, p99 = (sum(bar[piece] for piece in latency.PIECES) for bar in bars)
    assert (mean, p99) == pytest.approx((point.mean_s * 1e3, point.p99_s * 1e3))


def test_names_of_the_prompts_are_true():
    assert f"mean {chat_prompts().mean():,.0f} tokens" in list(latency.PROMPTS)[-1]
    for name, tokens in latency.PROMPTS.items():
        assert tokens is None or name == f"{tokens:,} tokens"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"load_percent": 99}, "load_percent=99"), ({"prompts": "7 tokens"}, "prompts='7 tokens'")],
)
def test_a_view_that_cannot_be_is_refused(wrong, named):
    with pytest.raises(ValueError, match=named):
        ttft_under_load(REPLICA, **wrong)


def test_timeline_reads_parts_that_sum_and_the_long_gap():
    two = il.Workload.from_arrays(
        arrival_s=[0, 0.030], prompt_tokens=[2048, 2048], output_tokens=[8, 8]
    )
    _, reads = plots.timeline(il.simulate(il.Cluster(REPLICA, network_s=0.001), two, spans=True))
    first, second = reads.splitlines()
    assert first.startswith("A: TTFT 75.4 ms = 1.0 network + 74.4 prefill; gaps of 21.1 ms")
    assert first.endswith("in the mean, one of 84.9 ms.")
    assert "= 1.0 network + 44.4 queue + 74.4 prefill; gaps of 10.5 ms between" in second


def test_timeline_draws_what_was_simulated():
    """The second request comes late, a router takes its time, and there are more than eight."""
    late = il.Workload.from_arrays(
        arrival_s=[0, *np.arange(10, 19) / 10], prompt_tokens=[2048] * 10, output_tokens=[8] * 10
    )
    result = il.simulate(il.Cluster(REPLICA, network_s=0.001, router_s=0.002), late, spans=True)
    for i in range(10):
        pieces = plots.pieces_ms(result, i)
        starts, ends = zip(*[piece[1:] for piece in pieces], strict=True)
        assert starts[0] == 1e3 * result.arrival_s[i]
        assert ends[:-1] == pytest.approx(starts[1:])
        assert ends[-1] == pytest.approx(1e3 * (result.arrival_s[i] + result.e2e_s[i]))
    assert [part for part, *_ in plots.pieces_ms(result, 0)] == [
        "network", "router", "prefill", "decode"
    ]  # fmt: skip
    assert "another's prompt" in [part for part, *_ in plots.pieces_ms(result, 1)]
    _, reads = plots.timeline(result)
    assert reads.splitlines()[9].startswith("J: TTFT ")
    with pytest.raises(ValueError, match="spans=True"):
        plots.timeline(il.simulate(il.Cluster(REPLICA), late))


def test_roofline_picture_reads_each_step():
    steps = [roofline.prefill(REPLICA.llm, 2048), roofline.decode(REPLICA.llm, 1, 2048)]
    _, reads = plots.roofline_picture(steps, REPLICA.gpu)
    assert "prefill 2,048: 2,119 FLOP/B, at most 100 %" in reads
    assert "decode 1: 1 FLOP/B, at most 0.36 %" in reads


@pytest.mark.parametrize(
    ("prompts", "last_within"),
    [("2,048 tokens", 60), ("8,192 tokens", None), ("chat trace (mean 1,162 tokens)", 55)],
)
def test_the_loads_that_keep_the_limit_are_those_of_the_lessons_answer(prompts, last_within):
    view = ttft_under_load(REPLICA, prompts=prompts)
    p99_s = []
    for percent in range(5, 95, 5):
        view.load_percent = percent
        p99_s.append(view.point.p99_s)
    within = [5 + 5 * i for i, value in enumerate(p99_s) if 1e3 * value <= latency.SLO_MS]
    assert (within[-1] if within else None) == last_within
    if last_within is None:
        assert p99_s[0] == pytest.approx(0.560, abs=5e-4)


def test_prefill_of_chats_p99_falls_with_load():
    view = ttft_under_load(REPLICA, 5, prompts=list(latency.PROMPTS)[-1])
    low = view.point.p99_prefill_s
    view.load_percent = 80
    assert view.point.p99_prefill_s < low / 2


def test_the_range_of_the_p99_holds_every_draw_and_widens_with_load():
    view = ttft_under_load(REPLICA)
    for percent in (40, 80):
        view.load_percent = percent
        low, high = view.picture["p99_range_ms"]
        p99_ms = [1e3 * point.p99_s for point in view.draws(percent)]
        assert (min(p99_ms), max(p99_ms)) == (low, high)
        assert np.median(p99_ms) == 1e3 * view.point.p99_s
        mean_ms = 1e3 * view.point.mean_s
        assert [percent, low, high, mean_ms] in view.picture["outline"]
        seen = ttft_at_load(REPLICA, percent / 100, requests=latency.REQUESTS, seed=1).p99_s
        assert 1e3 * seen in p99_ms
        ends = f"the middle one of 5 draws, {low:,.0f} to {high:,.0f} ms."
        assert view.picture["reading"].endswith(ends)
    widths = [high - low for _, low, high, _ in view.picture["outline"]]
    assert widths[-1] > 10 * widths[0]


def test_a_limit_that_is_dragged_is_read_and_simulates_nothing(monkeypatch):
    view = ttft_under_load(REPLICA, load_percent=60)
    monkeypatch.setattr(latency, "ttft_at_load", None)
    view.limit_ms = 380
    assert view.picture["limit_ms"] == 380
    assert "above the limit of 380 ms" in view.picture["reading"]
    view.limit_ms = 390
    assert "within the limit of 390 ms" in view.picture["reading"]
    with pytest.raises(traitlets.TraitError):
        view.limit_ms = 0


def test_a_limit_stands_in_the_upper_third():
    for limit in (40, 450, 2000):
        assert 2 / 3 <= limit / scale_end(limit) < 1


def test_where_one_was_stays_and_so_does_the_prompt_length_before():
    view = ttft_under_load(REPLICA, load_percent=5)
    view.load_percent = 50
    view.prompts = "512 tokens"
    former, now = view.picture["curves"]
    assert [former["name"], now["name"]] == ["2,048 tokens", "512 tokens"]
    assert [load for load, *_, visited in former["points"] if visited] == [5, 50]
    assert now["points"] == [[50, 1e3 * view.point.mean_s, 1e3 * view.point.p99_s, True]]
    view.prompts = "2,048 tokens"
    assert [curve["name"] for curve in view.picture["curves"]] == ["512 tokens", "2,048 tokens"]


def test_no_line_leaves_out_what_was_simulated_between_two_visits():
    """From 5 to 85 % a straight line would show a p99 that nobody measured."""
    view = ttft_under_load(REPLICA, load_percent=5)
    view.load_percent = 85
    (now,) = view.picture["curves"]
    assert [load for load, *_ in now["points"]] == [5, 20, 30, 40, 50, 60, 70, 80, 85]
    for load, mean_ms, p99_ms, _ in now["points"]:
        points = [
            ttft_at_load(REPLICA, load / 100, requests=latency.REQUESTS, seed=seed)
            for seed in range(latency.DRAWS)
        ]
        assert p99_ms == 1e3 * np.median([point.p99_s for point in points])
        assert [1e3 * point.mean_s for point in points if 1e3 * point.p99_s == p99_ms] == [mean_ms]
