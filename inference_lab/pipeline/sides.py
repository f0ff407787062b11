"""The two sides of a lesson: the solved notebook and the one that learners open."""

from __future__ import annotations

import ast
import copy
import re

from nbformat import NotebookNode

from inference_lab.pipeline.source import tags
from inference_lab.workbook.rebuild import digest

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
REGION = re.compile(
    rf"^(?P<indent>[ ]*){re.escape(BEGIN)}[ ]*\n.*?^[ ]*{re.escape(END)}[ ]*$",
    re.DOTALL | re.MULTILINE,
)
EXERCISE_CELL = re.compile(r"^ex-(\d+)-(\d+)$")
CHECK_CELL = re.compile(r"^check-(\d+)-(\d+)$")
COMMITTED = {
    "predict": 'predict("5.1", 75, unit="ms")',
    "verdict": 'verdict("C31", "holds if")',
    "memo": 'memo("05", 60, "% load", "who does what", run=...)',
}
"""Tags of cells in which a learner commits something: how their call looks. The positional
arguments after the first are what the course leaves open."""


def solved(source: NotebookNode) -> NotebookNode:
    """The instructor's side: all cells, solutions and predictions in place.

    Raises
    ------
    ValueError
        If an exercise, check or prediction cell is not made as the authoring guide says.
    """
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        _validate(cell)
        if "widget" in tags(cell):
            _tag(cell, "nbval-ignore-output")
        if "exercise" in tags(cell):
            cell.metadata["exercise"] = exercise_id(cell.id)
    worked = {exercise_id(c.id) for c in notebook.cells if "worked" in tags(c)}
    checked = {exercise_id(c.id) for c in notebook.cells if "check" in tags(c)}
    exercises = {exercise_id(c.id) for c in notebook.cells if "exercise" in tags(c)}
    if checked != exercises or not worked <= exercises:
        odd = ", ".join(sorted(checked ^ exercises | worked - exercises))
        raise ValueError(f"exercise {odd}: each ex-N-M cell needs its check-N-M cell, and back")
    return notebook


def unsolved(source: NotebookNode) -> NotebookNode:
    """The learner's side: no instructor cells, solutions stripped, what is committed left open.

    Each cell remembers in ``metadata.course`` its id and the digest of its source, so that an
    update can tell what the learner changed, even in a file that lost its cell ids.
    """
    notebook = solved(source)
    notebook.cells = [cell for cell in notebook.cells if "instructor" not in tags(cell)]
    worked = {exercise_id(c.id) for c in notebook.cells if "worked" in tags(c)}
    for cell in notebook.cells:
        if "exercise" in tags(cell):
            cell.source = strip(cell.source, exercise_id(cell.id))
        elif committed := COMMITTED.keys() & set(tags(cell)):
            cell.source = opened(cell.source, *committed)
        elif "check" in tags(cell) and exercise_id(cell.id) not in worked:
            _tag(cell, "raises-exception")
        cell.metadata["course"] = {"id": cell.id, "digest": digest(cell.source)}
    return notebook


def exercise_id(cell_id: str) -> str:
    """``"5.1"`` for the cell ids ``"ex-5-1"`` and ``"check-5-1"``."""
    return ".".join(cell_id.split("-")[1:])


def stub(exercise: str) -> str:
    """The line that stands in place of a solution."""
    return f'raise NotImplementedError("Exercise {exercise}")'


def strip(source: str, exercise: str) -> str:
    """The cell with its solution region replaced by the stub, at the region's indentation."""
    return REGION.sub(lambda region: region["indent"] + stub(exercise), source)


def opened(source: str, name: str) -> str:
    """The cell with ``None`` for each argument that a learner commits.

    >>> opened('predict("5.1", 75, unit="ms")', "predict")
    'predict("5.1", None, unit="ms")'
    """
    lines = [line.encode() for line in source.splitlines()]
    for value in reversed(committed_call(source, name).args[1:]):
        line = lines[value.lineno - 1]
        lines[value.lineno - 1] = line[: value.col_offset] + b"None" + line[value.end_col_offset :]
    return b"\n".join(lines).decode()


def committed_call(source: str, name: str) -> ast.Call:
    """The one call of `predict`, `verdict` or `memo` in a cell that has this tag.

    Raises
    ------
    ValueError
        If the cell does not hold one such call whose values stand in one line each, or a
        prediction cell holds anything else.
    """
    body = ast.parse(source).body
    calls = [
        node.value
        for node in body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == name
    ]
    alone = name != "predict" or len(body) == 1
    values = calls[0].args[1:] if len(calls) == 1 and alone else []
    if values and all(value.lineno == value.end_lineno for value in values):
        return calls[0]
    raise ValueError(f"a {name} cell holds one line {COMMITTED[name]}: {source!r}")


def units(solved: NotebookNode) -> dict[str, str]:
    """The unit of each prediction of a lesson.

    Raises
    ------
    ValueError
        If a prediction does not name its unit in the call.
    """
    found = {}
    for cell in (each for each in solved.cells if "predict" in tags(each)):
        call = committed_call(cell.source, "predict")
        given = [ast.literal_eval(each.value) for each in call.keywords if each.arg == "unit"]
        if len(given) != 1:
            raise ValueError(f'cell {cell.id}: name the unit, as in unit="ms"')
        found[ast.literal_eval(call.args[0])] = given[0]
    return found


def _tag(cell: NotebookNode, tag: str) -> None:
    if tag not in tags(cell):
        cell.metadata["tags"] = [*tags(cell), tag]


def _validate(cell: NotebookNode) -> None:
    """Refuse a cell whose id, tags and content do not fit together."""
    regions = len(REGION.findall(cell.source))
    marks = cell.source.count(BEGIN) + cell.source.count(END)
    is_exercise, is_check = "exercise" in tags(cell), "check" in tags(cell)
    if is_exercise != bool(EXERCISE_CELL.match(cell.id)):
        raise ValueError(f"cell {cell.id}: the id ex-N-M and the tag exercise go together")
    if is_check != bool(CHECK_CELL.match(cell.id)):
        raise ValueError(f"cell {cell.id}: the id check-N-M and the tag check go together")
    expected = int(is_exercise and "worked" not in tags(cell))
    if regions != expected or marks != 2 * regions:
        raise ValueError(
            f"cell {cell.id}: {regions} solution regions where {expected} belongs; "
            f"write {BEGIN} and {END} on lines of their own, once, in exercise cells only"
        )
    if is_check and not re.fullmatch(r'check\("[\d.]+", \w+\)', cell.source):
        raise ValueError(f'cell {cell.id}: a check cell holds one line, check("5.1", function)')
    if is_check and f'"{exercise_id(cell.id)}"' not in cell.source:
        raise ValueError(f"cell {cell.id}: it checks another exercise: {cell.source}")
    for name in COMMITTED.keys() & set(tags(cell)):
        committed_call(cell.source, name)
