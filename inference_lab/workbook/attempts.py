"""How far a learner is, told from what lies in the folder: nothing is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from inference_lab.lab import catalogue, record
from inference_lab.workbook.folder import lesson_files, read
from inference_lab.workbook.rebuild import Missing, find_exercise, is_stub

OF_LAST_CHECK = {
    True: "right at its last check",
    False: "not yet at its last check",
    None: "written, never checked",
}
NOT_ATTEMPTED, NOT_FOUND = "not attempted", "not found"


@dataclass(frozen=True)
class Attempt:
    """One exercise that carries points.

    Parameters
    ----------
    exercise : str
        Its id, such as ``"5.1"``.
    status : str
        A value of `OF_LAST_CHECK`, ``"not attempted"`` or ``"not found"``.
    reason : str
        Why its cell was not found, else empty.
    """

    exercise: str
    status: str
    reason: str = ""


def attempts(workbook: Path) -> list[Attempt]:
    """The exercises of all lessons in a learner's folder, as they were saved.

    Raises
    ------
    ValueError
        If a notebook or the file of the progress cannot be read.
    """
    kept = Path(workbook) / record.NAME
    known = record.read(kept) if kept.is_file() else {}
    found = []
    for path in lesson_files(workbook):
        notebook = read(path)
        for entry in catalogue.of_lesson(path.name[:2]):
            if entry["points"]:
                cell = find_exercise(notebook, SimpleNamespace(**entry))
                last = known.get(entry["id"], {}).get("right")
                found.append(_attempt(entry["id"], cell, last))
    return found


def _attempt(exercise: str, cell: str | Missing, last: bool | None) -> Attempt:
    if isinstance(cell, Missing):
        return Attempt(exercise, NOT_FOUND, cell.reason)
    return Attempt(exercise, NOT_ATTEMPTED if is_stub(cell) else OF_LAST_CHECK[last])
