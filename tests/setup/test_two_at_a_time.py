"""The tests of a group run on one process, the others on any: nothing fails where they do not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PART = ("tests/notebooks/test_glossary.py", "tests/setup/test_ci.py", "inference_lab/theory.py")


def test_a_group_stays_on_one_process():
    command = [sys.executable, "-m", "pytest", "--numprocesses=2", "-v", "-p", "no:cacheprovider"]
    run = subprocess.run([*command, *PART], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stdout[-3000:] + run.stderr  # 1: one failed, not here
    lines = re.findall(r"^\[(gw\d)\] .* (\S+)::", run.stdout, re.M)
    kernels = {process for process, place in lines if place.startswith("tests/notebooks")}
    assert len(kernels) == 1
    assert {process for process, _ in lines} == {"gw0", "gw1"}
