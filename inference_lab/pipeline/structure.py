"""The frame that every lesson keeps, and what every committed notebook must hold."""

from __future__ import annotations

import ast
import itertools
import re

from nbformat import NotebookNode

from inference_lab.pipeline.prose import words
from inference_lab.pipeline.sides import exercise_id
from inference_lab.pipeline.source import tags

FRAME = (
    "Ticket and briefing",
    "Predict",
    "Worked example",
    "Experiment",
    "Exercises",
    "Check the claim",
    "Design memo",
    "Next",
)
FRAME_OF_LESSON_00 = (
    "Check the environment",
    "How a lesson works",
    "A dictionary for network people",
    "Your first cluster",
    "The map",
    "The fifteen questions",
    "Next",
)
FINISHED = re.compile(r"^\W*You have finished lesson (\d\d)", re.MULTILINE)
TIME = re.compile(r"\b\d+ minutes\b")
MACHINE = re.compile(
    r"(/(home|root|work|tmp|usr|Users|var|opt)/|[A-Z]:\\|site-packages|ipykernel_\d)"
)
ALT = re.compile(r"<img[^>]*\balt=\"[^\"]+\"")
LARGEST = {"words": 1100, "code cells": 14, "predictions": 2, "exercises": 3, "claims": 2}
LONGEST_CELL = 20
SPEAKING = {"print", "predict", "verdict", "memo", "hint", "reveal", "show", "check", "progress"}
WHY = re.compile(r"<details>")


def findings(notebook: NotebookNode, number: str) -> list[str]:
    """All that a committed notebook lacks, in words; empty when it keeps every rule.

    Parameters
    ----------
    notebook : NotebookNode
        Either side of a lesson.
    number : str
        The lesson's two digits; ``"00"`` has a frame of its own.
    """
    found = headings(notebook, number) + core_path(notebook, number) + reasons(notebook)
    for cell in notebook.cells:
        problems = _code(cell) if cell.cell_type == "code" else _prose(cell)
        found += [f"cell {cell.id}: {each}" for each in problems]
    return found


def headings(notebook: NotebookNode, number: str) -> list[str]:
    """What is wrong with the titles: one H1, no level skipped, the frame complete and in order."""
    titles = [each for c in notebook.cells if c.cell_type == "markdown" for each in _titles(c)]
    levels = [level for level, _ in titles]
    found = []
    if levels.count(1) != 1 or levels[:1] != [1]:
        found.append(f"{levels.count(1)} titles of level 1: one, at the top, belongs there")
    for (before, _), (level, text) in itertools.pairwise(titles):
        if level > before + 1:
            found.append(f"heading {text!r} skips a level")
    frame = FRAME_OF_LESSON_00 if number == "00" else FRAME
    sections = [text for level, text in titles if level == 2]
    kept = [text for text in sections if text in frame]
    if kept != list(frame):
        missing = [text for text in frame if text not in kept]
        found.append(f"the frame misses {missing}" if missing else f"frame out of order: {kept}")
    if sections[-1:] != ["Next"]:
        found.append("the last section is not Next")
    return found


def beyond(solved: NotebookNode) -> set[str]:
    """The exercises of the stretch path: those below "You have finished"."""
    ends = [i for i, cell in enumerate(solved.cells) if FINISHED.search(cell.source)]
    cells = solved.cells[ends[0] :] if ends else []
    return {exercise_id(cell.id) for cell in cells if "exercise" in tags(cell)}


def core_path(notebook: NotebookNode, number: str) -> list[str]:
    """What is wrong with the lesson's length: the core path, its times, its closing line."""
    found = []
    end = next((i for i, c in enumerate(notebook.cells) if FINISHED.search(c.source)), None)
    if end is None or FINISHED.search(notebook.cells[end].source)[1] != number:
        found.append(f"no line 'You have finished lesson {number}'")
    core = notebook.cells[:end]
    prose = [cell.source for cell in core if cell.cell_type == "markdown"]
    counts = {
        "words": sum(words(text) for text in prose),
        "code cells": sum(cell.cell_type == "code" for cell in core),
        "predictions": sum("predict" in tags(cell) for cell in core),
        "exercises": sum("exercise" in tags(cell) for cell in core),
        "claims": sum("verdict" in tags(cell) for cell in core),
    }
    found += [
        f"{counts[what]} {what} in the core path, at most {most} belong there"
        for what, most in LARGEST.items()
        if counts[what] > most
    ]
    opening = "\n".join(prose[:3])
    needed = 1 if number == "00" else 2
    if len(TIME.findall(opening)) < needed:
        found.append(f"state {needed} times such as '45 minutes' in the first text cells")
    return found


def reasons(notebook: NotebookNode) -> list[str]:
    """Which reveals are not followed by a text that tells why, to be opened after a guess."""
    return [
        f"cell {cell.id}: put the why below it, a text cell with <details>"
        for cell, after in itertools.pairwise(notebook.cells)
        if cell.cell_type == "code" and "reveal" in _calls(cell.source)
        if after.cell_type != "markdown" or not WHY.search(after.source)
    ]


def _titles(cell: NotebookNode) -> list[tuple[int, str]]:
    without_code = re.sub(r"^```.*?^```", "", cell.source, flags=re.DOTALL | re.MULTILINE)
    lines = re.findall(r"^(#{1,6})[ ]+(.+?)[ #]*$", without_code, re.MULTILINE)
    return [(len(marks), text) for marks, text in lines]


def _prose(cell: NotebookNode) -> list[str]:
    pictures = re.findall(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]+\")[^>]*>", cell.source)
    return [f"a picture without alt text: {each}" for each in pictures]


def _code(cell: NotebookNode) -> list[str]:
    found = []
    if not isinstance(cell.execution_count, int):
        found.append("was not run")
    if cell.source.count("\n") >= LONGEST_CELL:
        found.append(f"longer than {LONGEST_CELL} lines")
    kinds = {output.output_type for output in cell.outputs}
    pictures = [output for output in cell.outputs if _is_picture(output)]
    if any(not re.search(ALT, output.data.get("text/html", "")) for output in pictures):
        found.append("a picture without alt text: draw it with show()")
    if any(output.get("name") == "stderr" for output in cell.outputs):
        found.append("wrote to stderr")
    if MACHINE.search(repr(cell.outputs)):
        found.append("its output holds a path of the machine that built it")
    if ("raises-exception" in tags(cell)) != ("error" in kinds):
        found.append("the tag raises-exception and an error go together")
    return found + _silence(cell, kinds, pictures)


def _is_picture(output: NotebookNode) -> bool:
    data = output.get("data", {})
    return bool({"image/png", "image/svg+xml"} & set(data)) or "<img" in data.get("text/html", "")


def _silence(cell: NotebookNode, kinds: set[str], pictures: list[NotebookNode]) -> list[str]:
    """Outputs that the source promises and the cell does not hold."""
    calls = _calls(cell.source)
    if calls & SPEAKING and not kinds & {"stream", "error"}:
        return [f"{', '.join(sorted(calls & SPEAKING))} left no text"]
    if _ends_in_a_value(cell.source) and not kinds & {"execute_result", "display_data", "error"}:
        return ["its last line is a value, but none is shown"]
    if "show" in calls and not (pictures and "stream" in kinds):
        return ["a figure left no picture with its reading"]
    if "widget" in tags(cell) and not any(output.data.get("text/plain") for output in pictures):
        return ["a view left no picture with its reading"]
    if "check" in tags(cell) and kinds - {"stream", "error"}:
        return ["a check prints a line or raises, nothing else"]
    return []


def _ends_in_a_value(source: str) -> bool:
    """Whether the notebook shows the value of a cell's last line; calls may return None."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    shows = ast.Name | ast.Attribute | ast.BinOp | ast.Subscript | ast.Tuple | ast.List | ast.Dict
    last = body[-1] if body else None
    quiet = source.rstrip().endswith(";")
    return isinstance(last, ast.Expr) and isinstance(last.value, shows) and not quiet


def _calls(source: str) -> set[str]:
    """Names called by a cell's own statements, not inside the functions that it defines."""
    found: set[str] = set()
    try:
        waiting: list[ast.AST] = list(ast.parse(source).body)
    except SyntaxError:
        return found
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        waiting.extend(ast.iter_child_nodes(node))
    return found
