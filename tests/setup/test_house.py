"""The picture of the house shows every room, and the files that it names exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")


def test_every_room_is_in_the_picture_and_in_the_table():
    package = ROOT / "inference_lab"
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    rooms |= {path.stem for path in package.glob("*.py")} - {"__init__"}
    picture = TEXT.partition("```mermaid")[2].partition("```")[0]
    shown = set(re.findall(r'(\w+)\["', picture))
    assert rooms <= shown  # a room that is planned may be shown before it is built
    assert shown == set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))


def test_the_files_that_it_names_exist():
    named = {each for each in re.findall(r"`([\w/.]+/[\w/.]*)`", TEXT) if "NN" not in each}
    assert len(named) >= 8
    made_later = {".venv/", ".venv/bin/inference"}
    assert [each for each in named - made_later if not (ROOT / each).exists()] == []
