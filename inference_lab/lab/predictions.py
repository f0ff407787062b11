"""Say a number before the run; `reveal` tells how far off it was."""

from __future__ import annotations

import math
import numbers

from inference_lab.lab.notice import WrongType, WrongValue
from inference_lab.lab.record import Record
from inference_lab.lab.wording import number as written

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
        The unit of the number, such as ``"ms"``.

    Raises
    ------
    TypeError, ValueError
        If `prediction_id` or `unit` is no text or empty, or `value` is no finite number or
        an impossible one.
    """
    for name, text in (("prediction_id", prediction_id), ("unit", unit)):
        if not isinstance(text, str):
            raise WrongType(f"{name} must be text, not {text!r}")
        if not text:
            raise WrongValue(f"{name} must not be empty")
    if value is not None:
        value = finite("value", value)
        possible("value", value, unit)
    MADE.keep(prediction_id, None if value is None else {"value": value, "unit": unit})
    if value is None:
        print(f"Prediction {prediction_id}: replace None with your number, in {unit}.")
    else:
        print(f"Prediction {prediction_id}: {written(value)} {unit}. Now let us see.")
        if unit.startswith("%") and 0 < value < 1:
            print(f"The unit is %: did you mean {written(100 * value)}? Then run the cell with it.")


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
