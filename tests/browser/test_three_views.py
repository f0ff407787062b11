"""The views of batches and of goodput in a real browser, in a light and in a dark notebook."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import jupyter

pytestmark = pytest.mark.slow

CELLS = [
    """import inference_lab as il
from inference_lab.lab.views import batch_against_tpot, goodput_over_rate, ttft_under_load
llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
replicas = {name: il.Replica(llama, h100, tp=4, stack=name) for name in ("ideal", "vllm-2025")}
""",
    'ttft_under_load(replicas["ideal"])',
    "batch_against_tpot(replicas)",
    'goodput_over_rate(replicas["ideal"], requests=4_000)',
]
VIEWS = (".latency-view", ".batch-view", ".goodput-view")

CONTRAST = """
(view) => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((n) => n / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = light(getComputedStyle(document.querySelector(".jp-Notebook")).backgroundColor);
  const root = document.querySelector(view);
  const texts = [...root.querySelectorAll("svg text, p, label, summary, pre, .legend span")];
  return Math.min(...texts.map((node) => {
    const style = getComputedStyle(node);
    const ink = light(node.closest("svg") ? style.fill : style.color);
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  }));
}
"""

CUT = """
(view) => {
  const root = document.querySelector(view), frame = root.getBoundingClientRect();
  const inside = (node) => {
    const box = node.getBoundingClientRect();
    return box.width === 0 || (box.left >= frame.left - 1 && box.right <= frame.right + 1);
  };
  const parts = [...root.querySelectorAll("svg text, input, select, button, progress, pre")];
  return parts.filter((part) => !inside(part)).map((part) => part.textContent || part.tagName);
}
"""


@pytest.fixture(scope="module", params=["Light", "Dark"])
def page(request, browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    with jupyter.lab(browser, folder, CELLS) as opened, jupyter.theme(opened, request.param):
        opened.wait_for_selector(".goodput-view svg")
        yield opened


def shows(page, view, words):
    script = "([view, words]) => document.querySelector(view + ' svg').dataset.shows === words"
    page.wait_for_function(script, arg=[view, words])


def move(page, place):
    slider = page.locator(".batch-view input")
    slider.evaluate(
        """(slider, place) => {
            slider.value = place;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        place,
    )


def test_slider_of_users_draws_both_curves_and_keys_stay_in_it(page):
    move(page, 9)
    shows(page, ".batch-view", "64 ideal")
    page.locator(".batch-view input").focus()
    page.keyboard.press("ArrowDown")
    shows(page, ".batch-view", "48 ideal")
    assert page.evaluate("document.activeElement.type") == "range"
    page.keyboard.press("Escape")  # gives the keys back to the notebook
    assert page.evaluate("document.activeElement.type") != "range"
    page.locator(".batch-view select").select_option("vllm-2025")
    shows(page, ".batch-view", "48 vllm-2025")
    assert page.locator(".batch-view svg .outline.other").count() == 2  # that of the stack before
    assert page.locator(".batch-view svg .cell.decode").count() == 48
    assert "At 48 users (vllm-2025)" in page.locator(".batch-view p").inner_text()


def test_run_can_be_stopped_and_started_afresh(page):
    run, stop = (page.locator(".goodput-view button", has_text=text) for text in ("Run", "Stop"))
    words = page.locator(".goodput-view p[aria-live]")
    progress = page.locator(".goodput-view progress")
    assert stop.is_disabled()
    run.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "parseInt(document.querySelector('.goodput-view svg').dataset.shows) > 0"
    )
    assert run.is_disabled()
    assert page.evaluate("document.activeElement.textContent") == "Stop"
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelector('.goodput-view svg').dataset.shows.endsWith('stopped')"
    )
    assert words.inner_text().startswith("Stopped after ")
    assert 0 < progress.evaluate("bar => bar.value") < 100
    assert page.evaluate("document.activeElement.textContent") == "Run"
    page.keyboard.press("Enter")
    shows(page, ".goodput-view", "13 done")
    assert progress.evaluate("bar => bar.value") == 100
    assert words.inner_text().startswith("The highest goodput is ")
    assert page.locator(".goodput-view svg circle.former").count() > 0


@pytest.mark.parametrize("view", VIEWS)
def test_text_can_be_read_and_everything_has_a_name(page, view):
    assert page.evaluate(CONTRAST, view) >= 4.5
    found = page.locator(view)
    assert found.evaluate("root => root.classList.contains('lab-view')")
    reading = found.locator("p[aria-live=polite]").inner_text()
    assert found.get_by_role("img", name=reading, exact=True).count() == 1
    for control in found.locator("input, select, button, progress").all():
        if control.is_visible():
            assert control.evaluate("node => node.ariaLabel || node.textContent.trim()")


@pytest.mark.parametrize("view", VIEWS)
def test_code_is_shown_even_where_a_page_may_not_copy(page, view):
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')); }")
    button = page.locator(f"{view} .code button")
    button.click()
    status = f"document.querySelector('{view} .code [role=status]').textContent"
    page.wait_for_function(f"{status}.trim().startsWith('Selected')")
    assert page.locator(f"{view} pre").is_visible()
    assert page.evaluate("getSelection().toString()").startswith("import inference_lab as il")


@pytest.mark.parametrize("view", VIEWS)
def test_no_width_cuts_anything_off(page, view):
    wide = page.viewport_size
    try:
        for width in (1900, 1440, 900, 800, 620):
            page.set_viewport_size({"width": width, "height": 1000})
            page.wait_for_timeout(300)
            assert page.evaluate(CUT, view) == [], width
    finally:
        page.set_viewport_size(wide)


def test_a_view_whose_kernel_is_gone_says_so(page):
    """The last one: what follows would have no kernel."""
    notice = page.locator(".latency-view .notice")
    assert notice.is_hidden()
    jupyter.choose(page, "Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.locator(".jp-Dialog").wait_for(state="detached")
    move_load = "(input) => { input.value = 20; input.dispatchEvent(new Event('input')); }"
    page.locator(".latency-view input").evaluate(move_load)
    notice.wait_for(state="visible", timeout=20_000)
    assert notice.inner_text().startswith("The kernel does not answer")
    assert page.locator(".latency-view svg .range").count() == 1, "the picture stays"
