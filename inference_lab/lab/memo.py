"""The design memo: one line a lesson, kept as data for the last lesson."""

from __future__ import annotations

import json
import os
from pathlib import Path

from . import progress

NAME = ".memo.json"


def memo(lesson: str, line: str | None) -> None:
    """Keep the learner's decision of a lesson.

    It goes into ``.memo.json`` beside the notebook in a learner's own folder (which holds
    ``.progress.json``); elsewhere nothing is written.

    Parameters
    ----------
    lesson : str
        Two digits, such as ``"05"``.
    line : str or None
        The decision in one line; None while there is none.

    Raises
    ------
    TypeError, ValueError
        When `lesson` is no text, or `line` is neither None nor one line of text.
    """
    if not isinstance(lesson, str):
        raise TypeError(f'lesson must be text such as "05", not {lesson!r}')
    if line is None:
        print(f"Memo {lesson}: write your line, in quotes, in place of None.")
        return
    if not isinstance(line, str):
        raise TypeError(f"line must be text in quotes, not {line!r}")
    if not line.strip() or "\n" in line:
        raise ValueError(f"line must be one line of text, not {line!r}")
    if Path(progress.NAME).is_file():
        _write(Path(NAME), read() | {lesson: line.strip()})
    print(f"Memo {lesson}: {line.strip()}")


def read() -> dict[str, str]:
    """All lines of the memo in this folder, by lesson.

    Raises
    ------
    ValueError
        When the file cannot be read.
    """
    if not Path(NAME).is_file():
        return {}
    try:
        return json.loads(Path(NAME).read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{NAME} cannot be read: delete it and run the memo cells again") from None


def _write(path: Path, lines: dict[str, str]) -> None:
    half = path.with_name(path.name + ".new")
    half.write_text(
        json.dumps(lines, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    os.replace(half, path)
