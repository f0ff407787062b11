"""A learner's own folder: start it from the course, and pack it to hand in."""

from __future__ import annotations

import copy
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import inference_lab
from inference_lab.lab import record

GLOSSARY = "glossary.ipynb"
CHECKOUT = Path(inference_lab.__file__).resolve().parents[1]


def start(course: Path, workbook: Path) -> list[str]:
    """Copy what a learner's folder lacks; never overwrite anything in it.

    Notebooks come without outputs: the learner decides and predicts before a result is seen.

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
        If `course` holds no notebook.
    ValueError
        If a notebook of `course` cannot be read.
    """
    course, workbook = Path(course), Path(workbook)
    if not lesson_files(course):
        raise FileNotFoundError(f"{course} holds no lesson: name the folder of the course")
    workbook.mkdir(parents=True, exist_ok=True)
    copied = []
    for path in sorted(course.iterdir()):
        target = workbook / path.name
        if path.is_file() and not path.name.startswith(".") and not target.exists():
            if path.suffix == ".ipynb":
                write(target, without_results(read(path)))
            else:
                put(target, path.read_bytes())
            copied.append(path.name)
    if not (workbook / record.NAME).exists():
        record.write(workbook / record.NAME, {})
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
        If the folder holds no lesson.
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


def notebooks(folder: Path) -> list[Path]:
    """The lessons of a folder in their order, and then its glossary."""
    return [*lesson_files(folder), *Path(folder).glob(GLOSSARY)]


def find_course(workbook: Path) -> Path:
    """The folder ``course``: beside a learner's folder, here, or in the package's checkout.

    Raises
    ------
    FileNotFoundError
        If it is in none of the three places.
    """
    places = (Path(workbook).resolve().parent, Path.cwd(), CHECKOUT)
    for course in (place / "course" for place in places):
        if lesson_files(course):
            return course
    raise FileNotFoundError(
        f"no folder `course` with lessons in {', '.join(map(str, dict.fromkeys(places)))}: "
        "add --course FOLDER to the command, where FOLDER holds 00_start_here.ipynb"
    )


def read(path: Path) -> dict[str, Any]:
    """A learner's notebook as plain data.

    Raises
    ------
    ValueError
        If the file is no notebook of format 4; the message names it.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(
            f"{path} is not a notebook that can be read: rename it, and run this again"
        ) from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise ValueError(
            f"{path} is not in notebook format 4: open it in a newer Jupyter and save it"
        )
    return notebook


def without_results(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook as if no cell had been run yet."""
    fresh = copy.deepcopy(notebook)
    for cell in fresh["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return fresh


def write(path: Path, notebook: dict[str, Any]) -> None:
    """Write a notebook in the layout that Jupyter uses."""
    put(path, (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode())


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
