"""The view of lesson 05 in a real browser: it answers the mouse and the keys, and can be read."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import jupyter
import slider

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    with jupyter.lab(browser, tmp_path_factory.mktemp("lab"), slider.CELLS) as opened:
        opened.wait_for_selector(slider.PICTURE)
        yield opened


def test_slider_draws_the_load_it_stands_at(page):
    slider.step_ms(page, 50)
    assert page.locator(slider.PICTURE).get_attribute("data-shows") == "50 2,048 tokens"
    assert "At load 50 %" in page.locator(f"{slider.VIEW} p").inner_text()


def test_queue_grows_with_load_and_prefill_does_not(page):
    def p99(percent):
        slider.step_ms(page, percent)
        said = page.locator(f"{slider.VIEW} p").inner_text()
        return [int(n) for n in re.search(r"p99 TTFT \d+ ms = (\d+) queue \+ (\d+)", said).groups()]

    (queue_low, prefill_low), (queue_high, prefill_high) = p99(20), p99(80)
    assert queue_high > 4 * queue_low
    assert prefill_high == prefill_low == 74


def test_arrow_keys_move_the_slider_and_not_the_notebook(page):
    slider.step_ms(page, 40)
    page.locator(slider.SLIDER).focus()
    for key, expected in (("ArrowRight", "45"), ("ArrowDown", "40"), ("ArrowUp", "45")):
        page.keyboard.press(key)
        page.wait_for_function(
            f"document.querySelector({slider.PICTURE!r}).dataset.shows.startsWith('{expected} ')"
        )
    assert page.evaluate("document.activeElement.type") == "range"


def test_a_fast_hand_ends_at_the_last_position(page):
    for percent in range(5, 90, 5):
        page.evaluate(
            """([percent]) => {
                const slider = document.querySelector(".latency-view input");
                slider.value = percent;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            [percent],
        )
    slider.step_ms(page, 65)
    assert page.locator(slider.PICTURE).get_attribute("data-shows").startswith("65 ")


def test_prompt_length_can_be_chosen(page):
    page.locator(f"{slider.VIEW} select").select_option("8,192 tokens")
    page.wait_for_function(
        f"document.querySelector({slider.PICTURE!r}).dataset.shows.endsWith(' 8,192 tokens')"
    )
    assert "+ 314 prefill" in page.locator(f"{slider.VIEW} p").inner_text()


def test_every_control_and_the_picture_have_a_name(page):
    for role in ("slider", "combobox", "img", "status"):
        found = page.locator(slider.VIEW).get_by_role(role)
        assert found.count() == 1, role
    assert page.locator(slider.VIEW).get_by_role("slider", name="Load").count() == 1
    assert page.locator(slider.VIEW).get_by_role("combobox", name="Prompt").count() == 1
    assert page.locator(slider.VIEW).get_by_role("img", name="p99 TTFT").count() == 1
