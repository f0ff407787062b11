"""Mistakes that belong to no exercise: each is named by a fact, and unrelated numbers are not."""

import math

import numpy as np
import pytest

from inference_lab.lab.mistakes.advice import advice
from inference_lab.lab.mistakes.families import unused
from inference_lab.lab.mistakes.places import count, place

INPUTS = [
    {"weight_bytes": 16e9, "gpus": 2, "gbit_per_s": 100, "share": 0.9, "waits_s": [0.5, 0.25]},
    {"weight_bytes": 14e10, "gpus": 8, "gbit_per_s": 100, "share": 0.8, "waits_s": [1.5, 2.0, 8.0]},
    {"weight_bytes": 70e9, "gpus": 3, "gbit_per_s": 100, "share": 0.55, "waits_s": [4.0]},
    {"weight_bytes": 8e9, "gpus": 12, "gbit_per_s": 100, "share": 0.7, "waits_s": [3.0, 1.0]},
]


def load_s(weight_bytes, gpus, gbit_per_s, share, waits_s):
    return sum(waits_s) + weight_bytes * 8 / (gpus * gbit_per_s * 1e9 * share)


def users(weight_bytes, gpus, gbit_per_s, share, waits_s):
    return gpus * 8 + int(10 * share)


def starts_s(weight_bytes, gpus, gbit_per_s, share, waits_s):
    return [gpus * each + index for index, each in enumerate(waits_s)]


def both(weight_bytes, gpus, gbit_per_s, share, waits_s):
    return {"gpus": gpus, "load_s": load_s(weight_bytes, gpus, gbit_per_s, share, waits_s)}


def asked(answers, expected, inputs, **more):
    """What is asked about answers of a function whose text nobody knows."""
    pairs = zip(inputs, expected, strict=True)
    checks = [{"inputs": given, "expected": right} for given, right in pairs]
    exercise = {"function": "load_s", "misconceptions": [], "relative_tolerance": 1e-6}
    return advice(exercise | {"checks": checks} | more, answers, len)


def named(wrong, right=load_s, inputs=INPUTS, **more):
    """What is said of a function that returns `wrong(right answer, inputs)`."""
    expected = [right(**each) for each in inputs]
    answers = [wrong(*pair) for pair in zip(expected, inputs, strict=True)]
    return asked(answers, expected, inputs, **more)


@pytest.mark.parametrize(
    ("wrong", "fact"),
    [
        (lambda r, given: r * 1e3, "1,000 times too large, on every input. Which unit"),
        (lambda r, given: r / 8, "8 times too small, on every input. A byte has 8 bits"),
        (lambda r, given: r * 8e6, "Two units: bits or bytes"),
        (lambda r, given: r * 1e9 / 2**30, "in powers of 2"),
        (lambda r, given: r * 2, "What is counted twice?"),
        (lambda r, given: r * 1.7, "1.7 times too large, on every input. Which factor"),
        (lambda r, given: r / 100, "`gbit_per_s` has that value here"),
        (lambda r, given: -r, "wrong sign"),
        (lambda r, given: r * given["gpus"], "the right one times `gpus`."),
        (lambda r, given: r / given["gpus"] ** 2, "divided by `gpus` squared."),
        (lambda r, given: r * given["share"] / given["gpus"], "times `share`"),
        (lambda r, given: 8 * r / given["share"], "`share` and 8 times too large"),
        (lambda r, given: r / len(given["waits_s"]), "divided by the length of `waits_s`"),
        (lambda r, given: r - sum(given["waits_s"]), "exactly the sum of `waits_s` too little"),
        (lambda r, given: r + 2 * given["share"], "exactly 2 x `share` too much"),
        (lambda r, given: r + 0.001, "too large by the same amount, 0.001"),
        (lambda r, given: round(r, 2), "not rounded"),
        (lambda r, given: math.floor(r), "not rounded"),
        (lambda r, given: r * 1e18, "1e+18 times too large, on every input"),  # whole, not rounded
        (lambda r, given: 5 / r, "Is the fraction upside down?"),
        (lambda r, given: 1 - r, "add up to 1."),
        (lambda r, given: r**2, "squares of the right ones"),
        (lambda r, given: 7, "the same number for every input"),
        (
            lambda r, given: given["gpus"] * given["share"],
            "Your number is exactly `gpus` x `share`",
        ),
    ],
)
def test_numbers_are_named_by_what_lies_between_them_and_the_right_ones(wrong, fact):
    assert fact in named(wrong)


@pytest.mark.parametrize(
    ("wrong", "fact"),
    [
        (lambda r, given: r + 1, "Each number is exactly one too many"),
        (
            lambda r, given: r - (given["gpus"] > 3),
            "2 of 4 numbers are exactly one too few, the others are right",
        ),
        (lambda r, given: r + 0.5, "right once they are rounded down"),
    ],
)
def test_whole_numbers_are_named_too(wrong, fact):
    assert fact in named(wrong, right=users)


@pytest.mark.parametrize(
    ("wrong", "fact"),
    [
        (lambda r, given: r[::-1], "in reverse order"),
        (lambda r, given: np.cumsum(r).tolist(), "added up one after the other"),
        (lambda r, given: r[:-1], "without the last"),
        (lambda r, given: [*r, 7], "one number too many, the last"),
        (lambda r, given: [r], "one pair of brackets"),
        (lambda r, given: max(r), "the largest of the list"),
        (lambda r, given: [each / 1000 for each in r], "1,000 times too small"),
        (
            lambda r, given: [m + w for m, w in zip(r, given["waits_s"], strict=True)],
            "the entry of `waits_s`",
        ),
    ],
)
def test_lists_are_named_by_their_arrangement_and_entry_by_entry(wrong, fact):
    assert fact in named(wrong, right=starts_s)


def test_a_list_in_place_of_a_number_and_a_part_of_a_dict():
    assert "it is the last of your list" in named(lambda r, given: [0, r])
    said = named(lambda r, given: r | {"load_s": r["load_s"] * 1e3}, right=both)
    assert said.startswith("In `load_s`: each number is 1,000 times too large")


def test_two_arguments_that_explain_a_factor_equally_are_both_named():
    inputs = [each | {"hosts": each["gpus"]} for each in INPUTS]
    said = asked([2.0, 8.0, 9.0, 12.0], [1.0, 1.0, 3.0, 1.0], inputs)
    assert said is not None and "times `gpus` (or `hosts`)" in said
    inputs[2]["hosts"] = 5
    said = asked([2.0, 8.0, 9.0, 12.0], [1.0, 1.0, 3.0, 1.0], inputs)
    assert said is not None and "times `gpus`." in said


@pytest.mark.parametrize(
    ("queued", "right", "mine", "fact"),
    [
        ([[], [1], [2, 3]], [0, 1, 5], [9, 1, 5], "It is wrong where `queued` is empty."),
        ([[0, 2], [1], [2, 3]], [4, 1, 5], [2, 1, 5], "It is wrong where `queued` has a 0."),
        ([[4, 2], [1], [2, 3]], [4, 1, 5], [2, 1, 5], None),
    ],
)
def test_where_an_answer_is_wrong_is_told_by_a_mark_of_the_input(queued, right, mine, fact):
    inputs = [{"queued": each} for each in queued]
    said = place(mine, right, inputs, 1e-6)
    assert said is None if fact is None else fact in said
    assert place(right, right, inputs, 1e-6) is None


def test_on_how_many_inputs_an_answer_is_right_is_told():
    inputs = [{"queued": each} for each in ([], [1], [2, 3])]
    assert count([0, 7, 7], [0, 1, 5], inputs, 1e-6) == (
        "Right on 1 of 3 inputs, where `queued` is empty. What changes elsewhere?"
    )
    assert count([7, 7, 7], [0, 1, 5], inputs, 1e-6) is None


def test_the_wrong_numbers_alone_may_tell():
    said = named(lambda r, given: r * given["share"] if given["gpus"] > 2 else r)
    assert said.startswith("Right in 1 of 4 numbers. Of the others alone: your number is the right")
    assert "times `share`." in said


def test_an_argument_that_is_never_read_is_named():
    def half(a, b):
        return 3 * a

    said = unused(half, ["a", "b"])
    assert said == "Your function does not use `b`. Doesn't the answer depend on it?"
    assert [unused(each, ["a"]) for each in (lambda a: 0, len, math.hypot)] == [None] * 3


def test_a_known_mistake_with_a_factor_on_top_is_told_with_both():
    doubled = [2 * each["gpus"] + load_s(**each) for each in INPUTS]
    mistakes = [{"values": doubled, "hint": "Why twice the GPUs?"}]
    said = named(lambda r, given: (2 * given["gpus"] + r) * 1e3, misconceptions=mistakes)
    assert said.startswith("Why twice the GPUs? And a second thing") and "1,000 times" in said
    said = named(lambda r, given: round(2 * given["gpus"] + r, 2), misconceptions=mistakes)
    assert said == "Why twice the GPUs? And a second thing: your number is rounded."
    said = named(lambda r, given: 1 / (2 * given["gpus"] + r), misconceptions=mistakes)
    assert said.endswith("with that, the fraction is still upside down.")
    nothing = [{"values": [0, 0, 0, 0], "hint": "Why is nothing left?"}]
    assert (
        named(lambda r, given: r**3 / 1e6 + 1e-4 * given["share"], misconceptions=nothing) is None
    )


def test_unrelated_numbers_are_never_explained():
    """Answers that have nothing to do with the right ones or the inputs."""
    rng = np.random.default_rng(5)
    false = []
    for _ in range(1_000):
        inputs = [
            {
                "a": float(rng.uniform(0.1, 3)),
                "b": int(rng.integers(1, 20)),
                "c_bytes": int(rng.integers(1, 2**40)),
                "d": rng.uniform(0, 9, 3).tolist(),
            }
            for _ in range(4)
        ]
        right, mine = rng.lognormal(0, 3, (2, 4))
        if rng.random() < 0.5:
            right, mine = np.floor(1000 * right), np.floor(1000 * mine)
        said = asked(mine.tolist(), right.tolist(), inputs)
        false += [said] if said else []
    assert false == []


def test_a_factor_of_random_arguments_is_always_found():
    rng = np.random.default_rng(7)
    for _ in range(300):
        inputs = [{name: float(rng.uniform(0.1, 9)) for name in "abcde"} for _ in range(4)]
        name, power = str(rng.choice(list("abcde"))), float(rng.choice([-2, -1, 1, 2]))
        right = rng.lognormal(0, 3, 4).tolist()
        mine = [r * each[name] ** power for r, each in zip(right, inputs, strict=True)]
        said = asked(mine, right, inputs)
        assert said is not None and f"`{name}`" in said
