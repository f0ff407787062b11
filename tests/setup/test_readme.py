"""The README is true: its lines run, print what it says, and its paths exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md")
MADE_LATER = {".venv", "my_course"}


def block(language: str) -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (only,) = re.findall(rf"```{language}\n(.*?)```", text, re.S)
    return only


def test_its_lines_of_python_run_and_print_what_it_says(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", block("python")], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.stderr == ""
    printed = run.stdout.splitlines()
    stale = [line for line in block("text").splitlines() if line not in printed]
    assert stale == [], run.stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_paths_it_names_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    quoted = re.findall(r"`([^`\n ]*[/.][^`\n ]*|[A-Z-]+[a-z]*)`", text)
    linked = re.findall(r"\]\(([^)#]+)\)", text)
    paths = {name for name in quoted + linked if "NN" not in name and "://" not in name}
    paths = {name for name in paths if Path(name).parts[0] not in MADE_LATER}
    assert len(paths) >= 3
    assert [name for name in paths if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_it_names_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    ours = re.findall(r"`(?:python lab\.py|make)( [a-z-]+)?`", text)
    assert ours
    known = {"", " lab", " test", " test-all", " bench", " lock"}
    assert set(ours) <= known
    from inference_lab.cli.main import COMMANDS

    assert set(re.findall(r"inference-lab ([a-z]+)", text)) <= set(COMMANDS)


def test_it_is_one_page():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 80
