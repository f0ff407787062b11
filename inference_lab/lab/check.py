"""The check below an exercise: right, not yet (and what to look at), or not attempted."""

from __future__ import annotations

import contextlib
import copy
import sys
import traceback
from collections.abc import Callable
from typing import Any

from inference_lab.lab import catalogue, record
from inference_lab.lab.answer import NotPlain, plain, ratio, same, shape_problem
from inference_lab.lab.notice import NotAttempted, NotYet, WrongType
from inference_lab.lab.own_cell import foreign_names, is_in_a_cell, refused, source_of

LONGEST_SHOWN = 120
LONGEST_CALL = 100
POLICY_TOLERANCE = 1e-9  # two runs of one policy give the same metric up to rounding


def check(exercise_id: str, function: Callable[..., Any]) -> None:
    """Try a learner's function on the public inputs of an exercise and say how it went.

    Parameters
    ----------
    exercise_id : str
        Lesson and number, such as ``"5.1"``.
    function : callable
        The function that the exercise cell defines.

    Raises
    ------
    NotAttempted
        When the function is still the stub (it raises `NotImplementedError`).
    NotYet
        When an answer is wrong, the function raises, or its cell needs another cell. The
        message says which input, what came back, and asks a question about a known mistake.
    ValueError, TypeError
        When no exercise has this id, or `function` cannot be called.
    """
    exercise = catalogue.entry(exercise_id)
    if not callable(function):
        raise WrongType(f"function must be a function, not {function!r}: write its name alone")
    judge = _judge_policy if exercise["kind"] == "policy" else _judge_function
    try:
        said = judge(exercise, function)
        _refuse_foreign(exercise_id, function)
    except NotYet as error:
        record.tried(exercise_id, right=False, ratio=error.ratio)
        raise
    record.tried(exercise_id, right=True)
    print(said)


def right(exercise: dict[str, Any]) -> str:
    """The line that a right answer prints, up to the ratio that a policy reaches."""
    count = len(exercise["runs"] if exercise["kind"] == "policy" else exercise["checks"])
    return f"{exercise['id']} right: public checks passed ({count} of {count})"


def _judge_function(exercise: dict[str, Any], function: Callable[..., Any]) -> str:
    identity, tolerance = exercise["id"], exercise["relative_tolerance"]
    answers: list[Any] = []
    problem = None
    for each in exercise["checks"]:
        call = _shown_call(exercise, function, each["inputs"])
        given = copy.deepcopy(each["inputs"])
        returned = _run(identity, function, lambda given=given: function(**given), call)
        try:
            answers.append(plain(returned))
        except NotPlain as error:
            raise _not_yet(identity, f"{call} returned {error}: return plain numbers") from None
        if problem is None and not same(answers[-1], each["expected"], tolerance):
            problem = (call, answers[-1], each["expected"])
    if problem is None:
        return right(exercise) + "."
    call, answer, expected = problem
    wrong_kind = shape_problem(answer, expected)
    if wrong_kind:
        raise _not_yet(identity, f"{call}: {wrong_kind}")
    hint = _known_mistake(exercise["misconceptions"], answers, tolerance)
    advice = hint or f'It is not the right value. For help: hint("{identity}")'
    said = f"{call} returned {_short(answer)}.\n{advice}"
    raise _not_yet(identity, said, ratio(answer, expected))


def _judge_policy(exercise: dict[str, Any], function: Callable[..., Any]) -> str:
    from inference_lab.lab import scenario

    identity, name = exercise["id"], exercise["metric"]
    described = scenario.from_data(exercise["scenario"])
    reached, crowds = [], []
    for run in exercise["runs"]:
        call = f"the simulation with seed {run['seed']}"

        def simulated(seed: int = run["seed"]) -> Any:
            return scenario.simulated(described, function, seed)

        result = _run(identity, function, simulated, call)
        reached.append(scenario.metric(name, result))
        crowds.append(scenario.crowded(result, described.replicas))
    ratios = [mine / run["baseline"] for mine, run in zip(reached, exercise["runs"], strict=True)]
    worst = max(ratios, key=lambda value: (value != value, value))
    said = f"{name} is {worst:.3f} of that of {exercise['baseline']}"
    needed = f"needed: {exercise['ratio']:g} or less"
    if worst <= exercise["ratio"]:
        return f"{right(exercise)}; {said} ({needed})."
    of_mistakes = [
        {"values": [run["misconceptions"][index] for run in exercise["runs"]], "hint": hint}
        for index, hint in enumerate(exercise["misconception_hints"])
    ]
    hint = _known_mistake(of_mistakes, reached, POLICY_TOLERANCE) or crowds[0]
    raise _not_yet(identity, f'{said} ({needed}).\n{hint or f"""For help: hint("{identity}")"""}')


def _run(identity: str, function: Callable[..., Any], call: Callable[[], Any], shown: str) -> Any:
    """The value of the call, with what goes wrong in the learner's code said shortly."""
    try:
        with contextlib.redirect_stderr(sys.stdout):  # warnings too are part of what it says
            value = call()
    except NotImplementedError:
        raise NotAttempted(
            f"{identity} not attempted yet: write your answer in place of the line "
            "`raise NotImplementedError` in the cell above, run it, then run this cell again. "
            "Only that cell is handed in: import or define in it all that it uses."
        ) from None
    except (Exception, SystemExit) as error:
        where = _own_line(error, function)
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        raise _not_yet(identity, f"{shown} raised {what}{where}") from None
    return value


def _refuse_foreign(identity: str, function: Callable[..., Any]) -> None:
    source = source_of(function)
    reason = refused(source) if is_in_a_cell(function) else None
    if reason:
        raise _not_yet(identity, f"the values are right, but the grader cannot run this: {reason}.")
    names = foreign_names(source)
    if names == ["check"]:
        said = "the values are right, but `check` belongs in its own cell, not in the exercise's."
        raise _not_yet(identity, said)
    if names:
        raise _not_yet(
            identity,
            "the values are right, but the exercise's cell uses "
            f"{', '.join(f'`{name}`' for name in names)} of another cell. "
            "The grader sees that cell alone: import or define in it all that it uses.",
        )


def _own_line(error: BaseException, function: Callable[..., Any]) -> str:
    """Where in the learner's cell an error came from."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    return f"\nin line {frames[-1].lineno} of your cell: {frames[-1].line}" if frames else ""


def _known_mistake(known: list[dict[str, Any]], answers: list[Any], tolerance: float) -> str | None:
    for mistake in known:
        if same(answers, mistake["values"], tolerance):
            return mistake["hint"]
    return None


def _not_yet(identity: str, message: str, reached: float | None = None) -> NotYet:
    return NotYet(f"{identity} not yet: {message}", reached)


def _shown_call(
    exercise: dict[str, Any], function: Callable[..., Any], inputs: dict[str, Any]
) -> str:
    """The call as Python; a long one names only the inputs that tell it from the other checks."""
    own = getattr(function, "__name__", None)
    name = own if isinstance(own, str) and own.isidentifier() else exercise["function"]
    shown = {key: f"{key}={_short(value)}" for key, value in inputs.items()}
    call = f"{name}({', '.join(shown.values())})"
    others = [each["inputs"] for each in exercise["checks"]]
    telling = [shown[k] for k, v in inputs.items() if any(other.get(k) != v for other in others)]
    if len(call) <= LONGEST_CALL or not telling:
        return call
    return f"{name}({', '.join(telling)}, ...)"


def _short(value: Any) -> str:
    formats = {int: "_", float: "_.6g"}
    text = format(value, formats[type(value)]) if type(value) in formats else repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
