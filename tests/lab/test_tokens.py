"""The colours of the tokens are told apart by all kinds of sight, and stand out from the page.

CIEDE2000 after Sharma, Wu and Dalal (2005), whose own test pairs check it below. Two models of
colour blindness, the worse of which counts: Machado, Oliveira and Fernandes (2009) at severity 1,
and Brettel, Viénot and Mollon (1997), from its definition. (colour-science has both formulas, and
brings 100 MB and scipy; both were compared with it once: 24.4 and 17.4 for the light set.)
"""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest

import inference_lab.serving.parts as serving
from inference_lab.lab.tokens import PARTS, THEMES, TOKENS, TOLD_APART, colour, css, js

GROUNDS = {"light": ("#ffffff", "#f5f5f5"), "dark": ("#111111", "#1e1e1e")}  # JupyterLab, VS Code
LEAST_DIFFERENCE, LEAST_OF_MARKS, LEAST_OF_TEXT = 15, 3, 4.5

TO_XYZ = np.array(  # linear sRGB, white D65 (IEC 61966-2-1)
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.119192, 0.9503041],
    ]
)
TO_CONES = np.array(  # Smith and Pokorny (1975)
    [[0.15514, 0.54312, -0.03286], [-0.15514, 0.45684, 0.03286], [0, 0, 0.01608]]
)
MACHADO = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
ANCHORS = {  # XYZ of two lights that both eyes see alike (CIE 1931): 475, 575; 485, 660 nm
    "protan": [(0.1421, 0.1126, 1.0419), (0.8425, 0.9154, 0.0018)],
    "deutan": [(0.1421, 0.1126, 1.0419), (0.8425, 0.9154, 0.0018)],
    "tritan": [(0.05795, 0.1693, 0.6162), (0.1649, 0.0610, 0.0)],
}
SIGHTS = ("normal", *MACHADO)
SHARMA = [  # L, a, b of two colours and their CIEDE2000: rows of the paper's table 1
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0011), 7.2195),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


def linear(hexadecimal):
    """Linear sRGB from 0 to 1."""
    c = np.array([int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIELAB of a linear sRGB colour, white D65."""
    t = TO_XYZ @ np.clip(rgb, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def ciede2000(one, other):
    """The difference of two CIELAB colours."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    stretch = 1.5 - math.sqrt(mean**7 / (mean**7 + 25**7)) / 2
    c1, c2 = math.hypot(stretch * a1, b1), math.hypot(stretch * a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, stretch * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    hue = (h1 + h2 if c1 * c2 == 0 else 2 * h1 + turn) / 2 % 360
    step = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    cos = [
        math.cos(math.radians(k * hue - shift)) for k, shift in ((1, 30), (2, 0), (3, -6), (4, 63))
    ]
    t = 1 - 0.17 * cos[0] + 0.24 * cos[1] + 0.32 * cos[2] - 0.20 * cos[3]
    by_l = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    by_c, by_h = (c2 - c1) / (1 + 0.045 * chroma), step / (1 + 0.015 * chroma * t)
    blue = math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2)))
    twist = -math.sin(blue) * 2 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    return math.sqrt(by_l**2 + by_c**2 + by_h**2 + twist * by_c * by_h)


def brettel(rgb, sight):
    """What is left of a colour when one kind of cone is missing: on one of two half-planes."""
    missing = list(MACHADO).index(sight)
    to_cones = TO_CONES @ TO_XYZ
    cones, white = to_cones @ rgb, to_cones.sum(axis=1)
    border = np.cross(white, np.eye(3)[missing])  # the plane that parts the two halves
    ends = [TO_CONES @ np.array(anchor) for anchor in ANCHORS[sight]]
    end = ends[0] if (border @ cones) * (border @ ends[0]) >= 0 else ends[1]
    plane = np.cross(white, end)
    cones[missing] = 0
    cones[missing] = -(plane @ cones) / plane[missing]
    return np.linalg.solve(to_cones, cones)


def seen(hexadecimal, sight):
    """CIELAB of a colour by each model of this kind of sight."""
    rgb = linear(hexadecimal)
    if sight == "normal":
        return [lab(rgb)]
    return [lab(np.array(MACHADO[sight]) @ rgb), lab(brettel(rgb, sight))]


def least_difference(colours, sight):
    pairs = itertools.combinations(colours, 2)
    return min(
        ciede2000(*both)
        for a, b in pairs
        for both in zip(seen(a, sight), seen(b, sight), strict=True)
    )


def contrast(one, other):
    """As in WCAG 2.2."""
    dark, bright = sorted(TO_XYZ[1] @ linear(c) for c in (one, other))
    return (bright + 0.05) / (dark + 0.05)


def test_the_formula_gives_its_authors_numbers():
    for one, other, expected in SHARMA:
        assert ciede2000(one, other) == pytest.approx(expected, abs=5e-5)
        assert ciede2000(other, one) == pytest.approx(expected, abs=5e-5)


def test_a_simulated_eye_keeps_grey_and_confuses_what_it_should():
    for sight in MACHADO:
        for model in seen("#808080", sight):
            assert np.hypot(*model[1:]) < 1
    red, green = seen("#d55e00", "protan"), seen("#8a8a00", "protan")
    assert all(ciede2000(a, b) < 15 for a, b in zip(red, green, strict=True))
    assert ciede2000(seen("#d55e00", "normal")[0], seen("#8a8a00", "normal")[0]) > 30


@pytest.mark.parametrize("theme", THEMES)
def test_parts_are_told_apart_by_every_kind_of_sight(theme):
    colours = [colour(part, theme) for part in TOLD_APART]
    least = {sight: least_difference(colours, sight) for sight in SIGHTS}
    assert {sight: d for sight, d in least.items() if d < LEAST_DIFFERENCE} == {}
    expected = {"light": (24.4, 17.0, 17.4, 16.8), "dark": (20.3, 17.3, 18.8, 17.4)}[theme]
    assert tuple(least.values()) == pytest.approx(expected, abs=0.1)


def test_the_set_before_would_fail():
    before = ["#56b4e9", "#e69f00", "#0072b2", "#cc79a7", "#009e73"]  # Okabe and Ito (2008)
    assert least_difference(before, "tritan") < 9
    assert contrast("#e69f00", "#ffffff") < LEAST_OF_MARKS


@pytest.mark.parametrize("theme", THEMES)
def test_marks_and_text_stand_out_from_every_ground(theme):
    marks, text = [*PARTS, "accent"], ["ink", "soft"]
    for names, least in ((marks, LEAST_OF_MARKS), (text, LEAST_OF_TEXT)):
        faint = {
            (name, ground): round(contrast(colour(name, theme), ground), 2)
            for name in names
            for ground in GROUNDS[theme]
            if contrast(colour(name, theme), ground) < least
        }
        assert faint == {}
    assert contrast(colour("on_accent", theme), colour("accent", theme)) >= LEAST_OF_TEXT


def test_parts_are_those_of_the_simulator_and_decode():
    assert (*serving.PARTS, "decode") == PARTS


def test_style_sheet_and_script_carry_the_whole_table():
    sheet = css()
    for name, both in (TOKENS["parts"] | TOKENS["neutral"]).items():
        pair = f"light-dark({both['light']}, {both['dark']});"
        assert f"--lab-{name.replace('_', '-')}: {pair}" in sheet
    sizes = sum(len(TOKENS[group]) for group in ("type", "line", "radius", "space", "motion"))
    assert len(re.findall(r"^  --lab-[a-z-]+: .+;$", sheet, re.M)) == len(PARTS) + 8 + sizes
    assert "--lab-line-limit: 1.5px;" in sheet
    assert "--lab-motion-move: 200ms;" in sheet
    assert js().startswith("const TOKENS = {") and colour("queue", "dark") in js()


@pytest.mark.parametrize(("name", "theme"), [("red", "light"), ("ink", "sepia")])
def test_a_colour_that_is_not_there_is_named(name, theme):
    with pytest.raises(ValueError, match=name if theme == "light" else theme):
        colour(name, theme)
