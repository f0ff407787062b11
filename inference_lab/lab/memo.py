"""The design memo: one line a lesson, kept as data for the last lesson."""

from __future__ import annotations

from pathlib import Path

from inference_lab.lab import record
from inference_lab.lab.notice import WrongType, WrongValue

LINES = record.Record(".memo.json", "delete it and run the memo cells again")


def memo(lesson: str, line: str | None) -> None:
    """Keep the learner's decision of a lesson.

    It goes into ``.memo.json`` beside the notebook in a learner's own folder (which holds
    ``.progress.json``); elsewhere nothing is written, and `progress` knows it as long as the
    kernel lasts.

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
        raise WrongType(f'lesson must be text such as "05", not {lesson!r}')
    if line is None:
        print(f"Memo {lesson}: write your line, in quotes, in place of None.")
        return
    if not isinstance(line, str):
        raise WrongType(f"line must be text in quotes, not {line!r}")
    if not line.strip() or "\n" in line:
        raise WrongValue(f"line must be one line of text, not {line!r}")
    LINES.keep(lesson, line.strip())
    print(f"Memo {lesson}: {line.strip()}")


def read() -> dict[str, str]:
    """All lines of the memo in this folder, by lesson.

    Raises
    ------
    ValueError
        When the file cannot be read.
    """
    path = Path(LINES.name)
    return record.read(path, LINES.lost) if path.is_file() else {}
