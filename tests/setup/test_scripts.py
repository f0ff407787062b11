"""The scripts of the views, linted as a browser gets them: one module for each view."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inference_lab.lab.views import base

RULES = {
    "recommended": True,
    "correctness": {"noUndeclaredVariables": "error"},
    "style": {"useTemplate": "off"},  # a long text is written in two lines
    "suspicious": {
        "noAssignInExpressions": "off",  # (event) => (state.held = event.x)
        "useIterableCallbackReturn": "off",  # ends.forEach((end) => end())
    },
}
NOT_YET_USED = {"newSwitch"}  # the style has one switch for all views, and no view needs it so far
SAID = re.compile(r"^::\w+ title=lint/\w+/(\w+),file=(\w+)\.js,line=(\d+),.*?::(.*)$", re.M)


@pytest.fixture
def linted(tmp_path):
    """What the linter says of scripts by their names: rule, name, the line and the reason."""
    biome = shutil.which("biome", path=Path(sys.executable).parent)
    if biome is None:
        pytest.skip("the linter of scripts, biome (extra `browser`), is not installed")

    def run(scripts):
        (tmp_path / "biome.json").write_text(json.dumps({"linter": {"rules": RULES}}))
        for name, script in scripts.items():
            (tmp_path / f"{name}.js").write_text(script, encoding="utf-8")
        command = [biome, "lint", "--reporter=github", "--max-diagnostics=none", "."]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        found = SAID.findall(done.stdout)
        assert found or done.returncode == 0, done.stdout + done.stderr
        lines = {name: script.splitlines() for name, script in scripts.items()}
        return [
            (rule, name, lines[name][int(at) - 1].strip(), why) for rule, name, at, why in found
        ]

    return run


def test_the_linter_finds_nothing(linted):
    """What is shared may be unused in one view, but not in all that load it."""
    scripts = {name: base.script(name) for name in base.VIEWS}
    unused, rest = {}, []
    for rule, name, line, why in linted(scripts):
        if rule == "noUnusedVariables":
            unused.setdefault((line, why), set()).add(name)
        else:
            rest.append((rule, name, line, why))
    assert rest == []
    loads = {line: {n for n, script in scripts.items() if line in script} for line, _ in unused}
    dead = [each for each, views in unused.items() if views == loads[each[0]]]
    assert [why for _, why in dead if not any(name in why for name in NOT_YET_USED)] == []


def test_it_would_find_them(linted):
    script = "export function f(a) {\n  if (a == 1) gone();\n  const b = 2;\n  return;\n  f();\n}\n"
    rules = {rule for rule, *_ in linted({"bad": script})}
    assert rules == {
        "noDoubleEquals",
        "noUndeclaredVariables",
        "noUnreachable",
        "noUnusedVariables",
    }
