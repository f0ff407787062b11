"""What was handed in for each exercise: the one cell that counts, or why a person has to look.

It runs in the reader's process. Every notebook of a lesson is looked at, whatever its name and
folder: the solved one counts when only one is solved.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

from inference_lab.grading.archive import LARGEST_FILE_BYTES, File
from inference_lab.lab.own_cell import NOT_PYTHON, foreign_names, refused
from inference_lab.workbook.rebuild import Missing, find_exercise, is_stub

LONGEST_CELL = 50_000  # characters of a code cell; more is no exercise and only costs time
LONGEST_NAMES = 200  # characters of file names in a reason
# A notebook as Jupyter names it, or as browsers, mail programs and platforms rename it.
NOTEBOOK = re.compile(r"\.ipynb([ _-]?(\(\d+\)|copy\d*|\d+))?(\.(txt|json))?$", re.IGNORECASE)
EXPORT = re.compile(
    r"\.(html?|py|pdf|docx?|odt|rtf|md|rmd|qmd|tex|rar|7z|gz|bz2|xz|zst|ipynb\.\w+)$", re.IGNORECASE
)
UNOPENED = re.compile(r"\.(rar|7z|gz|bz2|xz|zst)$", re.IGNORECASE)
MOST_LEFT_OUT = 20  # names
NUMBERED = re.compile(r"\d\d(?!\d)")
COURSES_OWN = {"glossary.ipynb"}
WORKPLACE, NOT_A_WORKPLACE = "my_course", {"course", "solutions", "tests"}


@dataclass(frozen=True)
class Cell:
    """What one notebook holds of one exercise, and with which Python it was run."""

    path: PurePosixPath
    found: str | Missing
    python: str


class HandedIn:
    """Takes the files of one submission one by one, keeps cells and reasons, and then decides.

    Parameters
    ----------
    tasks : list of dict
        ``lesson``, ``id``, ``function`` and ``stub`` (the untouched cell) of each exercise.
    """

    def __init__(self, tasks: list[dict[str, str]]) -> None:
        self.tasks = [SimpleNamespace(**task) for task in tasks]
        self.lessons = {task.lesson for task in self.tasks}
        self.cells: dict[str, list[Cell]] = {task.id: [] for task in self.tasks}
        self.unreadable: dict[str, list[str]] = {lesson: [] for lesson in self.lessons}
        self.strange: list[PurePosixPath] = []
        self.exports: list[PurePosixPath] = []
        self.left_out: list[str] = []

    def take(self, file: File) -> None:
        """Look at one file; only notebooks that may be wanted are read."""
        if NOTEBOOK.search(file.path.name):
            if file.path.name not in COURSES_OWN:
                self._take_notebook(file.path, file.read(LARGEST_FILE_BYTES))
        elif EXPORT.search(file.path.name):
            self.exports.append(file.path)

    def _take_notebook(self, path: PurePosixPath, data: bytes) -> None:
        """Keep the cells of a notebook that belongs to a lesson by its name or its content."""
        named = self._lessons_of(path.name)
        wanted = [task for task in self.tasks if task.lesson in named or not named]
        if not named and not any(task.function.encode() in data for task in wanted):
            notebook: dict[str, Any] | str = "nothing of the course is in it"
        else:
            notebook = _notebook(data)
        if isinstance(notebook, str):
            for lesson in named:
                self.unreadable[lesson].append(f"{path}: {notebook}")
            if not named and not NUMBERED.match(path.name):
                self.strange.append(path)
            return
        python = _python(notebook)
        for task in wanted:
            found = find_exercise(notebook, task)
            if named or not (isinstance(found, Missing) and found.absent):
                self.cells[task.id].append(Cell(path, found, python))

    def _lessons_of(self, name: str) -> set[str]:
        """The lessons that a file's name tells; empty when only its content can tell."""
        plain = re.sub(r"[\s-]+", "_", name).casefold()
        whole = {lesson for lesson in self.lessons if lesson.casefold() in plain}
        number = NUMBERED.match(name)
        return whole or {lesson for lesson in self.lessons if number and lesson[:2] == number[0]}

    def answers(self) -> dict[str, dict[str, str]]:
        """For each exercise its ``source`` and ``python``, or a ``status`` and its ``reason``."""
        decided = {task.id: self._answer(task) for task in self.tasks}
        named = [path for path in self.exports if self._lessons_of(path.name)]
        packed = [path for path in self.exports if UNOPENED.search(path.name)]
        unused = dict.fromkeys(str(path) for path in self.strange + named + packed if _alive(path))
        self.left_out = sorted(unused)[:MOST_LEFT_OUT]
        return decided

    def _answer(self, task: Any) -> dict[str, str]:
        cells = _at_work(self.cells[task.id])
        unreadable = self.unreadable[task.lesson]
        if not cells and not unreadable:
            return self._nothing(task)
        texts = {c.found.strip(): c for c in cells if isinstance(c.found, str)}
        written = {text: cell for text, cell in texts.items() if text != task.stub.strip()}
        solved = {text: cell for text, cell in written.items() if not is_stub(text)}
        answers = list((solved or written).values())
        if len(answers) > 1:
            where = _names([answer.path for answer in answers])
            return _doubt(f"answered differently in {where}: which one counts?")
        missing = [cell.found for cell in cells if isinstance(cell.found, Missing)]
        doubts = [each.reason for each in missing if not each.absent or not texts]
        if unreadable or doubts:
            return _doubt((unreadable + doubts)[0])
        if answers:
            source = str(answers[0].found)
            why = refused(source)
            why = "" if why == NOT_PYTHON else why or _of_another_cell(source)
            return {"source": source, "python": answers[0].python, "refused": why}
        return {"status": "not attempted", "reason": "its cell is as the course gives it"}

    def _nothing(self, task: Any) -> dict[str, str]:
        """No notebook of the lesson: was it handed in as something else?"""
        exports = [
            path
            for path in self.exports
            if _alive(path) and task.lesson in (self._lessons_of(path.name) or self.lessons)
        ]
        if self.strange or exports:
            names = _names(self.strange + exports)
            return _doubt(f"no notebook of this lesson that can be read; is it {names}?")
        return {"status": "not handed in", "reason": "no notebook of this lesson"}


def _at_work(cells: list[Cell]) -> list[Cell]:
    """Without the course's own editions, when a whole checkout was handed in."""
    at_work = [cell for cell in cells if WORKPLACE in cell.path.parts]
    return at_work or [cell for cell in cells if _alive(cell.path)] or cells


def _alive(path: PurePosixPath) -> bool:
    return not NOT_A_WORKPLACE & set(path.parts[:-1])


def _of_another_cell(source: str) -> str:
    names = ", ".join(f"`{name}`" for name in foreign_names(source))
    return f"it uses {names} of another cell" if names else ""


def _doubt(reason: str) -> dict[str, str]:
    return {"status": "needs a person", "reason": reason}


def _names(paths: list[PurePosixPath]) -> str:
    return ", ".join(sorted(map(str, paths)))[:LONGEST_NAMES]


def _notebook(data: bytes) -> dict[str, Any] | str:
    """The notebook in a file, or why it cannot be read."""
    if len(data) > LARGEST_FILE_BYTES:
        return f"a notebook of more than {LARGEST_FILE_BYTES:,} bytes"
    try:
        notebook = json.loads(data)
        cells = notebook.get("cells") if type(notebook) is dict else None
        if type(cells) is not list or not all(type(cell) is dict for cell in cells):
            return "not a notebook of format 4"
        code = [cell.get("source") for cell in cells if cell.get("cell_type") == "code"]
        if any(len(json.dumps(text)) > LONGEST_CELL for text in code):
            return f"a code cell of more than {LONGEST_CELL:,} characters"
    except (ValueError, RecursionError) as error:
        return f"not a notebook: {type(error).__name__}"
    return notebook


def _python(notebook: dict[str, Any]) -> str:
    """The version of Python that a notebook says it was run with, such as ``"3.13.1"``."""
    metadata = notebook.get("metadata")
    language = metadata.get("language_info") if isinstance(metadata, dict) else None
    version = language.get("version") if isinstance(language, dict) else None
    return version[:20] if isinstance(version, str) else ""
