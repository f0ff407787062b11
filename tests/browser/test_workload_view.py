"""The view that lesson 01 opens with: a late request, and a hand that sends it elsewhere."""

import pytest

import inference_lab as il
from inference_lab.lab.views import replay

LLAMA, H100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
REPLICA = il.Replica(LLAMA, H100, tp=4, stack="vllm-2025")
CLUSTER = il.Cluster(REPLICA, replicas=8, token_budget=4096)
CHAT = il.Workload.like("azure-2023-conv", rate_scale=8, requests=2_000, seed=0)
FOCUS = 1700


@pytest.fixture
def page(browser, tmp_path):
    """The lesson's view on a page of its own."""
    view = replay(CLUSTER, CHAT, routers=("least_outstanding", "round_robin"))
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(view.save_html(tmp_path / "page.html").as_uri())
    page.wait_for_selector(".cluster-view[data-shows]")
    yield page
    context.close()


def now_s(page):
    return float(page.locator(".cluster-view").get_attribute("data-shows")) / 1e3


def test_it_opens_paused_at_the_late_request_and_says_what_that_waits_for(page):
    assert now_s(page) == pytest.approx(CHAT.arrival_s[FOCUS] - 0.3, abs=0.01)
    page.wait_for_timeout(300)
    assert now_s(page) == pytest.approx(CHAT.arrival_s[FOCUS] - 0.3, abs=0.01)
    said = page.locator(".cluster-view").inner_text()
    assert "Request 1700 (181 tokens)" in said
    assert "behind 2 prompts with 10,639 tokens together" in said


def test_n_leads_to_a_later_late_request(page):
    page.keyboard.press("n")
    page.wait_for_function(
        "before => +document.querySelector('.cluster-view').dataset.shows > before",
        arg=1e3 * now_s(page) - 1,
    )
    first_s = now_s(page)
    page.keyboard.press("n")
    page.wait_for_timeout(300)
    assert now_s(page) > first_s
