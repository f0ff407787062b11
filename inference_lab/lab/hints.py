"""Hints in rungs: from a question to nearly the answer, each asked for by its number."""

from __future__ import annotations

from inference_lab.lab import catalogue, record
from inference_lab.lab.notice import WrongType, WrongValue
from inference_lab.lab.wording import number as written


def hint(exercise_id: str, number: int | None = None) -> None:
    """Print the hints of an exercise up to a number; without one, those already taken.

    The number is what takes a hint: a cell that is run again, by Shift-Enter or Run All, shows
    the same hints and takes no more. Once the last check was right, hints are free: they are
    shown and not counted. After the first hint, a wrong answer that is a single number also
    earns how far off it was.

    Parameters
    ----------
    exercise_id : str
        Lesson and number, such as ``"5.1"``.
    number : int, optional
        The last hint to show; 1 is the first.

    Raises
    ------
    ValueError, TypeError
        If no exercise has this id, or `number` is no whole number of one of its hints.
    """
    texts = catalogue.entry(exercise_id)["hints"]
    if not texts:
        print(f"{exercise_id} has no hints.")
        return
    state = record.of(exercise_id)
    shown = state["hints"] if number is None else _checked(number, len(texts))
    if state["right"]:
        print(f"{exercise_id} is right already, so this costs nothing.")
    elif shown > state["hints"]:
        record.keep(exercise_id, state | {"hints": shown})
    for place, text in enumerate(texts[:shown], start=1):
        print(f"Hint {place} of {len(texts)}: {text}")
    if shown and state["ratio"] is not None:
        print(f"Your last answer was {off_by(state['ratio'])}.")
    if shown < len(texts):
        which = "next" if shown else "first"
        print(f'For the {which} hint: hint("{exercise_id}", {shown + 1})')


def _checked(number: object, last: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise WrongType(f"number must be a whole number such as 1, not {number!r}")
    if not 1 <= number <= last:
        raise WrongValue(f"number={number!r}: the hints are numbered from 1 to {last}")
    return number


def off_by(ratio: float) -> str:
    """A ratio of two numbers in words.

    >>> off_by(8.0), off_by(0.001), off_by(-1.0)
    ('8 times too large', '1,000 times too small', 'of the wrong sign')
    """
    if ratio < 0:
        return "of the wrong sign"
    factor, side = (ratio, "large") if ratio >= 1 else (1 / ratio, "small")
    if factor < 1.01:
        return f"{100 * (factor - 1):.2g} % too {side}"
    return f"{written(factor)} times too {side}"
