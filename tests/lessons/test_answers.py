"""Answers of people who have not seen the solutions, and the solutions under a thousand seeds."""

import copy
import functools
import linecache
import math
import random
import runpy
from pathlib import Path

import numpy as np
import pytest

from inference_lab.lab import catalogue, check
from inference_lab.lab.exercise import Exercise
from inference_lab.lab.notice import NotAttempted, NotYet
from inference_lab.pipeline import answers
from inference_lab.pipeline.project import lessons
from inference_lab.pipeline.sides import solved
from inference_lab.pipeline.source import read

HERE = Path(__file__).parent
WRITTEN = {path.stem[-2:]: runpy.run_path(str(path)) for path in HERE.glob("answers_[0-9][0-9].py")}
RIGHT = [(e, s) for each in WRITTEN.values() for e, list_ in each["RIGHT"].items() for s in list_]
WRONG = [
    (exercise, name, source)
    for each in WRITTEN.values()
    for exercise, sources in each["WRONG"].items()
    for name, source in sources.items()
]
DRAWS, HIDDEN = 1000, 20
PLAYED = 20  # each draw of a played exercise is thousands of calls
GENERAL = "For help: hint("  # a check that recognises no mistake says no more than this
NAMED_SHARE = 0.9
ONE_IN = 3  # of the wrong policies, each simulated for half a second; `make test-all` tries all


@pytest.fixture(scope="module", params=[ONE_IN, pytest.param(1, marks=pytest.mark.slow)])
def wrong(request):
    """Wrong answers: exercise, name, source."""
    policies = [each for each in WRONG if catalogue.entry(each[0])["kind"] == "policy"]
    return [each for each in WRONG if each not in policies] + policies[:: request.param]


def function(exercise, source):
    """The function of an exercise cell, with its source at hand as in a notebook."""
    name, names = f"<answer to {exercise}, {hash(source)}>", {}
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), names)
    return names[catalogue.entry(exercise)["function"]]


@functools.cache  # a router is simulated for seconds
def refused(exercise, source):
    """Why the check refuses an answer; nothing where it accepts it."""
    random.seed(0)  # an answer may draw from Python's own generator, and win by luck
    try:
        check(exercise, function(exercise, source))
    except (NotYet, NotAttempted) as reason:
        return str(reason)
    return ""


def test_wrong_answers_are_rejected(wrong):
    assert len(wrong) > 100
    assert [each[:2] for each in wrong if not refused(each[0], each[2])] == []


def test_right_answers_in_another_style_are_accepted(capsys):
    assert len(RIGHT) > 10
    reasons = {source: refused(exercise, source) for exercise, source in RIGHT}
    assert [(source, reason) for source, reason in reasons.items() if reason] == []
    exercises = [
        line.split()[0] for line in capsys.readouterr().out.splitlines() if "right" in line
    ]
    assert exercises == [exercise for exercise, _ in RIGHT]


def test_nine_of_ten_wrong_answers_get_a_hint_that_names_the_mistake(wrong):
    general = [each[:2] for each in wrong if GENERAL in refused(each[0], each[2])]
    assert 1 - len(general) / len(wrong) >= NAMED_SHARE, general


def drawn():
    """Exercises with hidden inputs, their solutions, and independent right answers to them."""
    for lesson in lessons(HERE.parents[1]):
        cells = answers.references(solved(read(lesson.source)))
        for exercise in answers.definitions(lesson):
            if isinstance(exercise, Exercise):  # a policy's margin: benchmarks/policy_margin.py
                yield pytest.param(exercise, cells[exercise.id], id=exercise.id)


@pytest.mark.parametrize(("exercise", "cell"), list(drawn()))
def test_a_thousand_draws_give_the_solution_and_other_right_answers_full_marks(exercise, cell):
    solution = answers.reference(exercise, cell)
    others = [function(exercise.id, source) for e, source in RIGHT if e == exercise.id]
    others += [solution] if exercise.play else []
    for seed in range(PLAYED if exercise.play else DRAWS):
        inputs = exercise.draw(np.random.default_rng(seed))
        expected = exercise.expected(solution, copy.deepcopy(inputs))
        assert finite(expected), (seed, inputs)
        for other in others:
            value = exercise.value(other, copy.deepcopy(inputs))
            assert exercise.is_right(value, expected), (seed, inputs)


@pytest.mark.parametrize(("exercise", "cell"), list(drawn()))
def test_hidden_draws_find_every_known_mistake(exercise, cell):
    solution = answers.reference(exercise, cell)
    inputs = [exercise.draw(np.random.default_rng(seed)) for seed in range(HIDDEN)]
    expected = [exercise.expected(solution, copy.deepcopy(each)) for each in inputs]
    for mistake in exercise.misconceptions:
        values = [exercise.value(mistake.function, copy.deepcopy(each)) for each in inputs]
        assert not all(map(exercise.is_right, values, expected)), mistake.function.__name__


def finite(value):
    """Whether a plain value holds no nan and no infinity."""
    if isinstance(value, float):
        return math.isfinite(value)
    each = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(finite, each))
