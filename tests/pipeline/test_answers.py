import dataclasses
import json

import pytest

from inference_lab.lab.exercise import Exercise, Misconception
from inference_lab.pipeline.answers import answers, reference, values
from inference_lab.pipeline.sides import solved
from inference_lab.pipeline.source import read


def double(x):
    return 2 * x


def half(x):
    return x / 2


def exercise(*misconceptions, public=({"x": 3}, {"x": 5}), **changes):
    plain = Exercise("7.9", "double", "Twice", public, lambda rng: {"x": 1}, misconceptions)
    return dataclasses.replace(plain, **changes)


def test_values_of_solution_and_mistakes():
    made = values(exercise(Misconception(half, "Up or down?")), double)
    assert made["checks"] == [
        {"inputs": {"x": 3}, "expected": 6},
        {"inputs": {"x": 5}, "expected": 10},
    ]
    assert made["misconceptions"] == [{"values": [1.5, 2.5], "hint": "Up or down?"}]


def test_equal_mistakes_share_one_hint():
    twin = Misconception(lambda x: x * 0.5, "Up or down?")
    assert len(values(exercise(Misconception(half, "Up or down?"), twin), double))
    other = Misconception(lambda x: x * 0.5, "Another question?")
    with pytest.raises(ValueError, match="give them one hint"):
        values(exercise(Misconception(half, "Up or down?"), other), double)


def test_a_mistake_that_is_right_on_the_public_inputs_is_refused():
    with pytest.raises(ValueError, match="is right here"):
        values(exercise(Misconception(lambda x: x + x, "?")), double)


@pytest.mark.parametrize(
    ("changed", "solution", "reason"),
    [
        (exercise(public=()), double, "at least one public input"),
        (exercise(public=({"x": (1, 2)},)), double, "plain data"),
        (exercise(public=([3],)), double, "plain data"),
        (exercise(), lambda x: {1, 2}, "a value of type set"),
        (exercise(), lambda x: x / 0, "ZeroDivisionError"),
        (exercise(Misconception(lambda x: x / 0, "?")), double, "ZeroDivisionError"),
    ],
)
def test_bad_definitions_are_refused(changed, solution, reason):
    with pytest.raises(ValueError, match=reason):
        values(changed, solution)


def test_a_solution_must_stand_alone():
    with pytest.raises(ValueError, match="NameError"):
        reference(exercise(), "y = helper()")
    with pytest.raises(ValueError, match="does not define double"):
        reference(exercise(), "y = 1")


def test_exercises_and_cells_must_match(lesson):
    notebook = solved(read(lesson.source))
    text = lesson.definitions.read_text()
    lesson.definitions.write_text(text.replace('id="7.1"', 'id="7.2"'))
    with pytest.raises(ValueError, match=r"defines \['7.2'\]"):
        answers(lesson, notebook)
    lesson.definitions.write_text(text.replace('id="7.1"', 'id="8.1"'))
    with pytest.raises(ValueError, match="belongs to another lesson"):
        answers(lesson, notebook)


def test_the_file_holds_what_is_computed(lesson):
    made = answers(lesson, solved(read(lesson.source)))
    assert json.loads(lesson.answers.read_text()) == made
