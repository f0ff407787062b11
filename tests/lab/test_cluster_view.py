"""The Python behind the cluster view: what it is asked, what it says, and the page it writes."""

from __future__ import annotations

import base64
import contextlib
import io
import re
from dataclasses import replace

import numpy as np
import pytest

import inference_lab as il
from inference_lab.cli.main import main
from inference_lab.lab.views import replay

LLAMA, H100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
REPLICA = il.Replica(LLAMA, H100, tp=4, stack="vllm-2025")
CLUSTER = il.Cluster(REPLICA, replicas=8)
CHAT = il.Workload.like("azure-2023-conv", rate_scale=9, requests=800, seed=0)


def ask(view, *changes, percent=100):
    """What the script sends: a router and pins for each side."""
    sides = [{"router": side["name"], "pins": side["pins"]} for side in view.picture["sides"]]
    for side, change in zip(sides, changes, strict=False):
        side.update(change)
    view.ask = {"sides": sides, "percent": percent, "number": view.picture["number"] + 1}


def late(view):
    return [int((side.log.ttft_s > view.limit_s).sum()) for side in view.sides]


@pytest.fixture
def view():
    return replay(CLUSTER, CHAT)


def test_the_picture_is_about_the_request_that_loses_most(view):
    mine, other = (
        il.simulate(il.Cluster(REPLICA, replicas=8, router=router), CHAT)
        for router in ("round_robin", "least_queued_tokens")
    )
    focus = view.picture["focus"]
    assert focus == int(np.argmax(mine.ttft_s - other.ttft_s))
    assert late(view) == [int((run.ttft_s > 0.45).sum()) for run in (mine, other)]
    words = view.picture["reading"]
    assert f"{late(view)[0]} of 800 requests get their first token later than 450 ms" in words
    assert f"{mine.ttft_s[focus] * 1e3:,.0f} ms with round robin" in words
    few, fewer = late(view)
    assert view.picture["outcome"] == (
        f"Late (after 450 ms) of 800: {few} with round robin, {fewer} with fewest prompt tokens "
        "waiting."
    )


@pytest.mark.parametrize("limit_s", [0.001, 0.08, 0.45, 30])
def test_a_still_shows_the_limit_far_from_now_whatever_it_is(limit_s):
    still = replay(CLUSTER, CHAT, limit_s=limit_s).still()
    svg = base64.b64decode(re.search(r"base64,([^\"]+)", still)[1]).decode()
    limit = re.escape(f"in {limit_s * 1e3:,.0f} ms")
    (at, ends) = (
        float(re.search(rf'<text x="([\d.]+)"[^>]*>{words}</text>', svg)[1])
        for words in (limit, "now")
    )
    assert ends - at == pytest.approx(2 / 3 * (488 - 24), abs=0.2)


def test_a_prompt_in_another_lane_is_simulated_and_told(view):
    focus, before = view.focus, view.sides[0].log.ttft_s[view.focus]
    lane = int(view.sides[1].log["replica"][focus])  # where the other policy has it at once
    ask(view, {"pins": {str(focus): lane}})
    assert view.sides[0].log["replica"][focus] == lane
    after = view.sides[0].log.ttft_s[focus]
    assert after < before
    told = f"gets its first token after {after * 1e3:,.0f} ms, not {before * 1e3:,.0f} ms"
    since = f"simulated again from {CHAT.arrival_s[focus]:.2f} s on, as if request {focus} had"
    assert view.picture["said"].startswith(
        f"Round robin: {since} been sent to replica {lane} at its arrival. Request {focus} {told}"
    )
    assert view.picture["number"] == 1
    ask(view, {"pins": {}})
    assert view.sides[0].log.ttft_s[focus] == before


def test_another_router_and_another_rate(view):
    others = view.sides[1].log.requests
    ask(view, {"router": "fewest requests"})
    assert view.picture["sides"][0]["name"] == "fewest requests"
    assert (view.sides[1].log.requests == others).all()
    slow = late(view)
    ask(view, percent=150)
    assert view.sides[0].log["arrival"][-1] == pytest.approx(CHAT.arrival_s[-1] / 1.5e-4, abs=1)
    assert late(view)[0] > slow[0]


def test_a_router_that_fails_is_said_and_the_picture_stays():
    def mine(request, replicas, rng):
        if request.index == 716 and len(calls) > 800:
            raise KeyError("prompt")
        calls.append(request.index)
        return request.index % len(replicas)

    calls = []
    view = replay(CLUSTER, CHAT, [mine])
    before = view.sides
    ask(view, percent=110)
    assert view.picture["said"] == "This cannot be simulated: KeyError: 'prompt'"
    assert view.sides == before and view.picture["percent"] == 100


def test_what_is_not_served_is_said_and_nothing_at_all_is_refused():
    small = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(1, 0, 0), kv_capacity_tokens=160)
    load = il.Workload.from_arrays(
        arrival_s=[0, 1, 2], prompt_tokens=[99, 999, 99], output_tokens=[1, 1, 1]
    )
    view = replay(il.Cluster(small), load, ["round_robin"], limit_s=5)
    assert "0 of 2 requests" in view.picture["reading"]
    assert "1 more are not served" in view.picture["reading"]
    with pytest.raises(ValueError, match=r"no request is served.*replica.advice"):
        replay(il.Cluster(small), replace(load, prompt_tokens=[999] * 3), ["round_robin"])


def test_tenants_are_named_in_the_order_in_which_they_come():
    names = np.array(["b", "a", "c", "a"] * (len(CHAT) // 4))
    view = replay(CLUSTER, replace(CHAT, tenant=names), ["round_robin"])
    assert view.picture["tenants"] == ["b", "a", "c"]
    assert view.sides[0].log.more["tenant"][:4].tolist() == [0, 1, 2, 1]


def test_a_run_that_would_take_long_is_not_simulated_again():
    load = il.Workload.like("azure-2023-conv", rate_scale=9, requests=2001, seed=0)
    view = replay(CLUSTER, load, ["round_robin"])
    before = view.sides
    for change, percent in (({"router": "at random"}, 100), ({"pins": {"3": 1}}, 100), ({}, 150)):
        ask(view, change, percent=percent)
        assert view.picture["said"].startswith("This run has 2,001 requests: up to 2,000 are")
        assert view.sides == before and view.picture["percent"] == 100


@pytest.mark.parametrize("percent", [100, 120])
def test_the_code_gives_the_figures_of_the_picture(view, percent):
    ask(view, {"pins": {"716": 6}}, percent=percent)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(view.picture["code"], {"cluster": CLUSTER, "load": CHAT})
    assert [int(line) for line in out.getvalue().split()] == late(view)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"routers": []}, "one or two"),
        ({"routers": ["round_robin"] * 2}, "same name"),
        ({"routers": ["round"]}, "round_robin"),
        ({"limit_s": 0}, "limit_s"),
        ({"workload": [1, 2]}, "workload"),
        ({"cluster": REPLICA}, "cluster"),
    ],
)
def test_wrong_arguments_are_refused(wrong, says):
    with pytest.raises((TypeError, ValueError), match=says):
        replay(**({"cluster": CLUSTER, "workload": CHAT} | wrong))


def test_a_page_holds_all_that_it_needs(view, tmp_path):
    path = view.save_html(tmp_path / "page.html", title="a < b </script>")
    text = path.read_text("utf-8")
    assert "<title>a &lt; b &lt;/script&gt;</title>" in text
    assert text.count("</script>") == 2
    assert not re.search(
        r"(src|href)\s*=|^import\b|\bimport\(|\bfetch\(|@import|url\((?!#)", text, re.M
    )
    for wrong in ("page.htm", "nowhere/page.html"):
        with pytest.raises(ValueError, match=r"page\.html?"):
            view.save_html(tmp_path / wrong)


def test_the_command_writes_a_page(tmp_path, capsys):
    page = tmp_path / "page.html"
    command = ["replay", "--html", str(page), "--first", "300", "--router", "random"]
    assert main(command) == 0
    assert "300 requests" in capsys.readouterr().out
    assert "8 replicas of Llama-3.1-70B" in page.read_text("utf-8")
    assert main([*command[:2], str(tmp_path / "page.txt")]) == 2
    assert "must end in .html" in capsys.readouterr().err
