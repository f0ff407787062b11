"""The rooms of the package: imports run downward, modules stay small, the face stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "inference_lab"
ROOMS = ["cli", "grading", "pipeline", "workbook", "lab", "experiments", "sweep"]  # from the top
ROOMS += ["serving", "training", "traffic", "fabric", "physics", "theory", "checks"]  # numpy only
BELOW_THE_LINE = ROOMS[ROOMS.index("serving") :]
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 250
HEAVY = {"matplotlib", "joblib", "pooch", "tqdm", "IPython", "pandas", "dask", "jupytext"}


def room(module: str) -> str:
    return [*module.split("."), ""][1]


def imported(tree: ast.AST, package: str) -> list[str]:
    """What code of `package` imports, also inside functions, also by `from . import`."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            home = package.rsplit(".", node.level - 1)[0] if node.level else ""
            base = ".".join(filter(None, (home, node.module)))
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return names


def climbs(tree: ast.AST, package: str) -> list[str]:
    """Imports that lead from the room of `package` to a room above it."""
    above = ROOMS[: ROOMS.index(room(package))]
    ours = [n for n in imported(tree, package) if n.partition(".")[0] == "inference_lab"]
    return [name for name in ours if room(name) in above]


def package_of(path: Path) -> str:
    return ".".join(path.parent.relative_to(ROOT).parts)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
class TestModule:
    def test_it_imports_downward_only(self, path):
        own = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if own == "__init__":
            return
        assert own in ROOMS, f"no such room: {own}"
        package = f"inference_lab.{own}" if path.parent == PACKAGE else package_of(path)
        assert climbs(parsed(path), package) == []

    def test_it_is_not_too_long(self, path):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGEST, f"{lines} lines: it is two nouns"

    def test_what_is_public_says_what_it_means(self, path):
        tree = parsed(path)
        assert ast.get_docstring(tree) or not tree.body, "the module"
        silent = []
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                silent += [f"{node.name}.{n}" for n in undocumented(node.body)]
        assert silent + undocumented(tree.body) == []


def undocumented(body: list[ast.stmt]) -> list[str]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    public = [node for node in body if isinstance(node, kinds) and node.name[0] != "_"]
    return [node.name for node in public if not ast.get_docstring(node)]


@pytest.mark.parametrize("name", BELOW_THE_LINE)
def test_below_the_line_there_is_numpy_only(name):
    allowed = {*sys.stdlib_module_names, "numpy", "inference_lab"}
    for path in MODULES:
        if path.relative_to(PACKAGE).with_suffix("").parts[0] == name:
            top_level = [node for node in parsed(path).body if not is_code(node)]
            names = [n for node in top_level for n in imported(node, package_of(path))]
            tops = {name.partition(".")[0] for name in names}
            assert tops <= allowed, path.name


def is_code(node: ast.stmt) -> bool:
    """Whether a statement does nothing when its module is imported but define a name."""
    return isinstance(node, ast.FunctionDef | ast.ClassDef)


def test_a_climb_is_seen():

    def seen(code, package):
        return climbs(ast.parse(code), f"inference_lab.{package}")

    assert seen("def f():\n    from inference_lab.grading import report\n", "pipeline") == [
        "inference_lab.grading",
        "inference_lab.grading.report",
    ]
    assert seen("from inference_lab import cli", "lab") == ["inference_lab.cli"]
    assert seen("from .. import sweep", "serving.macro") == []  # serving.sweep, not the room
    assert seen("from ... import sweep", "serving.macro") == ["inference_lab.sweep"]
    assert seen("from . import grading", "pipeline") == []
    assert seen("import inference_lab.physics", "serving") == []


def test_the_face_is_light():
    code = "import inference_lab, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert "numpy" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("command", [["format", "--check", "--diff"], ["check"]], ids=" ".join)
def test_ruff_is_content(command):
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
