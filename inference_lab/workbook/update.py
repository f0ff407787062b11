"""Brings a new edition of a lesson to a learner's copy and keeps what the learner wrote."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference_lab.workbook.folder import (
    back_up,
    lesson_files,
    notebooks,
    read,
    start,
    without_results,
    write,
)
from inference_lab.workbook.rebuild import digest, source

RESULTS = ("outputs", "execution_count")
YOURS = "yours"  # the tag of a cell that is kept beside a newer one of the course


@dataclass
class Merge:
    """A merged lesson and what happened to the learner's cells.

    Parameters
    ----------
    notebook : dict
        The new edition with the learner's work in it.
    kept : list of str
        One line for each cell of the learner's that does not stand where it stood by itself.
    """

    notebook: dict[str, Any]
    kept: list[str] = field(default_factory=list)


def update(course: Path, workbook: Path) -> list[str]:
    """Bring a learner's folder to the course's edition; an older copy goes into ``backup/``.

    What comes from the course comes without outputs; the learner's own results stay.

    Parameters
    ----------
    course, workbook : Path
        The folder of the course's notebooks, and the learner's.

    Returns
    -------
    list of str
        What was done, one line each; empty when there was nothing to do.

    Raises
    ------
    FileNotFoundError
        If `workbook` is no learner's folder: one with lessons in it.
    ValueError
        If a notebook of the learner's cannot be read.
    """
    if not lesson_files(workbook):
        where = Path(workbook).resolve()
        raise FileNotFoundError(
            f"{where} holds no lesson, so nothing was changed: run this in the folder from which "
            "you started the lab, or name your own folder, as in `update path/to/my_course`"
        )
    done = [f"{name}: new" for name in start(course, workbook)]
    for path in notebooks(course):
        mine = workbook / path.name
        edition, own = without_results(read(path)), read(mine)
        merge = merged(edition, own)
        if _same_cells(merge.notebook, own):
            continue
        kept = back_up(mine)
        write(mine, merge.notebook)
        done.append(f"{path.name}: brought up to date; your old copy is backup/{kept.name}")
        done += [f"{path.name}: {line}" for line in merge.kept]
    return done


def merged(edition: dict[str, Any], own: dict[str, Any]) -> Merge:
    """The new edition's cells with the learner's work among them.

    A cell that the learner left as it was follows the edition. One that the learner changed (an
    exercise, a prediction, any other) stays as the learner wrote it; when the edition has
    changed it too, exercises and predictions are the learner's, and of any other cell both
    stand, the learner's below with the tag ``yours``. A cell that the learner added stays behind
    the cell that it followed. A cell that the learner deleted comes back.
    """
    notebook = copy.deepcopy(edition)
    place = {cell["id"]: index for index, cell in enumerate(notebook["cells"])}
    partners = _partners(own, place)
    behind: dict[int, list[dict[str, Any]]] = {}
    merge = Merge(notebook)
    anchor = -1
    for cell in own.get("cells", []):
        identity = partners.get(id(cell))
        if identity is not None:
            anchor = place[identity]
        if not _changed(cell):
            if identity and _mark(cell) == _mark(notebook["cells"][anchor]):
                notebook["cells"][anchor] |= {k: cell[k] for k in RESULTS if k in cell}
            continue
        if identity is None:
            behind.setdefault(anchor, []).append(_own(cell, place))
        elif _keeps_its_place(notebook["cells"][anchor], cell):
            theirs = notebook["cells"][anchor]
            notebook["cells"][anchor] = {**copy.deepcopy(cell), "id": identity}
            notebook["cells"][anchor]["metadata"] = theirs["metadata"]
        else:
            behind.setdefault(anchor, []).append(_own(cell, place, YOURS))
            merge.kept.append(f"cell {identity} is new; yours is kept below it, tagged {YOURS}")
    cells = list(behind.get(-1, []))
    for index, cell in enumerate(notebook["cells"]):
        cells += [cell, *behind.get(index, [])]
    notebook["cells"] = cells
    return merge


def _partners(own: dict[str, Any], place: dict[str, int]) -> dict[int, str]:
    """Which cell of the edition each of the learner's cells stands for, each taken once."""
    taken: dict[str, dict[str, Any]] = {}
    for name in (lambda c: c.get("id"), lambda c: _mark(c).get("id")):
        for cell in own.get("cells", []):
            if name(cell) in place and not any(cell is other for other in taken.values()):
                taken.setdefault(name(cell), cell)
    return {id(cell): identity for identity, cell in taken.items()}


def _keeps_its_place(theirs: dict[str, Any], mine: dict[str, Any]) -> bool:
    answer = {"exercise", "predict"} & set(theirs["metadata"].get("tags", []))
    return bool(answer) or _mark(theirs).get("digest") == _mark(mine).get("digest")


def _changed(cell: dict[str, Any]) -> bool:
    """Whether a cell holds something that the course did not put there."""
    return bool(source(cell).strip()) and digest(source(cell)) != _mark(cell).get("digest")


def _mark(cell: dict[str, Any]) -> dict[str, Any]:
    mark = cell.get("metadata", {}).get("course")
    return mark if isinstance(mark, dict) else {}


def _own(cell: dict[str, Any], place: dict[str, int], *tags: str) -> dict[str, Any]:
    """A cell of the learner's, free of the course's marks, under an id that is its own."""
    kept = copy.deepcopy(cell)
    metadata = kept.setdefault("metadata", {})
    for name in ("course", "exercise"):
        metadata.pop(name, None)
    if tags:
        metadata["tags"] = list(tags)
    if kept.get("id") in place or "id" not in kept:
        kept["id"] = f"yours-{digest(json.dumps(kept, sort_keys=True))}"
    return kept


def _same_cells(one: dict[str, Any], other: dict[str, Any]) -> bool:
    def cells(notebook: dict[str, Any]) -> list[tuple]:
        return [(c["cell_type"], source(c), c.get("id")) for c in notebook.get("cells", [])]

    return cells(one) == cells(other)
