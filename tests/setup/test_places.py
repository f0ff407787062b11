"""No file and no commit names a place on the machine on which it was made."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"(?<![\w.])/(?:root|work)/[\w./-]*")


def git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace"
    )
    return done.stdout if done.returncode == 0 else ""


@pytest.fixture(scope="module")
def files() -> list[str]:
    """What git knows in this checkout."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("needs git, and this is no clone")
    return [each for each in git("ls-files", "-z").split("\0")[:-1] if (ROOT / each).exists()]


def test_no_file_names_one(files):
    assert len(files) > 300
    texts = {each: (ROOT / each).read_bytes().decode("utf-8", "replace") for each in files}
    found = {each: PLACE.findall(text) for each, text in texts.items() if PLACE.search(text)}
    assert found == {}


@pytest.mark.usefixtures("files")
def test_no_commit_names_one():
    assert PLACE.findall(git("log", "--format=%an %ae %B")) == []


def test_one_is_seen():
    places = [f"/{place}/main" for place in ("work", "root")]
    assert PLACE.findall(" ".join(places)) == places
    relative = [place.replace("/", start, 1) for place in places for start in ("", "../", "a/")]
    assert not PLACE.search(" ".join(relative))
