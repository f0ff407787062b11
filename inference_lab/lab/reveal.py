"""What the run says, against the prediction or the verdict that was committed before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from inference_lab.lab.figure import show
from inference_lab.lab.notice import WrongType
from inference_lab.lab.plots.style import HOLLOW, INK, RC
from inference_lab.lab.predictions import MADE, apart, finite
from inference_lab.lab.verdicts import CLAIM, GIVEN, option
from inference_lab.lab.wording import number as written

if TYPE_CHECKING:
    from inference_lab.lab.claims.verdict import Verdict


def reveal(name: str, run: Any) -> None:
    """Run an experiment, and set what it says against what was committed before.

    Without a prediction or verdict it asks for one, runs nothing and draws nothing.

    Parameters
    ----------
    name : str
        As given to `predict`, such as ``"5.1"``, or to `verdict`, such as ``"C31"``.
    run : callable, or its result
        A function without arguments. For a prediction it returns the number, in the
        prediction's unit; for a verdict a `Verdict`, or a dict of one for each case.

    Raises
    ------
    TypeError, ValueError
        If the result is no finite number, or no verdict.
    """
    if isinstance(name, str) and CLAIM.fullmatch(name):
        _claim(name, run)
    else:
        _prediction(name, run)


def _prediction(name: str, run: float | Callable[[], float]) -> None:
    made = MADE.load().get(name)
    if made is None:
        print("Put your number in the cell above first (and run it), then run this cell again.")
        return
    value, unit = made["value"], made["unit"]
    result = finite("run", run() if callable(run) else run)
    reads = (
        f"You said {written(value)} {unit}; the run gives {written(result)} {unit}: "
        f"{apart(value, result)}."
    )
    show(_bars(name, value, result, unit), reads=reads)


def _bars(name: str, value: float, result: float, unit: str):
    import matplotlib.pyplot as plt

    with plt.rc_context(RC):
        fig, axes = plt.subplots(figsize=(7.5, 1.3))
        run = axes.barh("the run", result, height=0.5, color=INK)
        own = axes.barh("you", value, height=0.5, **HOLLOW)
        for bar, each in ((run, result), (own, value)):
            axes.bar_label(bar, labels=[f"{written(each)} {unit}"], padding=6)
        axes.set(title=f"Prediction {name}", xticks=[])
        axes.margins(x=0.25, y=0.2)
        axes.tick_params(axis="y", length=0)
        axes.spines["bottom"].set_visible(False)
    return fig


def _claim(name: str, run: Any) -> None:
    said = GIVEN.load().get(name)
    if said is None:
        print("The experiment waits for your verdict.")
        return
    cases = _cases(run() if callable(run) else run)
    for case, each in cases.items():
        print(f"{name}{', ' + case if case else ''}: {each}")
    answer = together([each.verdict for each in cases.values()])
    if option(said) == answer:
        print(f"You said it {said}, and so does the run.")
    else:
        print(f"You said it {said}; the run says it {answer}.")


def _cases(result: object) -> Mapping[str, Verdict]:
    from inference_lab.lab.claims.verdict import Verdict

    cases = result if isinstance(result, Mapping) else {"": result}
    if not cases or not all(isinstance(each, Verdict) for each in cases.values()):
        raise WrongType(f"run must give a Verdict, or a dict of them, not {result!r}")
    return cases


def together(verdicts: list[str]) -> str:
    """The verdict on a claim that was tried in several cases.

    >>> together(["holds", "holds"]), together(["holds", "does not hold"])
    ('holds', 'holds if')
    """
    options = {option(each) for each in verdicts}
    return options.pop() if len(options) == 1 else "holds if"
