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
    counts = {"slider": 2, "combobox": 1, "img": 1, "status": 3}  # a reading, a scale, "Copied."
    for role, count in counts.items():
        assert page.locator(slider.VIEW).get_by_role(role).count() == count, role
    assert page.locator(slider.VIEW).get_by_role("slider", name="Load").count() == 1
    assert page.locator(slider.VIEW).get_by_role("slider", name="Limit").count() == 1
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
                    const parts = [...root.querySelectorAll("svg text, input, select, output")];
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


def test_the_prompt_length_before_stays_with_its_name(page):
    for load in (20, 30):
        slider.step_ms(page, load)
    for choice in ("512 tokens", CHOSEN):
        choose(page, choice)
    assert "p99 before: 512 tokens" in page.locator(slider.PICTURE).text_content()
    assert page.locator(f"{slider.PICTURE} circle.former").count() >= 1
    assert page.locator(f"{slider.PICTURE} .range").count() == 1


LIMIT = f"{slider.VIEW} .limit-handle"
SCALE = f"{slider.VIEW} .scale-note"


def drag(page, by):
    """Drag the limit line so many pixels down."""
    page.locator(LIMIT).scroll_into_view_if_needed()
    box = page.locator(LIMIT).bounding_box()
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + by / 2)
    page.mouse.move(x, y + by)
    during = page.locator(f"{slider.VIEW} p[aria-live]").inner_text()
    page.mouse.up()
    return during


def limit_ms(page):
    return int(page.locator(LIMIT).get_attribute("aria-valuenow"))


def test_the_limit_is_dragged_in_the_picture_and_the_scale_follows(page):
    slider.step_ms(page, 60)
    before = limit_ms(page)
    drag(page, 40)
    after = limit_ms(page)
    assert after < before - 50
    said = f"limit of {after} ms"
    page.wait_for_function(
        "([view, said]) => document.querySelector(view + ' p').textContent.includes(said)",
        arg=[slider.VIEW, said],
    )
    assert f"ends at {after * 3 // 2}" in page.locator(SCALE).inner_text()
    page.locator(LIMIT).focus()
    for _ in range((before - after) // 10):
        page.keyboard.press("ArrowUp")
    assert limit_ms(page) == before


def test_the_scale_moves_at_once_for_those_who_want_no_motion(page):
    page.emulate_media(reduced_motion="reduce")
    try:
        place = "(node) => node.style.top"
        page.locator(LIMIT).focus()
        page.keyboard.press("PageDown")
        at_once = page.locator(LIMIT).evaluate(place)
        page.wait_for_timeout(300)
        assert page.locator(LIMIT).evaluate(place) == at_once
        page.keyboard.press("PageUp")
    finally:
        page.emulate_media(reduced_motion="no-preference")


def test_the_load_is_dragged_in_the_plot(page):
    slider.step_ms(page, 30)
    picture = page.locator(slider.PICTURE)
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    area = page.locator(LIMIT).bounding_box()
    page.mouse.move(area["x"] + 0.3 * area["width"], box["y"] + 350)
    page.mouse.down()
    page.mouse.move(area["x"] + 0.7 * area["width"], box["y"] + 350)
    page.mouse.up()
    page.wait_for_function(
        f"document.querySelector({slider.PICTURE!r}).dataset.shows.startsWith('70 ')"
    )
