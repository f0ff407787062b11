"""What a learner's first clicks and keys do in JupyterLab."""

import jupyter
import pytest

from inference_lab.workbook.folder import start

TERM = """
() => [...document.querySelectorAll(".jp-MarkdownCell h2")]
  .filter((heading) => heading.textContent.trim().startsWith("TPOT"))
  .some((heading) => {
    const box = heading.getBoundingClientRect();
    return box.height > 0 && box.top > 0 && box.bottom < window.innerHeight;
  })
"""
FOCUS = "() => document.activeElement.type"
SLIDER = "() => document.querySelector('input[type=range]').value"


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """Lesson 05 as a learner opens it for the first time, not run; and nothing else is open."""
    folder = tmp_path_factory.mktemp("frame")
    start(jupyter.COURSE, folder / "my_course")
    with (
        jupyter.server(folder, folder / "my_course") as address,
        browser.new_context(viewport=jupyter.SCREEN) as context,
    ):
        yield jupyter.opened(context, address, "05_the_latency_that_matters.ipynb")


def test_the_first_link_to_the_glossary_opens_at_the_term(page):
    page.get_by_role("link", name="TPOT", exact=True).click()
    page.wait_for_function(TERM, timeout=jupyter.START_S * 1e3)
    page.wait_for_timeout(1000)  # cells above are still drawn; the term must stay in sight
    assert page.evaluate(TERM)


def test_the_keys_that_the_text_names_move_the_slider(browser, tmp_path):
    setup = "import inference_lab as il\nfrom inference_lab.lab.views import ttft_under_load\n"
    replica = "il.AffineReplica(prefill_s=(0.07, 0, 0), decode_s=(0.01, 0, 0))"
    with jupyter.lab(browser, tmp_path, [f"{setup}ttft_under_load({replica})"]) as page:
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(2000)
        page.wait_for_selector("input[type=range]")
        for _ in range(5):
            page.keyboard.press("Tab")
            if page.evaluate(FOCUS) == "range":
                break
        before = int(page.evaluate(SLIDER))
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            f"() => document.querySelector('input[type=range]').value > {before}"
        )
