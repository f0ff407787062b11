"""A submission: the notebooks that one student handed in, read without trusting them.

Nothing is unpacked to disk: what is wanted is read into memory, up to a limit.
"""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

LARGEST_NOTEBOOK_BYTES = 10_000_000
LARGEST_ZIP_BYTES = 50_000_000
MOST_ENTRIES = 2_000
LONGEST_CELL = 50_000  # characters of a code cell; more is no exercise and only costs time


class Refused(ValueError):
    """The submission cannot be read safely; the message says why."""


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Parameters
    ----------
    student : str
        Name of the folder or of the zip file without ``.zip``.
    notebooks : dict
        File name to notebook, or to a str that says why it cannot be read.
    refused : str or None
        Why nothing of it can be read.
    """

    student: str
    notebooks: dict[str, dict[str, Any] | str] = field(default_factory=dict)
    refused: str | None = None

    def lesson(self, name: str) -> dict[str, Any] | str | None:
        """The notebook of a lesson, a str that says why it cannot be told, None if there is none.

        It has the lesson's name, or is the only one that begins with its number. A notebook that
        belongs to no lesson might be a renamed one, so then a person has to look.
        """
        exact = f"{name}.ipynb"
        if exact in self.notebooks:
            return self.notebooks[exact]
        alike = [file for file in sorted(self.notebooks) if file.startswith(name[:3])]
        if len(alike) == 1:
            return self.notebooks[alike[0]]
        if alike:
            return f"several notebooks may be this lesson: {', '.join(alike)[:200]}"
        strange = [file for file in sorted(self.notebooks) if not _has_number(file)]
        if strange:
            return f"no notebook has this lesson's name; is it {', '.join(strange)[:200]}?"
        return None


def find(folder: Path) -> tuple[dict[str, list[Path]], list[str]]:
    """The students of a folder of submissions with their files, and what else lies there.

    Raises
    ------
    FileNotFoundError
        When there is no such folder.
    ValueError
        When it holds no submission.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder: it holds NAME.zip or NAME/ each")
    students: dict[str, list[Path]] = {}
    ignored = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not (path.is_dir() or path.suffix.lower() == ".zip"):
            ignored.append(path.name)
        else:
            name = path.name if path.is_dir() else path.stem
            students.setdefault(name, []).append(path)
    if not students:
        raise ValueError(f"{folder} holds no submission: NAME.zip or NAME/ for each student")
    return students, ignored


def read(student: str, paths: list[Path]) -> Submission:
    """Read one student's submission; what cannot be read is said in it, never raised."""
    try:
        if len(paths) > 1:
            raise Refused(f"two submissions: {', '.join(path.name for path in paths)}")
        if paths[0].is_symlink():
            raise Refused("a link")
        files = _in_folder(paths[0]) if paths[0].is_dir() else _in_zip(paths[0])
        return Submission(student, {name: _notebook(data) for name, data in files})
    except Refused as error:
        return Submission(student, refused=str(error))
    except Exception as error:  # a file made to break its reader may raise anything
        return Submission(student, refused=f"cannot be read: {type(error).__name__}: {error}"[:300])


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The notebooks at the top of a folder, or one folder deep when none is at the top."""
    top = list(os.scandir(folder))
    deeper = [e for d in top if d.is_dir(follow_symlinks=False) for e in os.scandir(d.path)]
    if len(top) + len(deeper) > MOST_ENTRIES:
        raise Refused(f"more than {MOST_ENTRIES} files")
    if any(entry.is_symlink() for entry in top + deeper):
        raise Refused("holds a link")
    found = _wanted([(PurePosixPath(os.path.relpath(e.path, folder)), e) for e in top + deeper])
    for name, entry in found:
        descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Refused(f"{name} is no ordinary file")
            yield name, file.read(LARGEST_NOTEBOOK_BYTES + 1)


def _in_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    """The notebooks of a zip file; every entry's name and kind is looked at."""
    if path.stat().st_size > LARGEST_ZIP_BYTES:
        raise Refused(f"a zip file of more than {LARGEST_ZIP_BYTES:,} bytes")
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise Refused(f"more than {MOST_ENTRIES} files")
        for entry in entries:
            parts = PurePosixPath(entry.filename.replace("\\", "/"))
            if parts.is_absolute() or ".." in parts.parts or ":" in entry.filename[:2]:
                raise Refused(f"a name that leads outside: {entry.filename[:100]!r}")
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise Refused("holds a link")
        found = _wanted([(PurePosixPath(e.filename), e) for e in entries if not e.is_dir()])
        if sum(entry.file_size for _, entry in found) > 10 * LARGEST_NOTEBOOK_BYTES:
            raise Refused("unpacks to far more than notebooks do")
        for name, entry in found:
            with archive.open(entry) as file:
                yield name, file.read(LARGEST_NOTEBOOK_BYTES + 1)


def _wanted(entries: list[tuple[PurePosixPath, Any]]) -> list[tuple[str, Any]]:
    """Notebooks at the top level, else those one folder deep; names may not repeat."""
    notebooks = [
        (path, entry)
        for path, entry in entries
        if path.suffix.lower() == ".ipynb"
        and not any(part.startswith((".", "__MACOSX")) for part in path.parts)
    ]
    depth = min((len(path.parts) for path, _ in notebooks), default=1)
    found = [(path.name, entry) for path, entry in notebooks if len(path.parts) == depth <= 2]
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        raise Refused("the same notebook twice")
    return found


def _notebook(data: bytes) -> dict[str, Any] | str:
    """The notebook in a file, or why it cannot be read."""
    if len(data) > LARGEST_NOTEBOOK_BYTES:
        return f"a notebook of more than {LARGEST_NOTEBOOK_BYTES:,} bytes"
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


def _has_number(file: str) -> bool:
    return file[:2].isdigit() and file[2:3] == "_"
