"""The design memo: a number, its unit and an action, kept as data for the last lesson."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from inference_lab.lab import record
from inference_lab.lab.notice import WrongType, WrongValue
from inference_lab.lab.predictions import apart, finite, possible
from inference_lab.lab.wording import number as written

LINES = record.Record(".memo.json", "delete it and run the memo cells again")
FEWEST_WORDS = 3  # who does what


def memo(
    lesson: str,
    number: float | None,
    unit: str | None,
    action: str | None,
    run: Mapping[str, Callable[[], float]],
    known_mistakes: Mapping[tuple[float, str], str] | None = None,
    at_most: bool = False,
) -> None:
    """Close a lesson's ticket, and set your number against that of the run.

    The memo goes into ``.memo.json`` beside the notebook in a learner's own folder (which holds
    ``.progress.json``); elsewhere nothing is written, and `progress` knows it as long as the
    kernel lasts.

    Parameters
    ----------
    lesson : str
        Two digits, such as ``"05"``.
    number : float or None
        What you order or allow; None while you have no number.
    unit : str or None
        Of what: ``"% load"``.
    action : str or None
        Who does what, in one line.
    run : dict
        For each unit that the lesson's run can answer in, the function that gives its number.
    known_mistakes : dict, optional
        What to ask about a number that is right for another case, by number and unit.
    at_most : bool
        Whether the run gives a limit, which a number below it keeps.

    Raises
    ------
    TypeError, ValueError
        If `lesson` is no text, `number` no finite number or an impossible one, the unit is
        missing, or the action is not one line of at least three words.
    """
    if not isinstance(lesson, str):
        raise WrongType(f'lesson must be text such as "05", not {lesson!r}')
    if number is None and unit is None and action is None:
        print(f"Memo {lesson}: replace each None: a number, its unit and an action, in quotes.")
        return
    line = _line(number, unit, action, run)
    LINES.keep(lesson, line)
    print(f"Memo {lesson}: {written(line['number'])} {line['unit']}. {line['action']}")
    known = next((each for each in run if _alike(each, line["unit"])), None)
    if known is None:
        units = _quoted(run)
        print(f"Kept. The run answers in {units}: give your number in it to compare the two.")
        return
    result = finite("run", run[known]())
    if known.startswith("%") and 0 < line["number"] < 1:
        share = written(100 * line["number"])
        print(f"The unit is %: did you mean {share}? Then run the cell with it.")
        return
    said = apart(line["number"], result)
    if at_most and said.endswith("too low"):
        print(f"The run gives {written(result)} {known} at most: your number keeps it.")
    else:
        print(f"The run gives {written(result)} {known}: {said}.")
    question = (known_mistakes or {}).get((line["number"], known))
    if question:
        print(question)


def read() -> dict[str, dict[str, Any]]:
    """All memos in this folder, by lesson: number, unit, action.

    Raises
    ------
    ValueError
        If the file cannot be read.
    """
    path = Path(LINES.name)
    return record.read(path, LINES.lost) if path.is_file() else {}


def _line(
    number: object, unit: object, action: object, run: Mapping[str, object]
) -> dict[str, Any]:
    if number is None:
        raise WrongValue("number is missing: replace the first None with a number such as 60")
    value = finite("number", number)
    if unit is None or (isinstance(unit, str) and not unit.strip()):
        raise WrongValue(f"the unit is missing: {written(value)} of what? Such as {_quoted(run)}")
    if not isinstance(unit, str):
        raise WrongType(f"unit must be text such as {_quoted(run)}, not {unit!r}")
    if action is not None and not isinstance(action, str):
        raise WrongType(f"action must be text in quotes, not {action!r}")
    possible("number", value, unit.strip())
    words = (action or "").split()
    if len(words) < FEWEST_WORDS or "\n" in action.strip():
        raise WrongValue(
            f"action must say in one line who does what, in at least {FEWEST_WORDS} words, "
            f"not {action!r}"
        )
    return {"number": value, "unit": unit.strip(), "action": " ".join(words)}


def _quoted(run: Mapping[str, object]) -> str:
    return " or ".join(f'"{each}"' for each in run)


def _alike(one: str, other: str) -> bool:
    """Whether two units begin alike: ``"%"`` and ``"% load"``, ``"req/s"`` and ``"requests/s"``."""
    ours, theirs = (unit.split()[0].casefold().split("/") for unit in (one, other))
    return len(ours) == len(theirs) and all(
        a.startswith(b) or b.startswith(a) for a, b in zip(ours, theirs, strict=True)
    )
