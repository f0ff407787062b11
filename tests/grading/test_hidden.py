"""What an exercise is marked on: luck passes no known mistake, and the check's verdict holds."""

import dataclasses
import json
import runpy
from pathlib import Path

import pytest

from inference_lab.grading import answer_key, hidden
from inference_lab.grading.box import Box
from inference_lab.grading.hidden import questions
from inference_lab.grading.line import WarmParent
from inference_lab.grading.score import POLICY_MARGIN, Judge
from inference_lab.lab import scenario
from inference_lab.lab.answer import same
from inference_lab.lab.exercise import Exercise, Misconception

ROOT = Path(__file__).parents[2]
SECRETS = [b"secret number %02d for the tests" % number for number in range(40)]
DICE = """
def route(request, replicas, rng):
    three = rng.integers(len(replicas), size=3)
    return int(min(three, key=lambda i: replicas[i].queued_tokens))
"""


def rounded_up(x):
    """Differs from the right answer once in fifty draws."""
    return x + (x % 50 == 0)


RARE = answer_key.Task(
    "03_graded",
    Exercise(
        id="3.9",
        function="f",
        title="",
        public=({"x": 1},),
        draw=lambda rng: {"x": int(rng.integers(10**6))},
        misconceptions=(Misconception(rounded_up, ""), Misconception(lambda x: -x, "")),
    ),
    lambda x: x,
)


def lucky(secret: bytes) -> bool:
    """Whether the rare mistake passes every question."""
    return all(same(rounded_up(**q.inputs), q.expected, 1e-6) for q in questions(RARE, secret, 20))


def test_a_rare_mistake_passes_with_no_secret():
    assert not any(lucky(secret) for secret in SECRETS)
    without = dataclasses.replace(RARE.exercise, misconceptions=())
    unlisted = dataclasses.replace(RARE, exercise=without)
    asked = [questions(unlisted, secret, 20) for secret in SECRETS]
    passed = [all(same(rounded_up(**q.inputs), q.expected, 1e-6) for q in each) for each in asked]
    assert any(passed)  # which is what drawing alone would give


def test_a_mistake_that_no_input_tells_is_an_error(monkeypatch):
    monkeypatch.setattr(hidden, "MOST_REDRAWS", 3)
    never = dataclasses.replace(
        RARE.exercise, misconceptions=(Misconception(lambda x: x + (x == 0.5), ""),)
    )
    with pytest.raises(ValueError, match=r"exercise 3\.9: no input tells <lambda>"):
        questions(dataclasses.replace(RARE, exercise=never), SECRETS[0], 20)


def test_every_mistake_of_the_course_fails_on_a_hidden_input():
    """With as few hidden inputs as there are mistakes, so that luck would have its chance."""
    passed = []
    for task in answer_key.read(ROOT / "solutions"):
        if not isinstance(task.exercise, Exercise):
            continue
        tolerance = task.exercise.relative_tolerance
        draws = max(8, len(task.exercise.misconceptions))
        for secret in SECRETS[:3]:
            asked = [q for q in questions(task, secret, draws) if not q.is_public]
            for mistake in task.exercise.misconceptions:
                if not any(differs(mistake.function, q, tolerance) for q in asked):
                    passed.append((task.exercise.id, mistake.function.__name__, secret))
    assert passed == []


def differs(function, question, tolerance) -> bool:
    try:
        given = json.loads(json.dumps(question.inputs))
        return not same(hidden.plain(function(**given)), question.expected, tolerance)
    except Exception:
        return True


def test_a_policy_draws_in_public_what_it_drew_in_the_notebook(key_folder, needs_box):
    """Else a router that throws dice could pass the check and fail the same run here."""
    (task,) = [t for t in answer_key.read(key_folder) if t.exercise.id == "3.3"]
    names = {}
    exec(DICE, names)
    exercise = task.exercise
    trial = hidden.trials(task, SECRETS[0], 4)[0]
    own = scenario.run(exercise.scenario, names["route"], trial.seed, exercise.limits)
    judge = Judge(task, SECRETS[0], 4)
    with WarmParent(Box()) as warm:
        assert judge.ratios(trial, DICE, warm, float("inf")) == scenario.ratios(own, trial.baseline)


@pytest.mark.slow
def test_check_and_grade_agree_on_every_policy_of_the_corpus(needs_box):
    (task,) = [t for t in answer_key.read(ROOT / "solutions") if t.exercise.id == "1.3"]
    written = runpy.run_path(str(ROOT / "tests" / "lessons" / "answers_01.py"))
    policies = [(source, "right") for source in [*written["RIGHT"]["1.3"], DICE]]
    policies += [(source, "no points") for source in written["WRONG"]["1.3"].values()]
    odd = []
    for secret in SECRETS[:2]:
        judge = Judge(task, secret, 20)
        with WarmParent(Box()) as warm:
            for source, expected in policies:
                score = judge.score(source, warm)
                if (score.status == "right") != (expected == "right"):
                    odd.append((source, score))
    assert odd == []
    assert 0 < POLICY_MARGIN < 0.08  # the nearest wrong router is at 0.81 of 0.75
