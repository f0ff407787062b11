"""The view of lesson 05 in a real browser: it shows what was simulated, in every window."""

import re

import pytest
import slider

CHOSEN = "2,048 tokens"

# A picture in the width that it has now, and had in the frame before.
DRAWN = """
async (picture) => {
  const svg = document.querySelector(picture), width = () => svg.getBoundingClientRect().width;
  const before = width();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return width() === before && Math.abs(svg.viewBox.baseVal.width - Math.max(230, before)) <= 1;
}
"""


@pytest.fixture
def page(lessons):
    """The lesson with its view as it is at first, whatever was chosen before."""
    opened = lessons("05").page
    opened.locator(slider.VIEW).scroll_into_view_if_needed()
    choose(opened, CHOSEN)
    return opened


def choose(page, prompts):
    page.locator(f"{slider.VIEW} select").select_option(prompts)
    page.wait_for_function(
        f"document.querySelector({slider.PICTURE!r}).dataset.shows.endsWith(' {prompts}')"
    )


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
    for percent in (*range(5, 65, 5), *range(90, 65, -5)):
        page.evaluate(
            """([percent]) => {
                const slider = document.querySelector(".latency-view input");
                slider.value = percent;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            [percent],
        )
    slider.step_ms(page, 65)  # nowhere on the way, so that no earlier picture passes for it
    assert page.locator(slider.PICTURE).get_attribute("data-shows").startswith("65 ")


def test_prompt_length_can_be_chosen(page):
    choose(page, "8,192 tokens")
    assert "+ 314 prefill" in page.locator(f"{slider.VIEW} p").inner_text()


def test_every_control_and_the_picture_have_a_name(page):
    one_each = {"slider": 1, "combobox": 1, "img": 1}
    for role, count in (one_each | {"status": 2}).items():  # the reading, and "Copied."
        assert page.locator(slider.VIEW).get_by_role(role).count() == count, role
    assert page.locator(slider.VIEW).get_by_role("slider", name="Load").count() == 1
    assert page.locator(slider.VIEW).get_by_role("combobox", name="Prompt").count() == 1
    assert page.locator(slider.VIEW).get_by_role("img", name="p99 TTFT").count() == 1


def test_a_narrow_window_cuts_nothing_off_and_keeps_the_size_of_text(page):
    wide = page.viewport_size
    try:
        for width in (1360, 900, 620):
            page.set_viewport_size({"width": width, "height": 1000})
            page.wait_for_function(DRAWN, arg=slider.PICTURE)
            seen = page.evaluate(
                """(view) => {
                    const root = document.querySelector(view), frame = root.getBoundingClientRect();
                    const inside = (node) => {
                        const box = node.getBoundingClientRect();
                        return box.left >= frame.left - 1 && box.right <= frame.right + 1;
                    };
                    const svg = root.querySelector("svg");
                    const parts = [...root.querySelectorAll("svg text, input, select")];
                    return {
                        cut: parts.filter((part) => !inside(part)).map((part) => part.textContent),
                        scale: svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
                    };
                }""",
                slider.VIEW,
            )
            assert seen["cut"] == [], width
            assert abs(seen["scale"] - 1) < 0.02, width
    finally:
        page.set_viewport_size(wide)


def test_the_curve_of_the_prompt_length_before_stays_with_its_name(page):
    for choice in ("512 tokens", CHOSEN):
        choose(page, choice)
    assert "p99 before: 512 tokens" in page.locator(f"{slider.VIEW} .legend").inner_text()
    assert page.locator(f"{slider.PICTURE} circle.former").count() >= 1
