"""Names and reasons as they may be shown: whatever a student wrote, it stays text."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

LONGEST = 200
FORMULA = ("=", "+", "-", "@")  # a spreadsheet computes a cell that begins with one of these


def shown(text: str) -> str:
    """The text in one printable line: control, unpaired and invisible characters are escaped.

    >>> shown("ada\\x1b[31m\\nbob")
    'ada\\\\x1b[31m\\\\x0abob'
    """
    line = "".join(c if c.isprintable() else _escaped(c) for c in text[: LONGEST + 1])
    return line if len(text) <= LONGEST else line[:LONGEST] + "..."


def cell(text: str) -> str:
    """The text as a spreadsheet's cell that is never computed.

    >>> cell("=1+2"), cell("ada")
    ("'=1+2", 'ada')
    """
    line = shown(text)
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line


def told_apart(names: Iterable[str]) -> dict[str, str]:
    """Each name as it is shown; names that look the same say of which characters they are made.

    >>> told_apart(["\\u00e9", "e\\u0301", "ada"])["e\\u0301"]
    'e\\\\u0301'
    """
    alike = defaultdict(list)
    for name in names:
        alike[unicodedata.normalize("NFKC", shown(name)).casefold()].append(name)
    found = {}
    for twins in alike.values():
        for name in twins:
            spelled = shown(name)
            if len(twins) > 1:
                spelled = "".join(c if c.isascii() else _escaped(c) for c in spelled)
            found[name] = spelled
    return found


def _escaped(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
