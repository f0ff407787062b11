"""Checks a learner's own notebooks, without marks: which exercises are right by now?"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import nbformat

from inference_lab.lab import catalogue
from inference_lab.lab.check import right
from inference_lab.workbook.execute import ALONE, ATTEMPTS, CELL_TIMEOUT_S, NBVAL, run_apart
from inference_lab.workbook.folder import lesson_files, read
from inference_lab.workbook.rebuild import Missing, is_stub, rebuild, source

TIMEOUT_S = 900
RIGHT, NOT_YET, NOT_ATTEMPTED, NOT_FOUND = "right", "not yet", "not attempted", "not found"
# What a learner prints around the check's own line is no part of the comparison.
SANITIZE = r"""[right]
regex: (?s)^.*?(\d+\.\d+ right: public checks passed \(\d+ of \d+\)).*$
replace: \1
"""
HEAD_OF_A_TRACEBACK = "Traceback (most recent call last)"
COLOUR = re.compile(r"(\x1b|#x1B)\[[0-9;]*m")  # JUnit writes the escape character as #x1B


@dataclass(frozen=True)
class Outcome:
    """How one exercise, or one cell of the course, went.

    Parameters
    ----------
    lesson : str
        The notebook's name without its ending.
    what : str
        The exercise's id, or the id of a cell of the course that failed on this machine.
    title : str
        A few words.
    status : str
        ``"right"``, ``"not yet"``, ``"not attempted"``, ``"not found"``, or ``"failed"``.
    said : str
        The first line of what went wrong; empty when right.
    """

    lesson: str
    what: str
    title: str
    status: str
    said: str = ""


def selfcheck(course: Path, workbook: Path, junit: Path | None = None) -> list[Outcome]:
    """Rebuild a learner's lessons from the course and the exercise cells, and validate them.

    The check cells get the output that a right answer prints, and nbval compares.

    Parameters
    ----------
    course, workbook : Path
        The folder of the course's notebooks, and the learner's.
    junit : Path, optional
        Where to write nbval's report as JUnit XML.

    Returns
    -------
    list of Outcome
        One for each exercise, and one for each other cell that failed.

    Raises
    ------
    FileNotFoundError
        If `course` holds no lesson, or the two folders have none in common.
    ValueError
        If a notebook cannot be read.
    TimeoutError
        If the run did not end in 15 minutes, twice.
    """
    names = [path.name for path in lesson_files(course) if (workbook / path.name).exists()]
    if not lesson_files(course):
        raise FileNotFoundError(f"{course} holds no lesson: name the folder of the course")
    if not names:
        raise FileNotFoundError(f"{workbook} holds no lesson of {course}: name your own folder")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        outcomes = []
        rebuilt = {name: _prepare(course / name, workbook / name) for name in names}
        for name, (notebook, _) in rebuilt.items():
            nbformat.write(notebook, folder / name)
        report = _validate(folder)
        for name, (notebook, missing) in rebuilt.items():
            outcomes += _outcomes(name, notebook, missing, _failures(report, name))
        if junit:
            junit.write_bytes(report.read_bytes())
    return outcomes


def _prepare(course: Path, own: Path) -> tuple[Any, dict[str, Missing]]:
    """The lesson that nbval runs: a right answer's output in each check cell."""
    edition = nbformat.read(course, as_version=4)
    exercises = [SimpleNamespace(**entry) for entry in catalogue.of_lesson(own.name[:2])]
    there = {cell.metadata.get("exercise") for cell in edition.cells}
    if {each.id for each in exercises} - there:
        raise ValueError(f"{course} is older than this package: update both")
    notebook, missing = rebuild(edition, read(own), exercises)
    checks = {_id_of_check(each.id): each for each in exercises}
    for cell in notebook["cells"]:
        if cell["id"] in checks:
            line = right(vars(checks[cell["id"]])) + "\n"
            cell["outputs"] = [nbformat.v4.new_output("stream", name="stdout", text=line)]
            kept = set(cell["metadata"]["tags"]) - {"raises-exception"}
            cell["metadata"]["tags"] = [*sorted(kept), "nbval-check-output"]
    return nbformat.from_dict(notebook), missing


def _validate(folder: Path) -> Path:
    """Run nbval over a folder, apart from any project's settings; its JUnit report."""
    report = folder / "report.xml"
    (folder / "sanitize.cfg").write_text(SANITIZE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [*NBVAL, "--nbval-lax", "-c", str(folder / "pytest.ini")]
    command += [f"--nbval-cell-timeout={CELL_TIMEOUT_S}"]
    command += [f"--nbval-sanitize-with={folder / 'sanitize.cfg'}", f"--junitxml={report}"]
    command += ["--color=no", f"--rootdir={folder}", str(folder)]
    setting = ALONE | {catalogue.FOLDER_VARIABLE: str(catalogue.folder().resolve())}
    for _ in range(ATTEMPTS):
        finished = run_apart(command, TIMEOUT_S, setting)
        if finished is None:
            continue
        if not report.exists():
            raise ValueError(f"nbval did not run:\n{finished.stdout[-2000:]}{finished.stderr}")
        return report
    raise TimeoutError(f"the lessons took longer than {TIMEOUT_S} s, {ATTEMPTS} times")


def _failures(report: Path, name: str) -> dict[int, str]:
    """The code cells of one notebook that did not pass, by number from 0, and what they said."""
    failures = {}
    for case in ElementTree.parse(report).iter("testcase"):
        problem = next((c for c in case if c.tag in ("failure", "error", "skipped")), None)
        if problem is not None and case.get("classname") == name:
            text = f"{problem.text or ''}\n{problem.get('message') or ''}"
            failures[int(case.get("name").split()[-1])] = COLOUR.sub("", text)
    return failures


def _outcomes(
    name: str, notebook: Any, missing: dict[str, Missing], failures: dict[int, str]
) -> list[Outcome]:
    lesson = name.removesuffix(".ipynb")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    answers = {c.metadata.get("exercise"): c for c in cells}
    number = {cell.id: index for index, cell in enumerate(cells)}
    outcomes, seen = [], set()
    for entry in catalogue.of_lesson(name[:2]):
        own = number[answers[entry["id"]].id], number[_id_of_check(entry["id"])]
        seen |= set(own)
        said = [failures[index] for index in own if index in failures]
        if entry["id"] in missing:
            status, words = NOT_FOUND, missing[entry["id"]].reason
        elif not said:
            status, words = RIGHT, ""
        elif is_stub(source(answers[entry["id"]])):
            status, words = NOT_ATTEMPTED, ""
        elif any(f"{entry['id']} not attempted" in text for text in said):
            status, words = NOT_ATTEMPTED, "its function raises NotImplementedError"
        else:
            status, words = NOT_YET, _first_line(said, entry["id"])
        outcomes.append(Outcome(lesson, entry["id"], entry["title"], status, words))
    for index in sorted(set(failures) - seen):
        words = _first_line([failures[index]], "")
        outcomes.append(Outcome(lesson, cells[index].id, "a cell of the course", "failed", words))
    return outcomes


def _first_line(said: list[str], exercise: str) -> str:
    """The line that tells most: the check's own, else the last line of an error."""
    lines = [line.strip() for text in said for line in text.splitlines() if line.strip()]
    own = [line for line in lines if exercise and line.startswith(f"{exercise} not yet")]
    raised = {line.split()[0] for line in lines if line.endswith(HEAD_OF_A_TRACEBACK)}
    errors = [
        line
        for line in lines
        if not line.endswith(HEAD_OF_A_TRACEBACK)
        and (re.match(r"\w*(Error|Exception|Timeout)\b", line) or line.split(":")[0] in raised)
    ]
    most = (own or errors or lines or [""])[0]
    return most.replace("_IncompleteInputError", "SyntaxError")  # its kind since Python 3.13


def _id_of_check(exercise: str) -> str:
    return "check-" + exercise.replace(".", "-")
