"""A still is an image in the theme's colours that says what it shows."""

import base64
import re

import matplotlib.pyplot as plt
import pytest

from inference_lab.lab.plots.style import COLOURS, INK, LOOKS, in_style, new_axes
from inference_lab.lab.still import still, svg
from inference_lab.lab.tokens import PARTS, TOKENS


@pytest.fixture
def fig():
    drawn, axes = new_axes(2)
    for row, part in enumerate(PARTS):
        axes.barh(row, 1, **LOOKS[part])
    axes.plot([0, 1], [0, 1], color="#123456")
    axes.text(0, 0, "words")  # black, as matplotlib has it
    yield drawn
    plt.close(drawn)


def test_colours_of_the_tokens_follow_the_theme_and_others_stay(fig):
    head, drawn = svg(fig).split("</style>", 1)
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawn)) == {"#123456"}
    for part in ("queue", "kv_transfer"):
        name, both = f"--lab-{part.replace('_', '-')}", TOKENS["parts"][part]
        assert f"var({name})" in drawn
        assert f"{name}:light-dark({both['light']},{both['dark']});" in head
    assert ":root{color-scheme:light dark;" in head


def test_it_has_no_ground_of_its_own(fig):
    fills = re.findall(r"fill: ([^;\"]+)", svg(fig))
    assert fills.count("var(--lab-ground)") == sum(
        LOOKS[part]["facecolor"] != COLOURS[part] for part in PARTS
    )


def test_the_same_figure_gives_the_same_text(fig):
    assert svg(fig) == svg(fig)


def test_words_stay_words_in_the_fonts_of_the_page(fig):
    assert ">words</text>" in svg(fig)
    assert f"text{{font-family:{TOKENS['type']['family']}!important" in svg(fig)


def test_the_image_carries_its_alt_text_and_the_svg(fig):
    shown = still(fig, 'p99 < 2 s, "good"')
    assert '<img alt="p99 &lt; 2 s, &quot;good&quot;" src="data:image/svg+xml;base64,' in shown
    source = re.search(r"base64,([^\"]+)", shown).group(1)
    assert base64.b64decode(source).decode() == svg(fig)


def test_the_look_ends_with_the_picture():
    @in_style
    def draw():
        return plt.rcParams["text.color"], ""

    before = dict(plt.rcParams)
    assert draw()[0] == INK
    assert dict(plt.rcParams) == before
