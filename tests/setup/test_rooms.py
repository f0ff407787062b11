"""The rooms of the package: imports run downward, modules stay small, the face stays light."""

from __future__ import annotations

import ast
import re
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
HEAVY = {"matplotlib", "joblib", "tqdm", "IPython", "pandas", "dask", "jupytext"}


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


def own_room(path: Path) -> str:
    """The room in which a module lies; a module of the package itself is a room of its own."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def offenders(found) -> dict[str, object]:
    """What `found` finds in each module in which it finds something."""
    each = {str(path.relative_to(PACKAGE)): found(path) for path in MODULES}
    return {name: what for name, what in each.items() if what}


def test_every_module_lies_in_a_room():
    assert {own_room(path) for path in MODULES} <= {*ROOMS, "__init__"}


def test_modules_import_downward_only():
    def climbed(path):
        own = own_room(path)
        if own == "__init__":
            return []
        package = f"inference_lab.{own}" if path.parent == PACKAGE else package_of(path)
        return climbs(parsed(path), package)

    assert offenders(climbed) == {}


def test_modules_name_what_they_import_in_full():
    def dots(path):
        nodes = ast.walk(parsed(path))
        return [n.lineno for n in nodes if isinstance(n, ast.ImportFrom) and n.level]

    assert offenders(dots) == {}


def test_no_module_is_so_long_that_it_is_two_nouns():
    def lines_beyond(path):
        return max(0, len(path.read_text(encoding="utf-8").splitlines()) - LONGEST)

    assert offenders(lines_beyond) == {}


def test_what_is_public_says_what_it_means():
    def silent(path):
        tree = parsed(path)
        names = [] if ast.get_docstring(tree) or not tree.body else ["the module"]
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                names += [f"{node.name}.{n}" for n in undocumented(node.body)]
        return names + undocumented(tree.body)

    assert offenders(silent) == {}


def test_what_is_raised_is_said_with_if():
    def otherwise(path):
        paragraphs = []
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                _, head, raises = (ast.get_docstring(node) or "").partition("Raises\n------\n")
                raises = re.split(r"\n\n(?=\S+\n-+\n)", raises)[0] if head else ""
                paragraphs += re.findall(r"^\S.*\n    (?!If )(.*)", raises, re.M)
        return paragraphs

    assert offenders(otherwise) == {}


def undocumented(body: list[ast.stmt]) -> list[str]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    public = [node for node in body if isinstance(node, kinds) and node.name[0] != "_"]
    return [node.name for node in public if not ast.get_docstring(node)]


def test_below_the_line_there_is_numpy_only():
    allowed = {*sys.stdlib_module_names, "numpy", "inference_lab"}

    def more(path):
        if own_room(path) not in BELOW_THE_LINE:
            return set()
        top_level = [node for node in parsed(path).body if not is_code(node)]
        names = [n for node in top_level for n in imported(node, package_of(path))]
        return {name.partition(".")[0] for name in names} - allowed

    assert offenders(more) == {}


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


@pytest.mark.parametrize("tool", ["ruff format --check --diff .", "ruff check .", "mypy"])
def test_the_tools_are_content(tool):
    run = subprocess.run(
        [sys.executable, "-m", *tool.split()], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
