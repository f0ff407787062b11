"""The design tokens: one table of colours, sizes and lines that stills and views share.

`tokens.json` is the table. Python reads it as `TOKENS`, a style sheet gets it from `css`, a script
from `js`. Five parts have a colour of their own, told apart with every kind of sight; `rag`,
`router` and `frontend` are neutral and drawn hollow, and *late* or *you are here* is an outline of
ink. All else is neutral. No text stands on a fill.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from inference_lab.serving import parts

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, Theme] = ("light", "dark")
TOKENS: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("tokens.json").read_text("utf-8")
)
"""Colours in `parts` and `neutral` (by theme), then `type`, `line`, `radius`, `space`, `motion`."""

PARTS = (*parts.PARTS, "decode")
"""The parts of a request's life, in the order in which it meets them."""

TOLD_APART = tuple(TOKENS["parts"])
"""The parts with a colour of their own; the others are hollow, in the soft neutral."""

TOKENS["parts"] = {part: TOKENS["parts"].get(part, TOKENS["neutral"]["soft"]) for part in PARTS}


def colour(name: str, theme: Theme = "light") -> str:
    """The colour of a part, or of a neutral such as ``"ink"``, as ``#rrggbb``.

    Raises
    ------
    ValueError
        If there is no such colour or theme.

    Examples
    --------
    >>> colour("queue"), colour("ink", "dark")
    ('#cb6500', '#ececec')
    """
    known = TOKENS["parts"] | TOKENS["neutral"]
    if name not in known:
        raise ValueError(f"name={name!r} has no colour: use one of {', '.join(known)}")
    if theme not in THEMES:
        raise ValueError(f"theme={theme!r} is no theme: use one of {', '.join(THEMES)}")
    return known[name][theme]


def custom_property(name: str) -> str:
    """A colour's name in a style sheet.

    >>> custom_property("kv_transfer")
    '--lab-kv-transfer'
    """
    return f"--lab-{_kebab(name)}"


def label(part: str) -> str:
    """A part as readers see it.

    >>> label("kv_transfer"), label("queue")
    ('KV transfer', 'queue')
    """
    return {"kv_transfer": "KV transfer", "rag": "RAG", "frontend": "front end"}.get(part, part)


def css() -> str:
    """The table as custom properties of `.lab-view`: ``--lab-queue``, ``--lab-label``, ...

    Colours are ``light-dark(...)``, so that they follow the `color-scheme` of the view; sizes keep
    their unit, ``--lab-line-curve: 2px``.
    """
    lines = [
        f"  {custom_property(name)}: light-dark({both['light']}, {both['dark']});"
        for group in ("parts", "neutral")
        for name, both in TOKENS[group].items()
    ]
    for group in ("type", "line", "radius", "space", "motion"):
        for key, value in TOKENS[group].items():
            name, _, unit = key.rpartition("_")
            lines.append(f"  --lab-{group}-{_kebab(name or key)}: {value}{unit if name else ''};")
    return ".lab-view {\n" + "\n".join(lines) + "\n}\n"


def js() -> str:
    """The table as the constant ``TOKENS`` of a script, as it stands in the file."""
    return f"const TOKENS = {json.dumps(TOKENS)};\n"


def _kebab(name: str) -> str:
    return name.replace("_", "-")
