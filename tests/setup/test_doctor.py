"""`inference-lab doctor`: each check is seen to pass here and to fail elsewhere."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from inference_lab.cli import doctor, environment
from inference_lab.cli.environment import Machine
from inference_lab.cli.main import main
from inference_lab.grading.box import Box

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def versions():
    """Of all packages; to look for them takes a fifth of a second."""
    return environment.installed()


@pytest.fixture
def machine(tmp_path, versions):
    """A sound machine: this Python, and a folder with a lock and one lesson."""
    (tmp_path / "requirements.lock").write_text(
        f"numpy=={versions['numpy']} \\\n    --hash=sha256:00\nmissing==1 ; os_name == 'none' \\\n"
    )
    (tmp_path / "my_course").mkdir()
    (tmp_path / "my_course" / "00_start_here.ipynb").write_text("{}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    return Machine(root=tmp_path, port=free, versions=versions)


REQUIRED = [c for c in environment.CHECKS if c is not environment.browser]


@pytest.mark.parametrize("check", REQUIRED, ids=lambda check: check.__name__)
def test_a_sound_machine_passes(check, machine):
    finding = check(machine)
    assert finding.ok, finding


def without(versions, name):
    return {key: value for key, value in versions.items() if key != name}


def test_an_old_python(machine):
    finding = environment.python(replace(machine, python=(3, 10, 14)))
    assert (finding.ok, finding.required, finding.text) == (False, True, "3.10.14")


def test_a_package_that_is_not_as_locked(machine):
    other = replace(machine, versions={**machine.versions, "numpy": "1.0"})
    assert not environment.in_step(other).required, "conda and others follow no lock"
    finding = environment.in_step(replace(other, prefix=machine.root / ".venv"))
    assert (finding.ok, finding.required) == (False, True)
    assert finding.text == "not as locked: numpy"


def test_no_lock(machine, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert not environment.in_step(replace(machine, root=empty)).ok


def test_a_package_that_is_missing_or_too_old(machine):
    versions = {**without(machine.versions, "tqdm"), "jsonschema": "4.25.0"}
    finding = environment.packages(replace(machine, versions=versions))
    assert not finding.ok
    assert finding.text.startswith("missing or too old:")
    assert "tqdm" in finding.text and "jsonschema<4.25" in finding.text


def test_a_kernel_that_is_not_there(machine):
    finding = environment.kernel(replace(machine, kernel="no-such-kernel"))
    assert not finding.ok
    assert "NoSuchKernel" in finding.text


def test_a_kernel_of_another_environment(machine, tmp_path):
    finding = environment.kernel(replace(machine, prefix=tmp_path))
    assert not finding.ok
    assert str(Path(sys.prefix)) in finding.text


@pytest.mark.parametrize("check", [environment.jupyterlab, environment.anywidget])
def test_pages_that_are_not_there(check, machine, tmp_path):
    assert not check(replace(machine, prefix=tmp_path)).ok
    assert not check(replace(machine, versions={})).ok


def test_no_lessons(machine):
    (machine.root / "my_course" / "00_start_here.ipynb").unlink()
    assert "no lesson" in environment.my_course(machine).text


def test_lessons_that_cannot_be_written(machine, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path.suffix != ".ipynb")
    finding = environment.my_course(machine)
    assert (finding.ok, finding.text) == (False, "not writable: 00_start_here.ipynb")


def test_a_full_disk(machine, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: usage(1e9, 9e8, 1e8))
    assert not environment.disk(machine).ok


def test_a_taken_port_is_no_obstacle(machine):
    with socket.create_server(("127.0.0.1", 0)) as server:
        finding = environment.port(replace(machine, port=server.getsockname()[1]))
    assert (finding.ok, finding.required) == (False, False)


def test_browser_tests_want_a_browser_and_playwright(machine, tmp_path):
    program = tmp_path / ("chromium.exe" if os.name == "nt" else "chromium")
    program.write_text("")
    program.chmod(0o755)
    able = replace(machine, programs=str(tmp_path), versions={"playwright": "1"})
    assert environment.browser(able).ok
    assert environment.browser(replace(able, versions={})).text == "not found: playwright"
    nowhere = environment.browser(replace(able, programs=os.devnull))
    assert (nowhere.ok, nowhere.required) == (False, False)
    assert nowhere.text == "not found: Chromium or Chrome"


def test_marking_tells_what_the_box_lacks(machine, monkeypatch):
    assert doctor.marking(machine).ok == (not Box().missing())
    monkeypatch.setattr(Box, "missing", lambda self: ["Landlock"])
    finding = doctor.marking(machine)
    assert (finding.ok, finding.required, finding.text) == (False, False, "not found: Landlock")


@pytest.fixture
def quick(monkeypatch, machine):
    """The command with three checks, in the sound machine's folder."""
    monkeypatch.chdir(machine.root)
    checks = (environment.python, environment.my_course, environment.disk)
    monkeypatch.setattr(environment, "CHECKS", checks)


def test_the_command_prints_one_line_a_check_and_one_fix_a_failure(quick, machine, capsys):
    assert main(["doctor"]) == 0
    assert sum(line[:4] in ("ok  ", "note") for line in capsys.readouterr().out.splitlines()) == 4
    (machine.root / "my_course" / "00_start_here.ipynb").unlink()
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    failure = next(i for i, line in enumerate(lines) if line.startswith("FAIL  my_course"))
    assert lines[failure + 1].split(maxsplit=1) == ["->", environment.SET_UP]


def test_the_command_speaks_json(quick, capsys):
    assert main(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert [finding["name"] for finding in findings] == ["Python", "my_course", "disk", "marking"]
    assert set(findings[0]) == {"name", "ok", "text", "fix", "required"}


def test_it_finds_the_checkout_from_a_folder_below(machine):
    assert doctor.checkout(machine.root / "my_course") == machine.root
    assert doctor.checkout(Path(machine.root.anchor)) == Path(machine.root.anchor)


def test_the_lock_of_the_project_can_be_read():
    pins = environment.pins(ROOT / "requirements.lock")
    assert len(pins) > 80
    assert ("colorama" in pins) == (sys.platform == "win32")
