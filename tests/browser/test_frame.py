"""What a learner's first clicks and keys do in JupyterLab."""

import shutil

import jupyter
import pytest

TERM = """
() => [...document.querySelectorAll(".jp-MarkdownCell h2")]
  .filter((heading) => heading.textContent.trim().startsWith("TPOT"))
  .some((heading) => {
    const box = heading.getBoundingClientRect();
    return box.height > 0 && box.top > 0 && box.bottom < window.innerHeight;
  })
"""
FOCUS = "() => document.activeElement.type"
SLIDER = "() => Number(document.querySelector('.latency-view input[type=range]').value)"
MARK = "() => document.querySelector('.latency-view').classList.add('before')"


@pytest.fixture
def page(context, served):
    """Lesson 05 as a learner opens it for the first time, not run; its workspace is its own."""
    address, folder = served
    shutil.copy(folder / "05_the_latency_that_matters.ipynb", folder / "05_first.ipynb")
    page = jupyter.opened(context, address, "05_first.ipynb")
    yield page
    page.close()


def test_the_first_link_to_the_glossary_opens_at_the_term(page):
    page.get_by_role("link", name="TPOT", exact=True).click()
    page.wait_for_function(TERM, timeout=jupyter.START_S * 1e3)
    page.wait_for_timeout(1000)  # cells above are still drawn; the term must stay in sight
    assert page.evaluate(TERM)


def test_the_keys_that_the_text_names_move_the_slider(lessons):
    page = lessons("05").page
    cell = page.locator(".jp-CodeCell", has=page.locator(".latency-view"))
    cell.locator(".cm-content").click()
    page.evaluate(MARK)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".latency-view:not(.before) input[type=range]")
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUS) == "range":
            break
    before = int(page.evaluate(SLIDER))
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({SLIDER})() > {before}")
