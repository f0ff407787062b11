"""`lab.py`: what it says when something is missing, and that it does its work only once."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pip
import pytest

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "lab.py").read_text(encoding="utf-8")


@pytest.fixture
def lab(tmp_path):
    """The module `lab.py`, in a small checkout of its own with real lock files."""
    for path in (ROOT / "lab.py", ROOT / "pyproject.toml", *ROOT.glob("requirements*.lock")):
        shutil.copy(path, tmp_path)
    spec = importlib.util.spec_from_file_location("lab_under_test", tmp_path / "lab.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bare(lab):
    """The packages of a real .venv, without pip: making it with pip takes seconds."""
    assert lab.run(sys.executable, "-m", "venv", "--without-pip", lab.VENV)
    return Path(sysconfig.get_path("purelib", vars={"base": str(lab.VENV)}))


@pytest.fixture
def environment(bare):
    """A .venv that starts."""
    (bare / "pip.py").write_text("")


def test_an_old_python_can_read_it_and_is_refused_in_one_sentence(lab):
    ast.parse(SOURCE, feature_version=(3, 7))
    with pytest.raises(SystemExit, match=r"3\.11 or later is needed, and this is 3\.9"):
        lab.check_python((3, 9, 1))
    lab.check_python((3, 11, 0))


def test_it_needs_only_the_standard_library():
    imports = [n for n in ast.walk(ast.parse(SOURCE)) if isinstance(n, ast.Import | ast.ImportFrom)]
    names = {getattr(n, "module", None) or n.names[0].name for n in imports}
    assert names <= set(sys.stdlib_module_names)


def test_a_command_it_does_not_know_shows_those_it_knows(lab):
    with pytest.raises(SystemExit, match="handed to pytest"):
        lab.main(["tset"])


@pytest.mark.parametrize("damage", ["no python", "python that fails"])
def test_a_broken_environment_is_named(lab, damage):
    lab.BIN.mkdir(parents=True)
    if damage == "python that fails":
        lab.PYTHON.write_text("#!/bin/sh\nexit 1\n")
        lab.PYTHON.chmod(0o755)
    with pytest.raises(SystemExit, match=r"\.venv is broken\. Delete it"):
        lab.set_up(lab.LAB_LOCKS)


def test_a_python_without_venv_is_named_and_leaves_nothing(lab, monkeypatch, tmp_path):
    (tmp_path / "venv.py").write_text("raise ModuleNotFoundError('ensurepip')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(SystemExit, match="cannot make a virtual environment"):
        lab.set_up(lab.LAB_LOCKS)
    assert not lab.VENV.exists()


def test_no_network_is_named_and_the_next_start_tries_again(lab, bare, monkeypatch, capfd):
    shutil.copytree(Path(pip.__file__).parent, bare / "pip")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    for _ in range(2):
        with pytest.raises(SystemExit, match="Is there a network"):
            lab.set_up(lab.LAB_LOCKS)
    assert "No matching distribution" in capfd.readouterr().err


def test_it_sets_up_once_and_again_when_a_lock_changes(lab, environment, monkeypatch):
    installed = []
    monkeypatch.setattr(lab, "install", installed.append)
    lab.set_up(lab.BROWSER_LOCKS)
    lab.set_up(lab.BROWSER_LOCKS)
    lab.set_up(lab.LAB_LOCKS)  # the larger set-up serves the smaller
    assert installed == [lab.BROWSER_LOCKS]
    for changed in ("requirements.lock", "pyproject.toml"):
        with (lab.ROOT / changed).open("a") as file:
            file.write("# changed\n")
        lab.set_up(lab.LAB_LOCKS)
    assert installed == [lab.BROWSER_LOCKS, lab.LAB_LOCKS, lab.LAB_LOCKS]
    stamp = json.loads((lab.VENV / "lab-set-up.json").read_text())
    assert stamp["checkout"] == str(lab.ROOT)


@pytest.mark.parametrize("command", ["lab", "test", "test-all"])
def test_who_tests_gets_what_drives_a_browser_and_who_learns_does_not(lab, monkeypatch, command):
    wanted = []
    monkeypatch.setattr(lab, "set_up", wanted.append)
    monkeypatch.setattr(lab, "open_lab", lambda: None)
    monkeypatch.setattr(lab, "hand_over", lambda call: None)
    lab.main([command])
    assert wanted == [lab.LAB_LOCKS if command == "lab" else lab.BROWSER_LOCKS]


def test_an_interrupted_set_up_starts_again(lab, environment, monkeypatch):
    def interrupted(locks):
        raise KeyboardInterrupt

    monkeypatch.setattr(lab, "install", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lab.set_up(lab.LAB_LOCKS)
    installed = []
    monkeypatch.setattr(lab, "install", installed.append)
    lab.set_up(lab.LAB_LOCKS)
    assert installed == [lab.LAB_LOCKS]


@pytest.mark.skipif(not shutil.which("make"), reason="no make here")
def test_the_makefile_only_calls_it():
    for target in ("lab", "test", "test-all", "bench"):
        says = subprocess.run(
            ["make", "--no-print-directory", "-n", target, "PYTHON=python9"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},  # without what a `make test ARGS=...` hands down
            capture_output=True,
            text=True,
        )
        command = says.stdout.split()
        assert command == ["python9", "lab.py", *([] if target == "lab" else [target])]
