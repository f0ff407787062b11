"""Whether one small change in a learner's own function makes every number right, and where."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from typing import Any

from inference_lab.lab.answer import same
from inference_lab.lab.mistakes.bounded import bounded, compiled, value
from inference_lab.lab.mistakes.slips import slips
from inference_lab.lab.own_cell import definition, refused, source_of
from inference_lab.lab.time_limit import TimeOver, limited

AT_MOST_S = 0.3  # a person does not wait longer for a question
STOP_S = 2.0  # for a copy that takes long without a loop
LONGEST_LINE = 72

ROUNDING = "Which way is it rounded there, and must it be whole?"
LIMIT = "What sets a limit there, and what does not?"
ONE = "Is that one too many or too few?"
FIRST = "Which is the first there, and which is the last?"
ORDER = "Who comes first there?"
WHICH = "Which one of many numbers is asked for?"
ROUND = "What happens in each round, and what before or after?"
BELONGS = "Does all of it belong there?"
BRACKETS = "What is worked out first there?"
MEANT = "Is every name there the one that you mean?"
QUESTIONS = {
    "step": "Your function works out the right numbers and returns others. Which ones?",
    "equal": "Is it `<` or `<=` there?",
    "condition": "Which way round is the condition there?",
    "minmax": "Is it the smaller or the larger value that counts there?",
    "and or": "Must both hold there, or is one enough?",
    "uncondition": "Which condition there is one too many?",
    "sides": "Which of the two comes first there?",
    "sign": "What is added there, and what is taken off?",
    "without": BELONGS,
    "unconstant": "Does every constant belong there?",
    "brackets": BRACKETS,
    "grouped": BRACKETS,
    "plus times": "Do the two add up there, or does one count for each of the other?",
    "begin later": FIRST,
    "begin earlier": FIRST,
    "end later": FIRST,
    "end earlier": FIRST,
    "unsorted": ORDER,
    "order": ORDER,
    "unkeyed": ORDER,
    "index": "Which entry is meant there, counted from 0?",
    "start": "What holds before the first round?",
    "omitted": "Does that step belong there?",
    "instead": MEANT,
    "bound": LIMIT,
    "limit": LIMIT,
    "absolute": "Can that become negative there, and what does it mean then?",
    "whole": ROUNDING,
    "unrounded": ROUNDING,
    "rounded up": ROUNDING,
    "rounded down": ROUNDING,
    "rounded near": ROUNDING,
    "floored": ROUNDING,
    "missing": "What is still missing there?",
    "transposed": "What is a row there, and what a column?",
    "case": "Is that case really a different one?",
    "mixed": MEANT,
    "each once": "What does each of them count there?",
    "one more": ONE,
    "one less": ONE,
    "constant": ONE,
    "turned": "What belongs above the fraction line there, and what below it?",
    "inside": ROUND,
    "outside": ROUND,
    "taken sum": WHICH,
    "taken max": WHICH,
    "taken min": WHICH,
    "taken len": WHICH,
    "taken mean": WHICH,
    "steps": "What happens first there?",
    "unit": "Which units meet there?",
    "power": "What happens again and again there?",
}
"""By the kind of the change, the most particular first."""


def repair(
    function: Callable[..., Any], checks: list[dict[str, Any]], tolerance: float
) -> str | None:
    """Where to look, if one small change makes a function right on all public inputs.

    Parameters
    ----------
    function : callable
        The learner's function. Changed copies of it are run, in silence.
    checks : list of dict
        With ``inputs`` and what is ``expected``.
    tolerance : float
        Relative; what counts as right.
    """
    tree = definition(function)
    if tree is None or refused(source_of(function)):  # no copy of it may touch files or the net
        return None
    try:
        with limited(STOP_S):
            found = _changes(bounded(tree), function, checks, tolerance)
    except TimeOver:
        return None
    kind = next((each for each in QUESTIONS if each in found), None)
    if kind is None:
        return None
    text = source_of(function).splitlines()[found[kind] - 1].strip()
    text = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}..."
    return (
        f"One small change in line {found[kind]} of your cell makes every number right:\n"
        f"    {text}\n{QUESTIONS[kind]}"
    )


def _changes(
    tree: ast.FunctionDef,
    function: Callable[..., Any],
    checks: list[dict[str, Any]],
    tolerance: float,
) -> dict[str, int]:
    """The kinds of change that make all right, each with the line of its first."""
    checks = sorted(checks, key=lambda each: _is_met(function, each, tolerance))  # wrong ones first
    until = time.process_time() + AT_MOST_S
    found: dict[str, int] = {}
    for (kind, _), line in slips(tree, adding=True):
        if time.process_time() > until:
            break
        if kind in QUESTIONS and kind not in found and _is_right(tree, function, checks, tolerance):
            found[kind] = line
    return found


def _is_right(
    tree: ast.FunctionDef,
    function: Callable[..., Any],
    checks: list[dict[str, Any]],
    tolerance: float,
) -> bool:
    changed = compiled(tree, function.__globals__)
    return changed is not None and all(_is_met(changed, each, tolerance) for each in checks)


def _is_met(function: Callable[..., Any], each: dict[str, Any], tolerance: float) -> bool:
    try:
        return same(value(function, each["inputs"]), each["expected"], tolerance)
    except (Exception, SystemExit):  # what fails is not right
        return False
