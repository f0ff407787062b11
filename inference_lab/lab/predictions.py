"""Say a number before the run; `reveal` tells how far off it was."""

from __future__ import annotations

import math
import numbers

from inference_lab.lab import catalogue
from inference_lab.lab.notice import WrongType, WrongValue
from inference_lab.lab.record import Record
from inference_lab.lab.wording import number as written

PREFIXES = {"n": 1e-9, "µ": 1e-6, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9}
ENDINGS = {
    "bit/s": ("data rate", 1),
    "b/s": ("data rate", 1),
    "B/s": ("data rate", 8),
    "s": ("time", 1),
}
FULL = 100  # per cent: at a higher load the queue grows without end
MADE = Record(".predictions.json", "delete it and run the cells of your predictions again")


def predict(prediction_id: str, value: float | None, *, unit: str) -> None:
    """Commit a number before anything is shown.

    A learner's own folder (which holds ``.progress.json``) keeps it in ``.predictions.json``, so
    that `reveal` knows it after the kernel was restarted; elsewhere nothing is written.

    Parameters
    ----------
    prediction_id : str
        Lesson and number, such as ``"5.1"``.
    value : float or None
        Your number; None while you have none.
    unit : str
        The unit of the number, such as ``"ms"``. A number in ``"Gb/s"`` is turned into the
        ``"Mb/s"`` that the lesson asks for.

    Raises
    ------
    TypeError, ValueError
        If `prediction_id` or `unit` is no text or empty, `value` is no finite number or
        an impossible one, or the unit is of another kind than the lesson's.
    """
    for name, text in (("prediction_id", prediction_id), ("unit", unit)):
        if not isinstance(text, str):
            raise WrongType(f"{name} must be text, not {text!r}")
        if not text:
            raise WrongValue(f"{name} must not be empty")
    if value is not None:
        value = finite("value", value)
        possible("value", value, unit)
        asked = catalogue.unit(prediction_id) or unit
        value, unit = converted(value, unit, asked), asked
    MADE.keep(prediction_id, None if value is None else {"value": value, "unit": unit})
    if value is None:
        print(f"Prediction {prediction_id}: replace None with your number (unit: {unit}).")
    else:
        print(f"Prediction {prediction_id}: {written(value)} {unit}. Now let us see.")
        doubt = doubtful(value, unit)
        if doubt:
            print(doubt)


def doubtful(value: float, unit: str) -> str | None:
    """What to ask about a number that is possible and yet seldom meant.

    >>> doubtful(0.6, "% load")
    'The unit is %: did you mean 60? Then run the cell with it.'
    >>> doubtful(0, "ms")
    '0 ms means none at all. Is that your prediction?'
    """
    if value == 0:
        return f"0 {unit} means none at all. Is that your prediction?"
    if unit.startswith("%") and value < 1:
        return f"The unit is %: did you mean {written(100 * value)}? Then run the cell with it."
    if unit.startswith("%") and value > FULL:
        return f"{written(value)} % means more than the whole. Is that your prediction?"
    return None


def converted(value: float, unit: str, asked: str) -> float:
    """A number in the unit that is asked for.

    Raises
    ------
    ValueError
        If the two units measure different things.

    Examples
    --------
    >>> converted(3, "Gb/s", "Mb/s"), converted(1, "MB/s", "Mb/s"), converted(5, "users", "users")
    (3000.0, 8.0, 5)
    """
    if unit == asked:
        return value
    (one, size), (other, asked_size) = _measured(unit), _measured(asked)
    if one is None or one != other:
        raise WrongValue(f'unit={unit!r} is not what is asked for: give your number in "{asked}"')
    return value * size / asked_size


def _measured(unit: str) -> tuple[str | None, float]:
    """What a unit measures, and how much of it one is; nothing for a unit without prefixes."""
    for ending, (what, size) in ENDINGS.items():
        prefix = unit.removesuffix(ending)
        if unit.endswith(ending) and prefix in PREFIXES:
            return what, size * PREFIXES[prefix]
    return None, 1.0


def finite(name: str, value: object) -> float:
    """The value as a float.

    Raises
    ------
    TypeError, ValueError
        If it is no number, or no finite one; the message calls it `name`.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise WrongType(f"{name} must be a number such as 75, not {value!r}")
    if not math.isfinite(value):
        raise WrongValue(f"{name} must be a finite number, not {value!r}")
    return float(value)


def possible(name: str, value: float, unit: str) -> None:
    """Refuses what cannot be measured in a unit.

    Raises
    ------
    ValueError
        If the value is negative, or a load above 100 %; the message calls it `name`.
    """
    if value < 0:
        raise WrongValue(f"{name} cannot be negative, as {written(value)} {unit} is")
    if unit == "% load" and value > FULL:
        raise WrongValue(f"{name} is a share of what a replica can do: {written(value)} % is more")


def apart(value: float, result: float) -> str:
    """How far a number is from what the run gives, in words.

    >>> apart(75, 150), apart(150, 151), apart(0, 151)
    ('you were 2 times too low', 'as good as equal', '151 apart')
    """
    if value <= 0 or result <= 0:
        return f"{written(abs(value - result))} apart"
    factor = max(value / result, result / value)
    if factor < 1.05:
        return "as good as equal"
    return f"you were {written(factor)} times too {'high' if value > result else 'low'}"
