"""The check below an exercise: right, not yet (and what to look at), or not attempted."""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import re
import sys
import traceback
from collections.abc import Callable
from typing import Any

from inference_lab.lab import catalogue, record
from inference_lab.lab.answer import NotPlain, plain, ratio, same, shape_problem, wrong_parts
from inference_lab.lab.call import name_of, sentence, value
from inference_lab.lab.mistakes.advice import advice, known_mistake
from inference_lab.lab.mistakes.arrangements import arrangement
from inference_lab.lab.mistakes.families import other_arguments
from inference_lab.lab.mistakes.places import count
from inference_lab.lab.mistakes.raised import question
from inference_lab.lab.notice import NotAttempted, NotYet, WrongType
from inference_lab.lab.own_cell import foreign_names, is_in_a_cell, refused, source_of
from inference_lab.lab.played import Reached, reached
from inference_lab.lab.time_limit import HOW_TO_STOP, TimeOver, limited

CALL_LIMIT_S = 10  # every solution needs less than a millisecond
SIMULATION_LIMIT_S = 25  # a second or two for a policy that looks at each replica
A_REPLICA = re.compile(r"'?\b[A-Z]\w*Replica\b'?( object)?")  # the engine's own names
THE_LIST = "'Living' object"
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
        If the function is still the stub (it raises `NotImplementedError`).
    NotYet
        If an answer is wrong, a call raises or does not end, or the cell needs another cell. The
        message says which input, what came back, and asks a question about a known mistake.
    ValueError, TypeError
        If no exercise has this id, or `function` cannot be called.
    """
    exercise = catalogue.entry(exercise_id)
    if not callable(function):
        raise WrongType(f"function must be a function, not {function!r}: write its name alone")
    judge = _judge_policy if exercise["kind"] == "policy" else _judge_function
    judge = _judge_played if "driver" in exercise else judge
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
    name = name_of(function, exercise["function"])
    answers: list[Any] = []
    problem = None
    for each in exercise["checks"]:
        said = functools.partial(sentence, name, each["inputs"])
        given = copy.deepcopy(each["inputs"])
        call = functools.partial(function, **given)
        returned = _run(identity, function, call, said, CALL_LIMIT_S)
        try:
            answers.append(plain(returned))
        except NotPlain as error:
            as_list = " in a list" if inspect.isgenerator(returned) else ""
            raise _not_yet(
                identity, f"{said(f'returned {error}')}\nReturn plain numbers{as_list}."
            ) from None
        if problem is None and not same(answers[-1], each["expected"], tolerance):
            problem = (said, answers[-1], each["expected"])
    if problem is None:
        return right(exercise) + "."
    said, answer, expected = problem
    returned = said(f"returned {value(answer)}")
    hint = known_mistake(exercise["misconceptions"], answers, tolerance)
    wrong_kind = shape_problem(answer, expected)
    if wrong_kind and not hint:
        more = arrangement(answers, [each["expected"] for each in exercise["checks"]])
        more = f"\n{more}" if more else ""
        raise _not_yet(identity, f"{returned}\nWrong kind of answer: {wrong_kind}{more}")
    parts = "" if wrong_kind else wrong_parts(answer, expected, tolerance)
    returned += f"\nWrong in it: {parts}." if parts else ""
    hint = hint or advice(exercise, answers, function)
    rights = [each["expected"] for each in exercise["checks"]]
    inputs = [each["inputs"] for each in exercise["checks"]]
    right_on = count(answers, rights, inputs, tolerance)
    hint = hint or f"{right_on or 'That is not the right value.'} {_help(identity)}"
    raise _not_yet(identity, f"{returned}\n{hint}", ratio(answer, expected))


def _judge_played(exercise: dict[str, Any], function: Callable[..., Any]) -> str:
    from inference_lab.experiments.placement import Unusable

    identity, checks = exercise["id"], exercise["checks"]
    runs: list[Reached] = []
    for each in checks:

        def said(what: str, inputs: dict[str, Any] = each["inputs"]) -> str:
            return f"the run with {', '.join(f'{k}={value(v)}' for k, v in inputs.items())} {what}."

        run = functools.partial(reached, exercise["driver"], function, each["inputs"])
        try:
            runs.append(_run(identity, function, run, said, SIMULATION_LIMIT_S, Unusable))
        except Unusable as problem:
            raise _not_yet(identity, f"{problem}.") from None
    numbers, facts = [each.number for each in runs], [each.said for each in runs]
    pairs = [(mine, each["expected"]) for mine, each in zip(numbers, checks, strict=True)]
    counts = ", ".join(f"{mine:,.0f} (needed: {most:,.0f} or fewer)" for mine, most in pairs)
    counts = f"{exercise['unit']}: {counts}"
    if all(mine <= most for mine, most in pairs):
        return f"{right(exercise)}; {counts}."
    hint = known_mistake(exercise["misconceptions"], numbers, POLICY_TOLERANCE)
    hint = hint or next(
        fact for fact, (mine, most) in zip(facts, pairs, strict=True) if mine > most
    )
    raise _not_yet(identity, f"{counts}.\n{hint or _help(identity)}")


def _judge_policy(exercise: dict[str, Any], function: Callable[..., Any]) -> str:
    from inference_lab.lab import scenario

    identity, limits = exercise["id"], exercise["limits"]
    described = scenario.from_data(exercise["scenario"])
    reached, crowds = [], []
    for run in exercise["runs"]:

        def said(what: str, seed: int = run["seed"]) -> str:
            return f"the simulation with seed {seed} {what}."

        simulated = functools.partial(scenario.simulated, described, function, run["seed"])
        result = _run(identity, function, simulated, said, SIMULATION_LIMIT_S)
        reached.append(scenario.metrics(limits, result))
        crowds.append(scenario.crowded(result, described.replicas))
    runs = zip(reached, exercise["runs"], strict=True)
    worst = scenario.worst([scenario.ratios(mine, run["baseline"]) for mine, run in runs])
    said = scenario.compared(worst, limits, exercise["baseline"])
    if len(reached) > 1:
        said += f", in the worst of {len(reached)} draws"
    if scenario.within(worst, limits):
        return f"{right(exercise)}; {said}."
    of_mistakes = [
        {"values": [run["misconceptions"][index] for run in exercise["runs"]], "hint": hint}
        for index, hint in enumerate(exercise["misconception_hints"])
    ]
    hint = known_mistake(of_mistakes, reached, POLICY_TOLERANCE)
    hint = hint or scenario.unseeing(source_of(function)) or crowds[0]
    raise _not_yet(identity, f"{said}.\n{hint or _help(identity)}")


def _run(
    identity: str,
    function: Callable[..., Any],
    call: Callable[[], Any],
    said: Callable[[str], str],
    limit_s: float,
    let_pass: tuple[type[Exception], ...] | type[Exception] = (),
) -> Any:
    """The value of the call, with what goes wrong in the learner's code said shortly."""
    try:
        with contextlib.redirect_stderr(sys.stdout), limited(limit_s):  # warnings are part of it
            return call()
    except let_pass:
        raise
    except NotImplementedError:
        raise NotAttempted(
            f"{identity} not attempted yet: write your answer in place of the line "
            "`raise NotImplementedError` in the cell above, run it, then run this cell again. "
            "Only that cell is handed in: import or define in it all that it uses."
        ) from None
    except TimeOver:
        what = f"did not end within {limit_s:g} s and was stopped"
        advice = "Is there a loop in it that never ends? To stop a cell yourself: "
        raise _not_yet(identity, f"{said(what)}\n{advice}{HOW_TO_STOP}.") from None
    except (Exception, SystemExit) as error:
        where, line = _own_line(error, function)
        reason = A_REPLICA.sub("a replica", str(error)).replace(THE_LIST, "the list of replicas")
        what = f"raised {type(error).__name__}: {reason}".rstrip(": ")
        given = call.keywords if isinstance(call, functools.partial) else {}
        asked = question(error, given, line) if line else _signature(function, call)
        where += f"\n{asked}" if asked else ""
        raise _not_yet(identity, f"{said(what)}{where}") from None


def _signature(function: Callable[..., Any], call: Callable[[], Any]) -> str | None:
    is_own = isinstance(call, functools.partial) and call.func is function
    return other_arguments(function, call.keywords) if is_own else None


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


def _own_line(error: BaseException, function: Callable[..., Any]) -> tuple[str, str]:
    """Where in the learner's cell an error came from, in words; and that line itself."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    if not frames:
        return "", ""
    line = frames[-1].line or ""
    return f"\nin line {frames[-1].lineno} of your cell: {line}", line


def _not_yet(identity: str, message: str, reached: float | None = None) -> NotYet:
    return NotYet(f"{identity} not yet: {message}", reached)


def _help(identity: str) -> str:
    return f'For help: hint("{identity}", 1)'
