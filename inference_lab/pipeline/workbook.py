"""A learner's own folder: start it from the course, and pack it to hand in."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

from inference_lab.lab import progress


def start(course: Path, workbook: Path) -> list[str]:
    """Copy what a learner's folder lacks; never overwrite anything in it.

    Parameters
    ----------
    course : Path
        The folder of the course's notebooks.
    workbook : Path
        The learner's folder, made when it is not there.

    Returns
    -------
    list of str
        The names of the files that were copied.

    Raises
    ------
    FileNotFoundError
        When `course` holds no notebook.
    """
    course, workbook = Path(course), Path(workbook)
    if not lesson_files(course):
        raise FileNotFoundError(f"{course} holds no lesson: name the folder of the course")
    workbook.mkdir(parents=True, exist_ok=True)
    copied = []
    for path in sorted(course.iterdir()):
        target = workbook / path.name
        if path.is_file() and not path.name.startswith(".") and not target.exists():
            put(target, path.read_bytes())
            copied.append(path.name)
    if not (workbook / progress.NAME).exists():
        progress.write(workbook / progress.NAME, {})
    return copied


def pack(workbook: Path, archive: Path) -> list[str]:
    """Write the zip to hand in: the lessons of a learner's folder, at its top level.

    Parameters
    ----------
    workbook : Path
        The learner's folder.
    archive : Path
        The zip file to write; an older one is replaced.

    Returns
    -------
    list of str
        The names of the notebooks in the zip.

    Raises
    ------
    FileNotFoundError
        When the folder holds no lesson.
    """
    found = lesson_files(workbook)
    if not found:
        raise FileNotFoundError(f"{workbook} holds no lesson: name the folder that you work in")
    half = archive.with_name(archive.name + ".new")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as handed_in:
        for path in found:
            handed_in.write(path, path.name)
    os.replace(half, archive)
    return [path.name for path in found]


def lesson_files(folder: Path) -> list[Path]:
    """The lessons of a folder in their order: notebooks whose name begins with two digits."""
    return sorted(Path(folder).glob("[0-9][0-9]_*.ipynb"))


def course_beside(workbook: Path) -> Path:
    """The folder ``course`` next to a learner's folder.

    Raises
    ------
    FileNotFoundError
        When it is not there.
    """
    course = Path(workbook).resolve().parent / "course"
    if not lesson_files(course):
        raise FileNotFoundError(f"no lessons in {course}: name the course's folder with --course")
    return course


def read(path: Path) -> dict[str, Any]:
    """A learner's notebook as plain data.

    Raises
    ------
    ValueError
        When the file is no notebook of format 4; the message names it.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(
            f"{path} is not a notebook that can be read: rename it, and run this again"
        ) from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise ValueError(f"{path} is no notebook of format 4: save it with a newer Jupyter")
    return notebook


def put(path: Path, content: bytes) -> None:
    """Write a file in one step, so that a full disk or a crash cannot leave half of it."""
    half = path.with_name(path.name + ".new")
    half.write_bytes(content)
    os.replace(half, path)


def back_up(path: Path) -> Path:
    """Copy a file into the folder ``backup`` beside it, under a name that was free."""
    folder = path.parent / "backup"
    folder.mkdir(exist_ok=True)
    number = 1
    while (kept := folder / f"{path.stem}.{number}{path.suffix}").exists():
        number += 1
    shutil.copy2(path, kept)
    return kept
