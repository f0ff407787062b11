"""The cluster view in a real browser: on a page of its own, and with a kernel in JupyterLab."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import inference_lab as il
from inference_lab.lab.held_up import sentence
from inference_lab.lab.pinned import Pinned, moved
from inference_lab.lab.views import replay

sys.path.insert(0, str(Path(__file__).parent))
import jupyter
import reading

LLAMA, H100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
REPLICA = il.Replica(LLAMA, H100, tp=4, stack="vllm-2025")
CLUSTER = il.Cluster(REPLICA, replicas=8)
CHAT = il.Workload.like("azure-2023-conv", rate_scale=9, requests=2000, seed=0)
MARGIN = 20  # px of a page beside the view
LANES, STRIP = ".stage canvas[tabindex]", ".scrub canvas"
CELLS = [
    """import inference_lab as il
from inference_lab.lab.views import replay
llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
replica = il.Replica(llama, h100, tp=4, stack="vllm-2025")
load = il.Workload.like("azure-2023-conv", rate_scale=9, requests=2000, seed=0)
cluster = il.Cluster(replica, replicas=8)""",
    "replay(cluster, load)",
]
# The kernel's side of a live view, over playwright in place of a websocket: its simulation is real.
LIVE = """
const heard = [];
const model = {
  get: (name) => state[name], set: (name, value) => (state[name] = value),
  on: (name, tell) => name === "change:picture" && heard.push(tell), off() {},
  async save_changes() {
    state.picture = await simulated(state.ask);
    heard.forEach((tell) => tell());
  },
};
"""
# What the script makes of the log, for a test to look at: it stays inside the module else.
SEEN = "globalThis.seen = { newLog, heldUpInWords };"


@pytest.fixture(scope="module")
def view():
    return replay(CLUSTER, CHAT)


@pytest.fixture(scope="module")
def faulty():
    """400 requests of 20 conversations, while one replica is lost, one slow, and one is added."""
    few = il.Workload.like("azure-2023-conv", rate_scale=9, requests=400, seed=0)
    begin_alike = [
        [1000 * (i % 20) + k if k < 30 else 10**6 + 1000 * i + k for k in range(tokens // 16)]
        for i, tokens in enumerate(few.prompt_tokens)
    ]
    load = replace(few, prefix_blocks=begin_alike, prefix_block_tokens=16)
    faults = [
        il.LostReplica(replica=3, from_s=3.5, until_s=9, noticed_s=1.0),
        il.SlowReplica(replica=5, factor=2, from_s=2, until_s=7),
        il.AddedReplica(at_s=6),
    ]
    return replay(replace(CLUSTER, faults=faults), load)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Saves a view as a page that lets a test look into its script."""

    def saved(view):
        path = view.save_html(tmp_path_factory.mktemp("page") / "page.html")
        text = path.read_text("utf-8")
        path.write_text(text.replace("const state =", f"{SEEN}\nconst state =", 1), "utf-8")
        return path.as_uri()

    return saved


@pytest.fixture(scope="module")
def address(view, saved):
    return saved(view)


@pytest.fixture
def opened(browser, address):
    """Opens the page with settings of the browser; tells what it asked for and what went wrong."""
    contexts = []

    def opened(width=1440, address=address, **settings):
        context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("request", lambda request: page.troubles.append(request.url))
        page.goto(address)
        page.wait_for_selector(".cluster-view[data-shows]")
        assert page.troubles.pop(0) == address
        return page

    yield opened
    for context in contexts:
        context.close()


def now_ms(page):
    return float(page.locator(".cluster-view").get_attribute("data-shows"))


def words(page):
    return page.locator(".cluster-view > p[role=status]").inner_text()


def drawn(page):
    return page.evaluate("[...document.querySelectorAll('canvas')].map((c) => c.toDataURL())")


def test_it_stands_before_the_worst_request_and_asks_nobody(view, opened):
    page = opened()
    focus = view.picture["focus"]
    arrival_ms = CHAT.arrival_s[focus] * 1e3
    assert now_ms(page) == pytest.approx(arrival_ms - 300, abs=0.2)
    late = [int((side.log.ttft_s > 0.45).sum()) for side in view.sides]
    names = ["round robin", "fewest prompt tokens waiting"]
    told = ", ".join(f"{n} with {name}" for n, name in zip(late, names, strict=True))
    assert words(page).startswith(f"Late (after 450 ms) of 2,000: {told}. Request {focus} ")
    ends = [int(re.search(r"of (\d+) late", text)[1]) for text in all_counts(page)]
    assert ends == late
    assert page.get_by_role("button", name="Play").is_visible()
    assert sentence(view.sides[0].log, focus) in page.locator(".why").first.inner_text()
    page.wait_for_timeout(300)
    assert now_ms(page) == pytest.approx(arrival_ms - 300, abs=0.2)
    assert page.troubles == []


def test_script_and_python_say_the_same_of_who_held_a_request_up(view, opened):
    agree(view, opened())


def test_they_agree_on_requests_that_are_sent_again_and_on_prompts_that_are_cached(
    faulty, saved, opened
):
    """A replica is lost unnoticed, one is slow, one is added, and prompts begin alike."""
    page = opened(address=saved(faulty))
    logs = [side.log for side in faulty.sides]
    assert all(log.more["retries"].any() and log.more["cached_tokens"].any() for log in logs)
    agree(faulty, page)
    page.locator(STRIP).first.focus()
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    says = "Replica 3: lost, and nobody has noticed. Replica 5: iterations take 2 times as long. "
    assert f"{says}Replica 8: not there yet." in words(page)
    page.keyboard.press("ArrowRight")
    assert page.get_by_text("sent again, its replica was lost").is_visible()
    again = [int(re.search(r"(\d+) sent again", text)[1]) for text in all_counts(page)]
    assert again == [int((log.more["retries"] > 0).sum()) for log in logs]
    assert "Replica 3: lost." in words(page) and page.troubles == []


def test_a_lost_zone_and_a_slow_replica_are_named_and_the_way_of_who_was_there_is_drawn(
    saved, opened
):
    faults = [
        il.LostZone(zone=1, from_s=3.5, until_s=9, noticed_s=1.0),
        il.SlowReplica(replica=5, factor=3, from_s=2, until_s=8),
    ]
    few = il.Workload.like("azure-2023-conv", rate_scale=9, requests=400, seed=0)
    nine = il.Cluster(REPLICA, replicas=9, zones=3, faults=faults)
    page = opened(address=saved(replay(nine, few, ["round_robin"])))
    at(page, 4.2)
    says = "Replicas 1, 4 and 7: lost, and nobody has noticed. Replica 5: iterations take 3 times"
    assert says in words(page)
    at(page, 4.6)
    assert "Replicas 1, 4 and 7: lost. Replica 5: " in words(page)
    log = replay(nine, few, ["round_robin"]).sides[0].log
    again = np.flatnonzero(log.more["retries"] & (log["read_until"] * 1e-4 > 4.6))
    choose(page, int(again[0]))
    (who,) = page.locator(".why").all_inner_texts()
    assert re.match(r"Sent again once( after its first token)?: replica [147] was lost\. ", who)
    before = drawn(page)
    page.get_by_role("button", name="Play").click()  # where it was before is drawn while it stands
    page.get_by_role("button", name="Pause").click()
    assert drawn(page) != before
    at(page, 10)
    assert "Replica" not in words(page)
    assert page.troubles == []


def at(page, seconds):
    """Go to an instant by keys."""
    page.locator(STRIP).first.focus()
    page.keyboard.press("Home")
    for _ in range(int(seconds)):
        page.keyboard.press("ArrowRight")
    page.locator(LANES).first.focus()
    for _ in range(round(seconds % 1 / 0.02)):
        page.keyboard.press("ArrowRight")
    assert now_ms(page) == pytest.approx(seconds * 1e3, abs=0.2)


def test_many_lanes_say_what_they_leave_out_and_what_is_wrong(saved, opened):
    few = il.Workload.like("azure-2023-conv", rate_scale=20, requests=300, seed=0)
    lost = il.LostReplica(replica=3, from_s=0.5, until_s=1.5, noticed_s=0.1)
    page = opened(address=saved(replay(il.Cluster(REPLICA, replicas=20, faults=[lost]), few)))
    legend = page.locator(".legend").inner_text()
    assert "20 replicas: thin lanes of prompts alone; answers are not drawn" in legend
    assert "answers, in cells" not in legend and "lost or not there yet" in legend
    trouble = page.locator(".trouble")
    for seconds, says in ((1, "Replica 3: lost."), (2, "All replicas are well.")):
        at(page, seconds)
        assert trouble.inner_text() == says


def test_they_agree_on_a_kv_cache_that_comes_from_the_host(saved, opened):
    """Twelve prompts of 2,048 tokens take turns in a memory of 6,056."""
    n = 300
    whose = np.random.default_rng(0).integers(0, 12, n)
    load = il.Workload.from_arrays(
        arrival_s=np.arange(n) * 0.35,
        prompt_tokens=[2048] * n,
        output_tokens=[20] * n,
        prefix_blocks=[[int(1000 * one + k) for k in range(128)] for one in whose],
        prefix_block_tokens=16,
    )
    two = il.Cluster(
        il.Replica(LLAMA, H100, tp=2, stack="vllm-2025"),
        replicas=2,
        host_cache_tokens=200_000,
        host_link=il.Link.named("PCIe-5-x16"),
    )
    view = replay(two, load)
    page = opened(address=saved(view))
    assert all((side.log.parts["kv_transfer"] > 0).sum() > 100 for side in view.sides)
    assert page.get_by_text("its KV-cache comes from the host").is_visible()
    agree(view, page)


def test_one_tenant_can_be_looked_at_alone(saved, opened):
    """Its counts are those of its own requests, N goes to its late ones, others are pale."""
    bulk = np.where(CHAT.prompt_tokens > 2000, "bulk", "chat")
    view = replay(replace(CLUSTER, queue="fair"), replace(CHAT, tenant=bulk.tolist()))
    page = opened(address=saved(view))
    before = drawn(page)
    page.get_by_label("Tenant").select_option("bulk")
    assert drawn(page) != before
    told_s = instant_told(page, ", bulk alone: round robin ")
    assert told_s == pytest.approx(now_ms(page) / 1e3, abs=0.006)
    page.locator(STRIP).first.focus()
    page.keyboard.press("End")
    log, late = view.sides[0].log, view.sides[0].log.ttft_s > 0.45
    mine = bulk == "bulk"
    some = (late & mine).sum()
    assert 0 < some < late.sum()
    assert all_counts(page)[0] == f"{mine.sum()} done, {some} of {some} late"
    page.keyboard.press("Home")
    page.keyboard.press("n")
    other = view.sides[1].log.ttft_s > 0.45
    first = int(np.flatnonzero((late | other) & mine)[0])
    assert words(page).startswith(
        f"Request {first} ({log['prompt_tokens'][first]:,} tokens, of bulk)"
    )


def instant_told(page, then):
    """The seconds that the sentence names, which goes on with these words."""
    return float(re.match(rf"At (\d+\.\d+) s{re.escape(then)}", words(page))[1])


def all_counts(page):
    return page.locator(".counts").all_inner_texts()


def agree(view, page):
    """The sentences of both languages, and the counts at the end of the run."""
    for index, side in enumerate(view.sides):
        requests = [int(i) for i in np.argsort(-side.log["ttft"])[:150]] + list(range(150))
        said = page.evaluate(
            """([index, requests]) => {
                const { picture } = JSON.parse(document.getElementById("state").textContent);
                const log = seen.newLog(picture.sides[index], picture);
                return requests.map((i) => seen.heldUpInWords(log, i, picture.pause_ms));
            }""",
            [index, requests],
        )
        assert said == [sentence(side.log, i) for i in requests]
    page.locator(STRIP).first.focus()
    page.keyboard.press("End")
    done = [int((side.log["ttft"] >= 0).sum()) for side in view.sides]
    assert [int(text.split()[0].replace(",", "")) for text in all_counts(page)] == done


def test_it_plays_stops_steps_and_jumps_by_keys(view, opened):
    page = opened()
    page.locator(LANES).first.focus()
    before, start = drawn(page), now_ms(page)
    page.keyboard.press("Space")
    page.wait_for_function(
        "(t) => document.querySelector('[data-shows]').dataset.shows > t + 20", arg=start
    )
    page.keyboard.press("Space")
    stopped = now_ms(page)
    assert drawn(page) != before
    page.wait_for_timeout(200)
    assert now_ms(page) == stopped

    told = page.locator(".cluster-view > p[role=status]")
    assert told.get_attribute("aria-live") == "polite"
    said = []
    for _ in range(12):
        page.keyboard.press(".")
        said.append((now_ms(page), words(page)))
    times, sentences = zip(*said, strict=True)
    assert times[0] >= stopped, "the next event may be less than 0.1 ms away"
    assert list(times) == sorted(times) and len(set(sentences)) == len(said)
    for now, sentence_ in said:
        second, event = re.match(
            r"(\d+\.\d+) s: request \d+ .*(arrives|begins to be read|gets its first token)",
            sentence_,
        ).groups()
        assert float(second) * 1e3 == pytest.approx(now, abs=0.6), event

    late = np.flatnonzero((view.sides[0].log.ttft_s > 0.45) | (view.sides[1].log.ttft_s > 0.45))
    page.keyboard.press("n")
    here_s = now_ms(page) / 1e3 + 0.3
    assert np.abs(CHAT.arrival_s[late] - here_s).min() < 1e-3
    assert here_s * 1e3 > stopped


def test_it_says_where_the_policies_part_and_by_how_much(view, opened):
    page = opened()
    ttft_s = [side.log.ttft_s for side in view.sides]
    apart_s = ttft_s[0] - ttft_s[1]
    first, second = np.flatnonzero(np.abs(apart_s) > 0.1)[:2]
    page.keyboard.press("p")
    assert now_ms(page) == pytest.approx(max(0, CHAT.arrival_s[first] * 1e3 - 300), abs=0.2)
    told = f"Request {first} ({CHAT.prompt_tokens[first]:,} tokens) gets its first token after "
    told += f"{ttft_s[0][first] * 1e3:,.0f} ms with round robin"
    assert words(page).startswith("Until here all first tokens are within 100 ms of each other. ")
    assert told in words(page)
    ends = f"{(apart_s < -0.1).sum()} come sooner with round robin, {(apart_s > 0.1).sum()} with"
    assert ends in words(page)
    page.keyboard.press("p")
    assert words(page).startswith(f"Request {second} ")


def test_keys_reach_a_page_that_nobody_has_clicked_but_scrolling_stays_its_own(view, opened):
    page = opened()
    start = now_ms(page)
    page.keyboard.press("ArrowRight")
    assert now_ms(page) == pytest.approx(start + 20, abs=0.2)
    page.keyboard.press("p")
    assert f"Request {view.picture['partings'][0]} " in words(page)
    before = now_ms(page)
    page.keyboard.press("End")
    assert now_ms(page) == before


def test_a_request_counts_as_late_from_the_moment_its_limit_passes(view, opened):
    page = opened()
    assert view.sides[0].log.ttft_s[view.picture["focus"]] > 0.5
    for _ in range(36):  # 20 ms each, from 300 ms before the worst request to 420 ms after it
        page.keyboard.press("ArrowRight")
    seen = []
    for _ in range(3):  # to 460 ms after it: it has no first token yet
        counts = page.locator(".counts").all_inner_texts()
        seen.append([int(re.search(r"(\d+) of \d+ late", count)[1]) for count in counts])
        now_s = now_ms(page) / 1e3
        assert seen[-1] == [
            int((CHAT.arrival_s[side.log.ttft_s > 0.45] + 0.45 <= now_s).sum())
            for side in view.sides
        ]
        page.keyboard.press("ArrowRight")
    assert seen[-1][0] > seen[0][0]


def test_a_click_tells_who_is_there_and_the_strip_scrubs(view, opened):
    page = opened()
    page.locator(LANES).first.focus()
    for _ in range(16):
        page.keyboard.press("ArrowRight")
    now_s, log = now_ms(page) / 1e3, view.sides[0].log
    reads = (log["read_from"] * 1e-4 <= now_s) & (log["read_until"] * 1e-4 > now_s + 0.05)
    request = int(np.flatnonzero(reads)[0])
    lane = int(log["replica"][request])
    box = page.locator(LANES).first.bounding_box()
    beside = {"x": box["x"], "y": box["y"] + 6 + 36 * lane + 18}
    gate = page.locator(LANES).first.evaluate(
        "({ clientWidth: w }) => 22 + Math.min(430, Math.max(216, w - 252), 0.6 * (w - 22))"
    )
    page.mouse.click(beside["x"] + gate - 3, beside["y"])
    there = np.flatnonzero(reads & (log["replica"] == lane))
    assert words(page).split(" (")[0] in {f"Request {i}" for i in there}

    strip = page.locator(STRIP).first.bounding_box()
    page.mouse.move(strip["x"] + strip["width"] / 4, strip["y"] + 95)
    page.mouse.down()
    middle = strip["x"] + 64 + (strip["width"] - 64) / 2  # ticks stand left of the scale of time
    page.mouse.move(middle, strip["y"] + 95, steps=3)
    page.mouse.up()
    end_ms = float(page.locator(".clock").inner_text().split(" of ")[1].split()[0]) * 1e3
    last_s = max((side.log["finish"].max() * 1e-4) for side in view.sides)
    assert end_ms == pytest.approx(last_s * 1e3, abs=5), "the strip goes as far as the clock"
    assert now_ms(page) == pytest.approx(end_ms / 2, rel=0.01)
    assert instant_told(page, ": round robin ") == pytest.approx(now_ms(page) / 1e3, abs=0.006)


@pytest.mark.parametrize(("width", "columns"), [(800, "below"), (1000, "beside"), (1900, "beside")])
def test_it_takes_the_room_there_is_and_nothing_sticks_out(opened, width, columns):
    page = opened(width)
    assert page.locator(".cluster-view").bounding_box()["width"] == width - 2 * MARGIN
    assert page.locator(".cluster-view").get_attribute("data-columns") == columns
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".cluster-view :is(button, select, header *, p)")]
            .filter((node) => getComputedStyle(node).display !== "inline")
            .filter((node) => node.scrollWidth > node.clientWidth + 1)
            .map((node) => node.outerHTML)"""
    )
    assert cut == []


def test_both_themes_are_drawn_and_can_be_read(opened):
    pages = [opened(color_scheme=theme) for theme in ("light", "dark")]
    assert all(a != b for a, b in zip(*map(drawn, pages), strict=True))
    for page in pages:
        found = reading.contrasts(page)
        assert found and min(each["contrast"] for each in found) >= reading.LEAST_CONTRAST
        assert reading.barriers(page, ".cluster-view") == []


def test_with_reduced_motion_nothing_flies_and_it_still_plays(opened):
    page = opened(reduced_motion="reduce")
    start = now_ms(page)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1100)
    frames = page.evaluate(
        """async () => {
            const seen = new Set(), end = performance.now() + 1000;
            while (performance.now() < end) {
                seen.add(document.querySelector("[data-shows]").dataset.shows);
                await new Promise(requestAnimationFrame);
            }
            return seen.size;
        }"""
    )
    assert now_ms(page) > start
    assert frames <= 6, "four pictures a second"


def grab(page, lane, lanes=8):
    """Move the mouse onto a prompt that waits in a lane, as a hand looks for it; where it is."""
    canvas = page.locator(LANES).first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    high = (box["height"] - 28) / lanes
    for y in (0.5, 0.25, 0.75):
        for x in range(24, int(box["width"] * 0.6), 4):
            at = box["x"] + x, box["y"] + 6 + high * (lane + y)
            page.mouse.move(*at)
            if canvas.evaluate("(c) => c.style.cursor") == "grab":
                return at, high
    return None, high


def choose(page, request):
    """Press the key for the next prompt until the one wanted is told."""
    for _ in range(30):
        page.keyboard.press("ArrowDown")
        if words(page).startswith(f"Request {request} "):
            return
    raise AssertionError(f"request {request} is on no belt")


def test_a_prompt_that_is_dragged_is_simulated_again_and_the_picture_goes_on(browser, tmp_path):
    """Quick: the page of `save_html` with Python behind it; the next test has JupyterLab too."""
    few = il.Workload.like("azure-2023-conv", rate_scale=9, requests=800, seed=0)
    view = replay(CLUSTER, few)

    def simulated(ask):
        view.ask = ask
        return json.loads(json.dumps(view.picture))  # as a message of the kernel has it

    path = view.save_html(tmp_path / "page.html")
    text, found = re.subn(r"const model = .*", lambda _: LIVE, path.read_text("utf-8"), count=1)
    assert found
    path.write_text(text.replace('"live":false', '"live":true', 1), "utf-8")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.expose_function("simulated", simulated)
    page.goto(path.as_uri())
    page.wait_for_selector(".cluster-view[data-shows]")
    focus, before = view.focus, view.sides[0].log
    old = int(before["replica"][focus])
    new = old + 1 if old < 7 else old - 1
    page.locator(LANES).first.focus()
    for _ in range(16):  # 20 ms each: just after its arrival
        page.keyboard.press("ArrowRight")
    spot, high = grab(page, old)
    page.mouse.down()
    request = int(re.match(r"Request (\d+) ", words(page))[1])
    then = now_ms(page)
    assert before["replica"][request] == old
    page.mouse.move(spot[0], spot[1] + high * (new - old), steps=4)
    page.mouse.up()
    said = page.locator(".outcome p")
    said.filter(has_text=f"as if request {request} had been sent to replica {new}").wait_for()
    assert said.inner_text().startswith(view.picture["said"])
    after = view.sides[0].log
    assert after["replica"][request] == new and view.sides[0].pins == {request: new}
    assert (after["ttft"] != before["ttft"]).any()
    assert now_ms(page) == then, "it goes on from the same instant"

    page.get_by_role("button", name="Put it back").click()
    page.get_by_role("button", name="Put it back").wait_for(state="hidden")
    assert (view.sides[0].log.requests == before.requests).all()
    page.close()


@pytest.mark.slow
def test_a_prompt_is_dragged_to_another_lane_and_the_view_outlives_what_happens(
    view, browser, tmp_path
):
    """By mouse and by keys; then another theme, another page of the browser, another kernel."""
    focus, log = view.picture["focus"], view.sides[0].log
    old = int(log["replica"][focus])
    new = old + 1 if old < 7 else old - 1

    def said_of(request, lane):
        router = Pinned("round_robin", {request: lane})
        run = il.simulate(replace(CLUSTER, router=router), CHAT)
        words = moved(log.ttft_s, log_of_run(run), request)
        return (
            f"Round robin: simulated again from {CHAT.arrival_s[request]:.2f} s on, as if request "
            f"{request} had been sent to replica {lane} at its arrival. {words}"
        )

    def log_of_run(run):
        return np.rint(run.ttft_s / 1e-4) * 1e-4

    with jupyter.lab(browser, tmp_path, CELLS) as page:
        page.set_viewport_size({"width": 1440, "height": 950})
        lanes, said = page.locator(LANES).first, page.locator(".outcome p")
        lanes.wait_for()
        page.wait_for_selector(".cluster-view[data-shows]")
        page.get_by_role("button", name="Speed 1/10").click()
        lanes.focus()
        for _ in range(16):  # 20 ms each: just after its arrival
            page.keyboard.press("ArrowRight")
        at, high = grab(page, old)
        page.get_by_role("button", name="Play").click()
        page.mouse.move(*at)
        page.mouse.down()
        request = int(re.match(r"Request (\d+) ", words(page))[1])
        then = now_ms(page)
        assert log["replica"][request] == old
        page.mouse.move(at[0], at[1] + high * (new - old), steps=4)
        page.mouse.up()
        said.filter(has_text=said_of(request, new)).wait_for()
        page.get_by_role("button", name="Pause").click()  # it played before, so it plays on
        assert then < now_ms(page) < then + 2000

        page.get_by_role("button", name="Put it back").click()
        page.get_by_role("button", name="Put it back").wait_for(state="hidden")
        lanes.focus()
        to_ms = CHAT.arrival_s[focus] * 1e3 + 20
        for _ in range(round((now_ms(page) - to_ms) / 20)):
            page.keyboard.press("ArrowLeft")
        choose(page, focus)
        page.keyboard.press("Shift+ArrowDown" if new > old else "Shift+ArrowUp")
        said.filter(has_text=said_of(focus, new)).wait_for()

        page.locator(".policy select").first.select_option("fewest requests")
        said.filter(has_text="Fewest requests: simulated again from the start. ").wait_for()
        with jupyter.theme(page, "Dark"):
            page.wait_for_timeout(300)
            light = page.evaluate(
                """() => {
                    const pen = document.querySelector(".stage canvas").getContext("2d");
                    const { data } = pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height);
                    return data.filter((_, i) => i % 4 === 0).reduce((a, b) => Math.max(a, b));
                }"""
            )
            assert light > 200, "the limit is drawn in the ink of the dark theme"

        jupyter.choose(page, "File", "Save Notebook")
        page.wait_for_timeout(500)
        page.reload()
        page.wait_for_selector(".cluster-view[data-shows]")
        assert page.locator(".policy select").first.input_value() == "fewest requests"
        page.locator(".policy select").first.select_option("at random")
        said.filter(has_text="At random: simulated again from the start. ").wait_for()

        page.locator(".jp-Notebook .jp-CodeCell .cm-content").last.click()
        page.keyboard.press("Control+Enter")  # run again: a new view in place of the old one
        page.wait_for_function("document.querySelector('.policy select')?.value === 'round robin'")
        assert page.locator(".cluster-view").count() == 1

        jupyter.choose(page, "Kernel", "Restart Kernel…")
        page.locator(".jp-Dialog button.jp-mod-warn").click()
        page.locator(".cluster-view .notice").filter(has_text="Run this view's cell").wait_for()
        start = now_ms(page)
        page.get_by_role("button", name="Play").click()
        page.wait_for_function(
            "(t) => document.querySelector('.cluster-view').dataset.shows > t", arg=start
        )
