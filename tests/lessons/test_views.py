"""What the views share, and the Python behind the view of batches."""

import re

import pytest

import inference_lab as il
from inference_lab.experiments.batching import tpot_at_users
from inference_lab.experiments.goodput import goodput_curve
from inference_lab.experiments.queue import ttft_at_load
from inference_lab.lab import tokens
from inference_lab.lab.views import (
    base,
    batch,
    batch_against_tpot,
    code,
    goodput_over_rate,
    ttft_under_load,
)

LLAMA, H100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
REPLICA = il.Replica(LLAMA, H100, tp=4)
AFFINE = il.AffineReplica(prefill_s=(0.02, 5e-5, 0), decode_s=(0.01, 1e-4, 0))
STACKS = {
    name: il.Replica(LLAMA, H100, tp=4, stack=name) for name in ("ideal", "eager-2023", "vllm-2025")
}
PATIENCE_S = 60


def run_code(view):
    names = {"replica": None, "print": lambda *shown: None}
    exec(view.picture["code"], names)
    return names


def small_goodput(**other):
    return goodput_over_rate(AFFINE, rate_scales=[0.5, 1, 2, 3], requests=300, **other)


# One frame


def test_each_view_is_registered_with_the_script_that_bears_its_name_and_its_parts():
    files = {path.stem for path in base.HERE.glob("*.js")} - set(base.SHARED)
    scripts = {file for file in files if file.partition("_")[0] not in files - {file}}
    assert scripts == set(base.VIEWS)
    assert {path.stem for path in base.HERE.glob("*.css")} <= {"common", *base.VIEWS}


@pytest.mark.parametrize("name", base.VIEWS)
def test_a_view_is_framed_alike_and_asks_nobody_outside(name):
    script, sheet = base.VIEWS[name]._esm, base.VIEWS[name]._css
    assert f'frame("{name}-view"' in script
    assert script.count("export default") == 1
    assert script.startswith(tokens.js()) and sheet.startswith(tokens.css())
    addresses = set(re.findall(r"https?://[^\"' ]+", script + sheet))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(import|fetch|XMLHttpRequest)\b|@import|url\((?!#)", script + sheet)


@pytest.mark.parametrize("file", sorted(base.HERE.glob("*.[cj]s*")), ids=lambda path: path.name)
def test_colours_come_from_the_tokens_alone(file):
    if file.suffix in (".css", ".js"):
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(", file.read_text("utf-8")) == []


# The same point as code


def test_code_of_the_latency_view_gives_its_point():
    view = ttft_under_load(REPLICA, load_percent=60)
    assert run_code(view)["point"] == view.point
    view.prompts = "chat trace (mean 1,162 tokens)"
    assert run_code(view)["point"] == view.point
    assert view.point.p99_s != ttft_at_load(REPLICA, 0.6).p99_s


def test_code_of_the_batch_view_gives_its_point():
    view = batch_against_tpot(STACKS, users=16)
    view.stack = "vllm-2025"
    ran = run_code(view)
    assert ran["replica"] == STACKS["vllm-2025"]
    assert ran["point"] == view.point == tpot_at_users(STACKS["vllm-2025"], 16)
    assert f"TPOT {ran['point'].tpot_s * 1e3:.1f} ms" in view.picture["reading"]


def test_code_of_the_goodput_view_gives_its_points():
    view = small_goodput()
    view.run()
    view.wait(PATIENCE_S)
    assert run_code(view)["points"] == view.points


@pytest.mark.parametrize(
    "replica",
    [
        AFFINE,
        il.AffineReplica(
            prefill_s=(0, 1, 0), decode_s=(0, 0, 0), kv_capacity_tokens=9, max_batch=2
        ),
        il.Replica(LLAMA, H100, tp=8, precision="fp8", kv_precision="fp8", max_batch=32),
        il.Replica(LLAMA, H100, tp=4, stack=il.Stack.named("vllm-2025", H100)),
        il.Replica(
            LLAMA,
            il.GPU(
                name="mine",
                memory_bytes=3e11,
                hbm_bytes_per_s=4e12,
                bf16_flop_per_s=1e15,
                link_bytes_per_s=4e11,
            ),
        ),
    ],
)
def test_a_replica_is_written_so_that_python_makes_it_again(replica):
    names = {"il": il}
    exec(code.assignment(replica), names)
    made = names["replica"]
    assert made.iteration_s([(0, 100)], 3, 500) == replica.iteration_s([(0, 100)], 3, 500)
    assert made.kv_capacity_tokens == replica.kv_capacity_tokens
    assert made.max_batch == replica.max_batch


def test_a_replica_of_another_kind_is_left_to_its_owner():
    class Own:
        pass

    assert code.assignment(Own()).startswith("# replica")


# Batches


def test_more_users_get_more_tokens_and_wait_longer():
    points = [tpot_at_users(REPLICA, users) for users in (1, 16, 64, 128, 192)]
    tokens, tpot = zip(*((p.output_tokens_per_s, p.tpot_s) for p in points), strict=True)
    assert list(tokens) == sorted(tokens)
    assert list(tpot) == sorted(tpot)
    assert points[0].tpot_s == pytest.approx(REPLICA.decode_step_s(1, 2048 + 64), rel=1e-2)


def test_tokens_a_second_are_those_of_a_long_run():
    for name, replica in STACKS.items():
        load = il.Workload.closed_loop(64, requests=1280, prompt_tokens=2048, output_tokens=128)
        long = il.simulate(il.Cluster(replica), load).summary()
        short = tpot_at_users(replica, 64)
        assert short.output_tokens_per_s == pytest.approx(long.output_tokens_per_s, rel=0.03), name


def test_batch_view_reads_its_point_and_the_limit():
    view = batch_against_tpot(STACKS, users=1)
    assert view.picture["reading"] == (
        "At 1 user (ideal): TPOT 10.4 ms, 92 tokens/s; the limit of 40 ms is kept."
    )
    view.users = 128
    assert "At 128 users (ideal)" in view.picture["reading"]
    assert "limit of 40 ms is broken" in view.picture["reading"]
    assert "queue" not in view.picture["reading"]
    assert view.picture["visited"] == [1, 128]
    assert view.picture["curves"][0]["users"] == list(batch.STEPS)
    view.limit_ms = 60
    assert "limit of 60 ms is kept" in view.picture["reading"]


def test_a_full_kv_cache_is_said_with_its_queue():
    room = REPLICA.kv_capacity_tokens // (2048 + 128)
    view = batch_against_tpot(REPLICA, users=256)
    said = f"There is room for {room} users; {256 - room} wait in the queue."
    assert said in view.picture["reading"]


def test_curves_of_stacks_stay_and_all_tokens_fit_on_the_scale():
    view = batch_against_tpot(STACKS, users=64)
    for stack in STACKS:
        view.stack = stack
        for users in (1, 128, 256):
            view.users = users
    curves = view.picture["curves"]
    assert [curve["name"] for curve in curves] == list(STACKS)
    assert max(max(curve["tokens_per_s"]) for curve in curves) <= view.picture["tokens_end"]


@pytest.mark.parametrize(
    ("call", "error", "named"),
    [
        (lambda: batch_against_tpot({}), ValueError, "replicas={}"),
        (lambda: batch_against_tpot({1: REPLICA}), TypeError, "key 1"),
        (lambda: batch_against_tpot(7), TypeError, "replica=7"),
        (lambda: batch_against_tpot(REPLICA, users=3), ValueError, "users=3"),
        (lambda: batch_against_tpot(il.Replica(LLAMA, H100)), ValueError, "do not fit the KV"),
        (lambda: tpot_at_users(REPLICA, 0), ValueError, "users=0"),
        (lambda: tpot_at_users(REPLICA, 1, output_tokens=1), ValueError, "output_tokens=1"),
        (lambda: goodput_over_rate(REPLICA, []), ValueError, "rate_scales"),
        (lambda: goodput_over_rate(REPLICA, requests=1), ValueError, "requests=1"),
        (lambda: goodput_over_rate(REPLICA, slo="fast"), ValueError, "slo='fast'"),
        (lambda: goodput_over_rate(7), TypeError, "replica=7"),
        (lambda: small_goodput().run("fast"), ValueError, "slo='fast'"),
        (lambda: goodput_curve(REPLICA, [0]), ValueError, "rate_scales=0"),
        (lambda: goodput_curve(REPLICA, [1], slo=(2,)), ValueError, "slo="),
    ],
)
def test_what_cannot_be_is_refused(call, error, named):
    with pytest.raises(error, match=re.escape(named)):
        call()


def test_steps_of_the_slider_go_from_one_user_to_256():
    assert (batch.STEPS[0], batch.STEPS[-1]) == (1, 256)
    assert list(batch.STEPS) == sorted(set(batch.STEPS))
