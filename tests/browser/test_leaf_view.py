"""The view of the leaf in a real browser: its pipe is dragged, its time is played."""

import pytest

VIEW = ".leaf-view"
PICTURE = f"{VIEW} svg"
HANDLE = f"{VIEW} [role=slider]"
SHOWS = "(ratio) => document.querySelector('.leaf-view svg').dataset.shows.startsWith(ratio)"
LAST = 77  # of frames of a tenth of a second, from 0
PLAY_MS = 15_000  # eight seconds, on a busy machine


@pytest.fixture
def page(lessons):
    """The lesson with its view at 4:1, paused at the end."""
    opened = lessons("03").page
    opened.locator(HANDLE).evaluate(
        "(node) => node.scrollIntoView({ block: 'center', behavior: 'instant' })"
    )
    while opened.locator(PICTURE).get_attribute("data-shows") != "4:1 true":
        now = int(opened.locator(HANDLE).get_attribute("aria-valuenow"))
        opened.locator(HANDLE).press("ArrowDown" if now > 400 else "ArrowUp")
        opened.wait_for_timeout(300)
    return opened


def at(page):
    return int(page.locator(PICTURE).get_attribute("data-frame"))


def test_the_edge_of_the_uplinks_is_dragged(page):
    box = page.locator(HANDLE).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 48, steps=6)  # as wide as four more NICs, twelve pixels each
    page.mouse.up()
    page.wait_for_function(SHOWS, arg="2:1 ")
    assert "the uplinks carry 800" in page.locator(f"{VIEW} p").inner_text()
    moved = page.locator(HANDLE).bounding_box()
    assert moved["y"] == pytest.approx(box["y"] - 48, abs=2)


def test_time_is_played_and_paused(page):
    page.get_by_role("button", name="Play", exact=True).press("Home")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(
        f"() => Number(document.querySelector({PICTURE!r}).dataset.frame) > 3", timeout=PLAY_MS
    )
    page.get_by_role("button", name="Pause", exact=True).click()
    stood = at(page)
    page.wait_for_timeout(400)
    assert at(page) == stood


def test_time_is_moved_by_keys_and_by_hand(page):
    play = page.get_by_role("button", name="Play", exact=True)
    play.press("Home")
    assert at(page) == 0
    play.press("ArrowRight")
    assert at(page) == 1 and page.locator(f"{VIEW} .clock").inner_text().startswith("0.2 of 7.8 s")
    play.press("ArrowLeft")
    play.press("ArrowLeft")
    assert at(page) == 0
    play.press("End")
    assert at(page) == LAST
    box = page.locator(PICTURE).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.7)
    assert 30 < at(page) < 50


def test_who_wants_less_motion_gets_the_end_at_once(page):
    page.get_by_role("button", name="Play", exact=True).press("Home")
    page.emulate_media(reduced_motion="reduce")
    try:
        page.get_by_role("button", name="Play", exact=True).click()
        assert at(page) == LAST
        assert page.get_by_role("button", name="Play", exact=True).count() == 1
    finally:
        page.emulate_media(reduced_motion="no-preference")


def test_the_picture_keeps_its_words_inside_at_every_width(page):
    """No text of the picture sticks out of it, from 800 to 1,900 pixels."""
    try:
        for width in (800, 1200, 1900):
            page.set_viewport_size({"width": width, "height": 1000})
            page.wait_for_timeout(400)
            outside = page.evaluate(
                """(selector) => {
                    const svg = document.querySelector(selector), all = svg.getBoundingClientRect();
                    return [...svg.querySelectorAll("text")]
                      .filter((text) => {
                        const box = text.getBoundingClientRect();
                        return box.left < all.left - 1 || box.right > all.right + 1;
                      })
                      .map((text) => text.textContent);
                }""",
                PICTURE,
            )
            assert outside == [], width
    finally:
        page.set_viewport_size({"width": 1200, "height": 1000})
