"""Finds a learner's exercise cells, and puts them among the cells of the course."""

from __future__ import annotations

import ast
import copy
import hashlib
import re
from dataclasses import dataclass
from typing import Any, Protocol

from inference_lab.lab.own_cell import without_magics


class Named(Protocol):
    """What finding needs of an exercise; `Exercise` and `PolicyExercise` have it."""

    id: str
    function: str


@dataclass(frozen=True)
class Missing:
    """Why an exercise's cell cannot be told: a person has to look.

    Parameters
    ----------
    reason : str
        One sentence for the learner and the instructor.
    absent : bool
        Whether the notebook holds nothing of the exercise at all.
    """

    reason: str
    absent: bool = False


def find_exercise(notebook: dict[str, Any], exercise: Named) -> str | Missing:
    """The source of the cell in which a learner answered an exercise, without magics.

    It is the code cell with the exercise's id (``ex-5-1``), else the one whose metadata name it
    (a cut, pasted or split cell has a new id; Colab drops all ids), else the one that defines
    the exercise's function. Never guesses: when a level matches more than once, when the cell
    found is untouched or without the function while another one defines it, or when another
    cell defines it differently (whichever ran last counts in the notebook), the answer is
    `Missing`.

    Parameters
    ----------
    notebook : dict
        A notebook of format 4, as read from JSON.
    exercise : Exercise or PolicyExercise
        Anything with ``.id`` and ``.function``.

    Returns
    -------
    str or Missing
        The cell's source, or the reason why a person has to look.
    """
    cells = [cell for cell in _cells(notebook) if cell.get("cell_type") == "code"]
    cell_id = "ex-" + exercise.id.replace(".", "-")
    defining = [cell for cell in cells if defines(_own(cell), exercise.function)]
    levels = {
        f"have the id {cell_id}": [c for c in cells if c.get("id") == cell_id],
        f"are marked as exercise {exercise.id}": [
            c for c in cells if _metadata(c).get("exercise") == exercise.id
        ],
        f"define {exercise.function}": defining,
    }
    for what, found in levels.items():
        if len(found) > 1:
            return Missing(f"{len(found)} cells {what}: which one counts?")
        if found:
            return _sure(found[0], defining, exercise)
    reason = (
        f"no cell has the id {cell_id}, is marked as this exercise, or defines {exercise.function}"
    )
    return Missing(reason, absent=True)


def _sure(cell: dict[str, Any], defining: list[dict], exercise: Named) -> str | Missing:
    """The found cell's source, unless another cell seems to hold the answer."""
    others = [
        other
        for other in defining
        if not is_stub(_own(other)) and _own(other).strip() != _own(cell).strip()
    ]
    if cell not in defining:
        return Missing(
            f"the cell of exercise {exercise.id} does not define {exercise.function}"
            + (", another cell does" if others else "")
        )
    if is_stub(_own(cell)) and others:
        return Missing(
            f"the cell of exercise {exercise.id} is untouched, "
            f"but another cell defines {exercise.function}"
        )
    if others:
        return Missing(
            f"{1 + len(others)} cells define {exercise.function}, each differently: "
            "keep the one that counts and delete the rest, or rename the function there"
        )
    return _own(cell)


def defines(text: str, function: str) -> bool:
    """Whether a cell's text defines a function of this name at its top level."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # half-written, or made to harm
        head = rf"^(async[ \t]+)?def[ \t]+{re.escape(function)}\b"
        return bool(re.search(head, text, re.MULTILINE))
    return any(_defined(statement, function) for statement in body)


def _defined(statement: ast.stmt, function: str) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return statement.name == function
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = getattr(statement, "targets", None) or [statement.target]
        return any(isinstance(t, ast.Name) and t.id == function for t in targets)
    if isinstance(statement, ast.If | ast.Try | ast.With):  # such as `if __name__ == "__main__":`
        return any(_defined(each, function) for each in statement.body)
    return False


def is_stub(text: str) -> bool:
    """Whether a cell's text still holds the line that stands in place of a solution."""
    # No \s: it crosses lines, and 50,000 blank ones then cost a second instead of nothing.
    return bool(re.search(r"^[ \t]*raise NotImplementedError\(\"Exercise [\d.]+\"\)", text, re.M))


def source(cell: dict[str, Any]) -> str:
    """The text of a cell; the format allows one string or a list of lines."""
    text = cell.get("source", "")
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _own(cell: dict[str, Any]) -> str:
    return without_magics(source(cell))


def digest(source: str) -> str:
    """Twelve hex digits that change with the text of a cell."""
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def rebuild(
    course: dict[str, Any], learner: dict[str, Any], exercises: list[Named]
) -> tuple[dict[str, Any], dict[str, Missing]]:
    """The course's notebook with the learner's exercise cells in it, and what was not found.

    Everything else is the course's own: a cell that the learner changed, moved or deleted
    outside the exercises makes no difference.
    """
    notebook, missing = copy.deepcopy(course), {}
    by_exercise = {_metadata(c).get("exercise"): c for c in notebook["cells"]}
    for exercise in exercises:
        answer = find_exercise(learner, exercise)
        if isinstance(answer, Missing):
            missing[exercise.id] = answer
        else:
            by_exercise[exercise.id]["source"] = answer
            by_exercise[exercise.id]["outputs"] = []
    return notebook, missing


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return [c for c in cells if isinstance(c, dict)] if isinstance(cells, list) else []


def _metadata(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = cell.get("metadata")
    return metadata if isinstance(metadata, dict) else {}
