"""Hints in rungs: from a question to nearly the answer, one at a time."""

from __future__ import annotations

from inference_lab.lab import catalogue, record
from inference_lab.lab.wording import number


def hint(exercise_id: str) -> None:
    """Print the next hint of an exercise.

    After the first hint, a wrong answer that is a single number earns one more rung: how far
    off it is. After the last hint the last one is printed again. An exercise whose last check
    was right says so first.

    Parameters
    ----------
    exercise_id : str
        Lesson and number, such as ``"5.1"``.

    Raises
    ------
    ValueError, TypeError
        When no exercise has this id.
    """
    texts = catalogue.entry(exercise_id)["hints"]
    state = record.of(exercise_id)
    taken = state["hints"]
    if state["right"]:
        print(f"{exercise_id} is right already.")
    if not texts:
        print(f"{exercise_id} has no hints.")
    elif taken and state["ratio"] is not None:
        record.keep(exercise_id, state | {"ratio": None})
        print(f"Hint: your last answer was {off_by(state['ratio'])}.")
    else:
        number = min(taken + 1, len(texts))
        record.keep(exercise_id, state | {"hints": number})
        last = " (the last one)" if number == len(texts) else ""
        print(f"Hint {number} of {len(texts)}{last}: {texts[number - 1]}")


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
    return f"{number(factor)} times too {side}"
