"""What the build ships of slips: their marks and kinds, and only where they are no guess."""

import json

import pytest

from inference_lab.lab.exercise import Exercise
from inference_lab.lab.mistakes.neighbours import fingerprint, told
from inference_lab.pipeline.neighbours import neighbours, spare

SOURCE = '''
def whole_batches(budget_bytes, fixed_bytes, per_item_bytes, waits_s):
    """How many batches."""
    kept = [wait for wait in waits_s if wait <= 2]
    room = (budget_bytes - fixed_bytes) // per_item_bytes
    return max(0, min(room, len(kept)))
'''
PUBLIC = (
    {"budget_bytes": 900, "fixed_bytes": 100, "per_item_bytes": 99, "waits_s": [1, 2, 2, 3] * 50},
    {"budget_bytes": 700, "fixed_bytes": 10, "per_item_bytes": 100, "waits_s": [2, 1, 5, 3, 1]},
    {"budget_bytes": 640, "fixed_bytes": 200, "per_item_bytes": 33, "waits_s": [1, 3] * 50},
    {"budget_bytes": 50, "fixed_bytes": 64, "per_item_bytes": 3, "waits_s": [1, 3]},
)


@pytest.fixture(scope="module")
def shipped():
    exercise = Exercise("7.1", "whole_batches", "Toy", PUBLIC, lambda rng: PUBLIC[0])
    return neighbours(exercise, SOURCE)


def counted(limit=lambda wait: wait <= 2, room=None, least=0):
    def answer(budget_bytes, fixed_bytes, per_item_bytes, waits_s):
        kept = len([wait for wait in waits_s if limit(wait)])
        of_memory = (room or (lambda b, f, p: (b - f) // p))(
            budget_bytes, fixed_bytes, per_item_bytes
        )
        return max(least, min(of_memory, kept))

    return [answer(**each) for each in PUBLIC]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (counted(room=lambda b, f, p: b // p), "`fixed_bytes` plays no part"),
        (
            counted(room=lambda b, f, p: 10**9),
            "`per_item_bytes` is left out. What else can set the limit",
        ),
        (counted(least=-(10**9)), "nothing keeps the number within its bounds"),
        (counted(limit=lambda wait: wait < 2), "on the wrong side of a limit at `waits_s`"),
        (counted(room=lambda b, f, p: (b + f) // p), "a plus and a minus are exchanged"),
        (counted(room=lambda b, f, p: (8 * b - f) // p), "`budget_bytes` is 8 times too large"),
    ],
)
def test_one_thing_taken_wrongly_is_known_by_its_numbers(shipped, values, said):
    mark = fingerprint(values)
    assert mark in shipped
    assert said in told(shipped[mark], list(PUBLIC[0]))


def test_the_right_numbers_and_numbers_that_tell_nothing_are_not_shipped(shipped):
    assert fingerprint(counted()) not in shipped
    assert fingerprint([0, 0, 0, 0]) not in shipped and fingerprint([5, 0, 0, 0]) not in shipped


def test_neither_solution_nor_numbers_are_shipped(shipped):
    text = json.dumps(shipped)
    assert "waits_s if" not in text and "return" not in text
    assert not any(json.dumps(counted(limit=lambda wait: wait < 2)) in each for each in shipped)
    assert all(len(mark) == 8 for mark in shipped)


def test_an_argument_that_the_solution_does_not_read_is_spare():
    public = ({"n": 3, "heads": 8}, {"n": 8, "heads": 8})
    exercise = Exercise("7.1", "f", "Toy", public, lambda rng: public[0])
    assert spare(exercise, "def f(n, heads):\n    return 2 * n\n") == ["heads"]


def test_a_slip_that_never_ends_is_left_out():
    source = "def f(n):\n    i = 0\n    while i < n:\n        i += 2\n    return i\n"
    exercise = Exercise("7.1", "f", "Toy", ({"n": 3}, {"n": 8}, {"n": 11}), lambda rng: {"n": 1})
    shipped = neighbours(exercise, source)
    assert fingerprint([4, 10, 12]) in shipped  # `<=`
    assert fingerprint([2, 2, 2]) not in shipped
