"""What a learner has asked and tried so far, so that hints go on where they stopped."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .notice import WrongValue

NAME = ".progress.json"
_of_this_kernel: dict[str, dict[str, Any]] = {}


def of(exercise_id: str) -> dict[str, Any]:
    """What is known of one exercise.

    ``hints``: how many were taken; ``right``: whether the last check was right, None before the
    first one; ``ratio``: the last wrong number divided by the right one, or None.
    """
    return {"hints": 0, "right": None, "ratio": None} | _load().get(exercise_id, {})


def tried(exercise_id: str, right: bool, ratio: float | None = None) -> None:
    """Remember how the last check of an exercise went."""
    state = of(exercise_id)
    now = state | {"right": right, "ratio": ratio}
    if now != state:
        keep(exercise_id, now)


def keep(exercise_id: str, state: dict[str, Any]) -> None:
    """Remember the state of one exercise.

    It goes into ``.progress.json`` beside the notebook when that file is there (the working
    folder is made with one). Without it the state lasts as long as the kernel, so a notebook of
    the course that is opened or tested in place always starts afresh and writes nothing.
    """
    everything = _load() | {exercise_id: state}
    if Path(NAME).is_file():
        write(Path(NAME), everything)
    else:
        _of_this_kernel[exercise_id] = state


def write(path: Path, everything: dict[str, dict[str, Any]]) -> None:
    """Replace the file in one step, so that a full disk or a crash cannot leave half of it."""
    half = path.with_name(path.name + ".new")
    half.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(half, path)


def read(path: Path) -> dict[str, dict[str, Any]]:
    """All that such a file holds, by exercise.

    Raises
    ------
    WrongValue
        When it cannot be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise WrongValue(
            f"{path} cannot be read: delete it; the hints then start at the first one"
        ) from None


def _load() -> dict[str, dict[str, Any]]:
    return read(Path(NAME)) if Path(NAME).is_file() else dict(_of_this_kernel)
