"""What a learner has done so far; a learner's own folder keeps it when the kernel ends."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from inference_lab.lab.notice import WrongValue

NAME = ".progress.json"


class Record:
    """Entries by name, in a file beside the notebook or in the kernel's memory.

    A learner's own folder holds ``.progress.json`` (it is made with one); there the file is
    written. Anywhere else the entries last as long as the kernel, so a notebook of the course
    that is opened or tested in place always starts afresh and writes nothing.

    Parameters
    ----------
    name : str
        The file's name.
    lost : str
        What to do when the file cannot be read.
    """

    def __init__(self, name: str, lost: str) -> None:
        self.name, self.lost = name, lost
        self.of_this_kernel: dict[str, Any] = {}

    def load(self) -> dict[str, Any]:
        """All entries.

        Raises
        ------
        ValueError
            If the file cannot be read; the message names it and the fix.
        """
        if not Path(NAME).is_file():
            return dict(self.of_this_kernel)
        return read(Path(self.name), self.lost) if Path(self.name).is_file() else {}

    def keep(self, name: str, entry: Any) -> None:
        """Set one entry; None removes it."""
        before = self.load()
        everything = {key: value for key, value in before.items() if key != name}
        if entry is not None:
            everything[name] = entry
        if everything == before:
            return
        if Path(NAME).is_file():
            write(Path(self.name), everything)
        else:
            self.of_this_kernel = everything


EXERCISES = Record(NAME, "delete it; the hints then start at the first one")


def of(exercise_id: str) -> dict[str, Any]:
    """What is known of one exercise.

    ``hints``: how many were taken; ``right``: whether a check was right, None before the
    first one; ``ratio``: the last wrong number divided by the right one, or None.
    """
    return {"hints": 0, "right": None, "ratio": None} | EXERCISES.load().get(exercise_id, {})


def tried(exercise_id: str, right: bool, ratio: float | None = None) -> None:
    """Remember how a check of an exercise went; what was right once stays right."""
    before = of(exercise_id)
    keep(exercise_id, before | {"right": right or bool(before["right"]), "ratio": ratio})


def keep(exercise_id: str, state: dict[str, Any]) -> None:
    """Remember the state of one exercise."""
    EXERCISES.keep(exercise_id, state)


def write(path: Path, everything: dict[str, Any]) -> None:
    """Replace the file in one step, so that a full disk or a crash cannot leave half of it."""
    half = path.with_name(path.name + ".new")
    text = json.dumps(everything, indent=1, sort_keys=True, ensure_ascii=False)
    half.write_text(text + "\n", encoding="utf-8")
    os.replace(half, path)


def read(path: Path, lost: str = EXERCISES.lost) -> dict[str, Any]:
    """All that such a file holds.

    Raises
    ------
    ValueError
        If it cannot be read; `lost` is the fix that the message names.
    """
    try:
        everything = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        everything = None
    if not isinstance(everything, dict):
        raise WrongValue(f"{path} cannot be read: {lost}")
    return everything
