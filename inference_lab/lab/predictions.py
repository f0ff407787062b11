"""Say a number before the run, then see how far off it was."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable

from inference_lab.lab.figure import show
from inference_lab.lab.notice import WrongType, WrongValue
from inference_lab.lab.plots.style import HOLLOW, INK, RC
from inference_lab.lab.record import Record
from inference_lab.lab.wording import number as written

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
        When `prediction_id` or `unit` is no text or empty, or `value` is no finite number.
    """
    for name, text in (("prediction_id", prediction_id), ("unit", unit)):
        if not isinstance(text, str):
            raise WrongType(f"{name} must be text, not {text!r}")
        if not text:
            raise WrongValue(f"{name} must not be empty")
    if value is not None:
        value = _number("value", value)
    MADE.keep(prediction_id, None if value is None else {"value": value, "unit": unit})
    if value is None:
        print(f"Prediction {prediction_id}: put your number, in {unit}, in place of None.")
    else:
        print(f"Prediction {prediction_id}: {written(value)} {unit}. Now let us see.")
        if unit.startswith("%") and 0 < value < 1:
            print(f"The unit is %: did you mean {written(100 * value)}? Then run the cell with it.")


def reveal(prediction_id: str, run: float | Callable[[], float]) -> None:
    """Draw the prediction against what the run gives, with their ratio.

    Without a prediction it asks for one, runs nothing and draws nothing.

    Parameters
    ----------
    prediction_id : str
        As given to `predict`.
    run : float or callable
        The measured number in the prediction's unit, or a function without arguments that
        returns it.

    Raises
    ------
    TypeError, ValueError
        When the result is no finite number.
    """
    made = MADE.load().get(prediction_id)
    if made is None:
        print("Put your number in the cell above first (and run it), then run this cell again.")
        return
    value, unit = made["value"], made["unit"]
    result = _number("run", run() if callable(run) else run)
    reads = (
        f"You said {written(value)} {unit}; the run gives {written(result)} {unit}: "
        f"{_apart(value, result)}."
    )
    show(_bars(prediction_id, value, result, unit), reads=reads)


def _bars(prediction_id: str, value: float, result: float, unit: str):
    import matplotlib.pyplot as plt

    with plt.rc_context(RC):
        fig, axes = plt.subplots(figsize=(7.5, 1.3))
        run = axes.barh("the run", result, height=0.5, color=INK)
        own = axes.barh("you", value, height=0.5, **HOLLOW)
        for bar, each in ((run, result), (own, value)):
            axes.bar_label(bar, labels=[f"{written(each)} {unit}"], padding=6)
        axes.set(title=f"Prediction {prediction_id}", xticks=[])
        axes.margins(x=0.25, y=0.2)
        axes.tick_params(axis="y", length=0)
        axes.spines["bottom"].set_visible(False)
    return fig


def _apart(value: float, result: float) -> str:
    if value <= 0 or result <= 0:
        return f"{written(abs(value - result))} apart"
    factor = max(value / result, result / value)
    if factor < 1.05:
        return "as good as equal"
    return f"you were {written(factor)} times too {'high' if value > result else 'low'}"


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise WrongType(f"{name} must be a number such as 75, not {value!r}")
    if not math.isfinite(value):
        raise WrongValue(f"{name} must be a finite number, not {value!r}")
    return float(value)
