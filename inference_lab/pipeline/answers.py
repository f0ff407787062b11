"""Computes what the checks need: expected values, each mistake's values, a baseline's metric."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from inference_lab.lab import scenario
from inference_lab.lab.answer import NotPlain, plain, same
from inference_lab.lab.exercise import Exercise, PolicyExercise
from inference_lab.pipeline.neighbours import neighbours, spare
from inference_lab.pipeline.project import Lesson
from inference_lab.pipeline.reference import reference
from inference_lab.pipeline.sides import exercise_id, units
from inference_lab.pipeline.source import tags
from inference_lab.pipeline.structure import beyond

POLICY_TOLERANCE = 1e-9


def definitions(lesson: Lesson) -> tuple[Exercise | PolicyExercise, ...]:
    """The tuple `EXERCISES` of a lesson's ``exercises_NN.py``; empty when there is no such file.

    Raises
    ------
    ValueError
        If the file defines no `EXERCISES`, or one of them belongs to another lesson.
    """
    if not lesson.definitions.exists():
        return ()
    names = runpy.run_path(str(lesson.definitions))
    if "EXERCISES" not in names:
        raise ValueError(f"{lesson.definitions}: define EXERCISES, a tuple of exercises")
    for exercise in names["EXERCISES"]:
        if exercise.id.partition(".")[0] != str(int(lesson.number)):
            raise ValueError(f"{lesson.definitions}: {exercise.id} belongs to another lesson")
    return tuple(names["EXERCISES"])


def references(solved: NotebookNode) -> dict[str, str]:
    """The solved exercise cells of a lesson, by exercise."""
    return {exercise_id(c.id): c.source for c in solved.cells if "exercise" in tags(c)}


def answers(lesson: Lesson, solved: NotebookNode) -> dict[str, Any]:
    """The content of ``exercises/NN.json``.

    Raises
    ------
    ValueError
        If exercises and exercise cells do not match, a reference fails, or a misconception
        cannot be told from the right answer or from another one with another hint.
    """
    defined, cells = definitions(lesson), references(solved)
    if sorted(exercise.id for exercise in defined) != sorted(cells):
        raise ValueError(
            f"{lesson.name}: {lesson.definitions.name} defines {[e.id for e in defined]}, "
            f"the notebook has cells for {list(cells)}"
        )
    later = beyond(solved)
    entries = [
        describe(exercise)
        | {"stretch": exercise.id in later}
        | computed(exercise, cells[exercise.id])
        for exercise in defined
    ]
    digest = sources_digest(lesson, cells)
    return {"digest": digest, "units": units(solved), "exercises": entries}


def sources_digest(lesson: Lesson, cells: dict[str, str]) -> str:
    """Changes with the exercises' definitions and with any reference solution."""
    text = lesson.definitions.read_text(encoding="utf-8") if lesson.definitions.exists() else ""
    return hashlib.sha256(json.dumps([text, cells], sort_keys=True).encode()).hexdigest()


def describe(exercise: Exercise | PolicyExercise) -> dict[str, Any]:
    """What can be said of an exercise without running anything."""
    common = {
        "id": exercise.id,
        "function": exercise.function,
        "title": exercise.title,
        "points": exercise.points,
        "hints": list(exercise.hints),
    }
    if isinstance(exercise, Exercise):
        kind = {"kind": "function", "relative_tolerance": exercise.relative_tolerance}
        play = exercise.play
        return common | kind | ({"driver": play.driver, "unit": play.unit} if play else {})
    return common | {
        "kind": "policy",
        "scenario": plain(dataclasses.asdict(exercise.scenario)),
        "baseline": exercise.baseline,
        "limits": exercise.limits,
        "misconception_hints": [mistake.hint for mistake in exercise.misconceptions],
    }


def computed(exercise: Exercise | PolicyExercise, source: str) -> dict[str, Any]:
    """All that has to be run for an exercise: its values, and those next to the right ones.

    Raises
    ------
    ValueError
        If `values` refuses the exercise.
    """
    found = values(exercise, reference(exercise, source))
    if isinstance(exercise, Exercise) and exercise.play is None:
        found["neighbours"] = neighbours(exercise, source)
        found["spare"] = spare(exercise, source)
    return found


def values(exercise: Exercise | PolicyExercise, solution: Callable[..., Any]) -> dict[str, Any]:
    """The numbers of an exercise: of its solution, its misconceptions, its baseline."""
    if isinstance(exercise, PolicyExercise):
        return {"runs": _runs(exercise, solution)}
    expected = [_value(exercise, exercise.expected, solution, i) for i in exercise.public]
    if exercise.play:
        for bound, inputs in zip(expected, exercise.public, strict=True):
            reached = _value(exercise, exercise.value, solution, inputs)
            if not exercise.is_right(reached, bound):
                raise ValueError(f"{exercise.id}: the solution reaches {reached}, not {bound}")
    wrong = [
        {
            "values": [_value(exercise, exercise.value, each.function, i) for i in exercise.public],
            "hint": each.hint,
        }
        for each in exercise.misconceptions
    ]
    for mistake in wrong:
        if all(map(exercise.is_right, mistake["values"], expected)):
            raise ValueError(f"{exercise.id}: a misconception is right here: {mistake['hint']}")
    _refuse_twins(exercise, None, wrong, exercise.relative_tolerance)
    checks = [
        {"inputs": inputs, "expected": value}
        for inputs, value in zip(exercise.public, expected, strict=True)
    ]
    if not checks:
        raise ValueError(f"{exercise.id}: give at least one public input")
    return {"checks": checks, "misconceptions": wrong}


def _value(
    exercise: Exercise,
    value: Callable[..., Any],
    function: Callable[..., Any],
    inputs: dict[str, Any],
) -> Any:
    if type(inputs) is not dict or json.loads(json.dumps(inputs)) != inputs:
        raise ValueError(f"{exercise.id}: a public input is a dict of plain data, not {inputs!r}")
    name = getattr(function, "__name__", function)
    try:
        return value(function, copy.deepcopy(inputs))
    except NotPlain as error:
        raise ValueError(f"{exercise.id}: {name} returns {error}") from None
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise ValueError(f"{exercise.id}: {name} raises {what} on {inputs}") from error


def _runs(exercise: PolicyExercise, solution: Callable[..., Any]) -> list[dict[str, Any]]:
    runs = []
    for seed in exercise.public_seeds:
        reached, baseline, *wrong = [
            scenario.run(exercise.scenario, router, seed, exercise.limits)
            for router in (
                solution,
                exercise.baseline,
                *(mistake.function for mistake in exercise.misconceptions),
            )
        ]
        found = scenario.ratios(reached, baseline)
        if not scenario.within(found, exercise.limits):
            said = scenario.compared(found, exercise.limits, exercise.baseline)
            raise ValueError(f"{exercise.id}: with seed {seed} the solution's {said}")
        runs.append({"seed": seed, "baseline": baseline, "misconceptions": wrong})
    for index, mistake in enumerate(exercise.misconceptions):
        ratios = [scenario.ratios(run["misconceptions"][index], run["baseline"]) for run in runs]
        if scenario.within(scenario.worst(ratios), exercise.limits):
            raise ValueError(f"{exercise.id}: a misconception passes: {mistake.hint}")
    wrong_values = [
        {"values": [run["misconceptions"][index] for run in runs], "hint": mistake.hint}
        for index, mistake in enumerate(exercise.misconceptions)
    ]
    _refuse_twins(exercise, None, wrong_values, POLICY_TOLERANCE)
    return runs


def _refuse_twins(
    exercise: Exercise | PolicyExercise, expected: Any, wrong: list[dict], tolerance: float
) -> None:
    """Misconceptions that the public inputs cannot tell apart must share one hint."""
    for index, mistake in enumerate(wrong):
        if same(mistake["values"], expected, tolerance):
            raise ValueError(f"{exercise.id}: a misconception is right here: {mistake['hint']}")
        for other in wrong[:index]:
            equal = same(mistake["values"], other["values"], tolerance)
            if equal and mistake["hint"] != other["hint"]:
                raise ValueError(
                    f"{exercise.id}: two misconceptions give the same values on the public "
                    f"inputs; give them one hint that asks: {other['hint']} / {mistake['hint']}"
                )


def write(path: Path, content: dict[str, Any]) -> None:
    """Write the file, the same bytes for the same content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
