"""A lesson in JupyterLab as a learner has it: it runs to its end, and it can be read."""

import io
from urllib.parse import urlsplit

import jupyter
import pytest
import reading
from matplotlib.image import imread

THEMES = ("Light", "Dark")
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
WITHOUT_HOST = {"data", "blob", "about"}

# Of each code cell: what it put out, in words that are the same in a notebook.
CELLS = """
() => [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")].map((cell) => ({
  error: cell.querySelector("[data-mime-type='application/vnd.jupyter.error']") !== null ||
    cell.querySelector("[data-mime-type='application/vnd.jupyter.stderr']") !== null,
  pictures: [...cell.querySelectorAll(":not(.lab-stand-in) > .lab-still img")].map((picture) =>
    picture.complete && picture.naturalWidth > 0 && picture.clientWidth > 0 && picture.alt !== ""),
  words: [...cell.querySelectorAll(".jp-OutputArea-output:not(.jp-RenderedHTML)")]
    .map((output) => output.textContent.trim()).join(""),
}))
"""


@pytest.fixture(
    scope="module", params=[(n, t) for n in jupyter.LESSONS for t in THEMES], ids="-".join
)
def themed(request, lessons):
    """Each lesson in each theme; of the module, so that a theme is changed once."""
    number, name = request.param
    lesson = lessons(number)
    with jupyter.theme(lesson.page, name):
        yield lesson


@pytest.fixture
def axe():
    """Skips where axe-core is not installed."""
    reason = "looks for barriers, and axe-playwright-python (extra `browser`) is not installed"
    pytest.importorskip("axe_playwright_python", reason=reason)


def committed_pictures(lesson):
    """How many still pictures each code cell has in the committed notebook; a view is none."""
    views = lesson.tagged("widget")
    code = [cell for cell in lesson.cells if cell["cell_type"] == "code"]
    counts = [sum(is_still(output) for output in cell["outputs"]) for cell in code]
    return [0 if place in views else count for place, count in enumerate(counts)]


def is_still(output):
    return any("lab-still" in line for line in output.get("data", {}).get("text/html", ""))


def foreign(addresses):
    """The addresses that are not of this machine."""
    parts = [(address, urlsplit(address)) for address in addresses]
    return [a for a, p in parts if p.scheme not in WITHOUT_HOST and host(p) not in LOOPBACK]


def host(parts):
    return parts.netloc.rpartition("@")[2].rpartition(":")[0] or parts.netloc


def test_run_all_reaches_the_last_cell(lesson):
    code = sum(cell["cell_type"] == "code" for cell in lesson.cells)
    assert lesson.counts == list(range(1, code + 1))


def test_only_checks_of_unsolved_exercises_and_those_on_purpose_fail(lesson):
    failed = [i for i, cell in enumerate(lesson.page.evaluate(CELLS)) if cell["error"]]
    assert failed == lesson.tagged("raises-exception")


def test_still_pictures_are_there_with_their_reading_in_words(themed):
    cells = themed.page.evaluate(CELLS)
    assert [len(cell["pictures"]) for cell in cells] == committed_pictures(themed)
    assert all(all(cell["pictures"]) for cell in cells)
    assert all(cell["words"] for cell in cells if cell["pictures"])


def test_stills_have_the_ink_of_the_theme_and_its_ground(themed):
    """A picture that is drawn dark on dark, or as a white slab, is the wrong one."""
    dark = themed.page.locator("body[data-jp-theme-light=false]").count() == 1
    for picture in themed.page.locator(":not(.lab-stand-in) > .lab-still img").all():
        picture.scroll_into_view_if_needed()
        seen = imread(io.BytesIO(picture.screenshot()))[..., :3].mean(axis=2)
        ground, other = seen[1, 1], (seen.max() if dark else seen.min())
        assert ground == pytest.approx(17 / 255 if dark else 1, abs=0.01)  # #111111, white
        assert abs(other - ground) > 0.7


def test_text_of_the_views_stands_out_from_its_ground(themed):
    texts = reading.contrasts(themed.page)
    assert len(texts) >= 10 * len(themed.tagged("widget"))
    assert [text for text in texts if text["contrast"] < reading.LEAST_CONTRAST] == []


def test_faint_text_is_seen(lessons):
    page = lessons("05").page
    with jupyter.theme(page, "Light"):
        style = page.add_style_tag(content=".latency-view p { color: #888 !important }")
        texts = reading.contrasts(page)
        style.evaluate("(node) => node.remove()")
    (faint,) = [text for text in texts if text["contrast"] < reading.LEAST_CONTRAST]
    assert faint["text"].startswith("At load")
    assert faint["contrast"] == pytest.approx(3.54, abs=0.01)  # of #888 on white


@pytest.mark.usefixtures("axe")
def test_axe_finds_no_barrier(themed):
    assert reading.barriers(themed.page) == []


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("<input type='range'>", "label"),
        ("<select><option>1</option></select>", "select-name"),
        ("<button></button>", "button-name"),
        ("<svg role='img'></svg>", "svg-img-alt"),
        ("<p style='color: #ccc; background: white'>faint</p>", "color-contrast"),
    ],
)
def test_axe_would_find_it(lessons, fault, rule):
    page = lessons("05").page
    page.evaluate(
        "([view, html]) => document.querySelector(view)"
        ".insertAdjacentHTML('beforeend', `<div id='fault'>${html}</div>`)",
        [reading.VIEWS, fault],
    )
    page.locator("#fault").evaluate("(node) => node.scrollIntoView({ block: 'center' })")
    try:
        found = reading.barriers(page, "#fault")
    finally:
        page.evaluate("document.getElementById('fault').remove()")
    assert [one.split()[0] for one in found] == [rule]


def test_an_address_of_elsewhere_is_seen():
    ours = ["http://127.0.0.1:1/a?b", "ws://localhost:2/", "data:,a", "blob:http://127.0.0.1/x"]
    others = ["https://cdn.example/a.js", "http://127.0.0.1.example/", "wss://10.0.0.1:80/"]
    assert foreign(ours + others) == others


def test_a_request_to_elsewhere_is_seen(lessons):
    page, requests = lessons("05").page, lessons("05").requests
    address = "http://elsewhere.invalid/a.js"
    page.route(address, lambda route: route.abort())
    with page.expect_request(address):
        page.evaluate("(address) => { new Image().src = address; }", address)
    page.unroute(address)
    assert foreign(requests) == [address]
    requests.remove(address)


def test_no_request_leaves_this_machine(lesson):
    assert len(lesson.requests) > 50
    assert any(address.startswith("ws:") for address in lesson.requests), "the kernel's channel"
    assert foreign(lesson.requests) == []
