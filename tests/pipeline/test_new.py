"""A new lesson: its skeleton builds, keeps the frame, and its tests pass."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from inference_lab.cli.main import main
from inference_lab.pipeline.drift import drift
from inference_lab.pipeline.new import FILES
from inference_lab.pipeline.project import lessons
from inference_lab.pipeline.structure import findings
from inference_lab.workbook.execute import ALONE, NBVAL

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout without lessons, whose package the kernels import."""
    root = tmp_path / "checkout"
    leave = shutil.ignore_patterns("[0-9][0-9].json")
    shutil.copytree(ROOT / "inference_lab", root / "inference_lab", ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "solutions").mkdir()
    shutil.copy(ROOT / "solutions" / "ruff.toml", root / "solutions")
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(root))
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    return root


def run(*command):
    """What a command of the checkout prints; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_skeleton_builds_keeps_the_frame_and_passes(checkout, capsys):
    assert main(["new", "7", "two_words"]) == 0
    written = [line.split()[1] for line in capsys.readouterr().out.splitlines()[:-1]]
    assert len(written) == len(FILES) and all((checkout / each).exists() for each in written)
    run("inference_lab.cli.main", "build", "7")
    (lesson,) = lessons(checkout)
    assert lesson.name == "07_two_words" and drift(lesson) == []
    for side in (lesson.solved, lesson.course):
        assert findings(nbformat.read(side, as_version=4), "07") == []
    (checkout / "pytest.ini").write_text("[pytest]\n")
    settings = ("-c", "pytest.ini", "--nbval-cell-timeout=60")
    run(*NBVAL[2:], "--nbval", *settings, "tests/lessons", "course", "solutions")
    run("ruff", "check", "--no-cache", ".")
    run("ruff", "format", "--check", "--no-cache", ".")


@pytest.mark.parametrize(
    ("number", "name", "reason"),
    [
        ("7", "Two words", "must be lower-case words joined by _"),
        ("123", "two_words", "must be one or two digits"),
    ],
)
def test_what_is_no_lesson_is_refused(checkout, capsys, number, name, reason):
    assert main(["new", number, name]) == 2
    assert reason in capsys.readouterr().err


def test_nothing_is_overwritten(checkout, capsys):
    assert main(["new", "7", "two_words"]) == 0
    (checkout / "solutions" / "07_two_words.py").write_text("mine")
    assert main(["new", "7", "other_words"]) == 2
    assert "solutions/07_two_words.py is there already" in capsys.readouterr().err
    assert main(["new", "8", "two_words"]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert (checkout / "solutions" / "07_two_words.py").read_text() == "mine"
    assert not (checkout / "solutions" / "exercises_08.py").exists()


def test_outside_a_checkout_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "7", "two_words"]) == 2
    assert "run this in a checkout's root" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
