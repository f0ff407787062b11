"""`.ci/run` gets a Chromium where it may, and tests without one where it may not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from inference_lab.cli import environment

SCRIPT = Path(__file__).parents[2] / ".ci" / "run"
TOOLS = ("bash", "dirname", "env", "timeout")
INSTALLS = 'echo "apt-get $*" >> "$LOG"\ncase "$*" in *install*) echo > "$BIN/chromium";'
INSTALLS += ' {chmod} +x "$BIN/chromium";; esac\n'
FAILS = 'echo "apt-get $*" >> "$LOG"\nexit 100\n'

RUNS = os.name == "posix" and all(map(shutil.which, TOOLS))

pytestmark = pytest.mark.skipif(not RUNS, reason="a script of bash, and its tools are not here")


@pytest.fixture
def run(tmp_path):
    """Runs the script with no programs but these; says what was called, and printed."""

    def call(user=0, **programs):
        for name in TOOLS:
            (tmp_path / name).symlink_to(shutil.which(name))
        programs = {"id": f"echo {user}", "make": 'echo "make $*" >> "$LOG"; exit 3', **programs}
        for name, lines in programs.items():
            program = tmp_path / name.replace("_", "-")
            program.write_text(f"#!{shutil.which('bash')}\n{lines}\n")
            program.chmod(0o755)
        log = tmp_path / "log"
        own = {"PATH": str(tmp_path), "LOG": str(log), "BIN": str(tmp_path)}
        done = subprocess.run(["bash", SCRIPT], env=own, capture_output=True, text=True)
        assert done.returncode == 3, "the exit code is that of the tests"
        calls = [re.sub(r" --(quiet|option \S+)", "", c) for c in log.read_text().splitlines()]
        return calls, done.stdout

    return call


def installing():
    return INSTALLS.format(chmod=shutil.which("chmod"))


def test_root_installs_chromium_and_tests(run):
    calls, said = run(apt_get=installing())
    wanted = ["apt-get update", "apt-get install --yes --no-install-recommends chromium"]
    assert calls == [*wanted, "make test ARGS=--cov"]
    assert "skipped" not in said


def test_a_chromium_that_is_there_is_used(run):
    calls, said = run(google_chrome="", apt_get=installing())
    assert (calls, said) == (["make test ARGS=--cov"], "")


@pytest.mark.parametrize(
    ("user", "programs", "tried"),
    [(1000, {"apt_get": FAILS}, []), (0, {}, []), (0, {"apt_get": FAILS}, ["apt-get update"])],
    ids=["no root", "no apt-get", "no network"],
)
def test_it_says_so_and_tests_where_none_can_be_installed(run, user, programs, tried):
    calls, said = run(user, **programs)
    assert calls == [*tried, "make test ARGS=--cov"]
    assert "tests in a browser are skipped" in said


def test_it_looks_for_the_browsers_that_the_tests_look_for():
    (names,) = re.findall(r"for name in (.+); do", SCRIPT.read_text(encoding="utf-8"))
    assert tuple(names.split()) == environment.BROWSERS
    assert os.access(SCRIPT, os.X_OK)
