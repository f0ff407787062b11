"""Mistakes that belong to no exercise: each is named, and a right or an odd answer is not."""

import math

import pytest

from inference_lab.lab.families import family

RIGHT = [0.0744, 3.2171, 12.5003]


def uses_all(a, b):
    return a + b


def uses_one(a, b):
    return 3 * a


def named(answers, expected=RIGHT, function=uses_all):
    return family(answers, expected, function, ["a", "b"])


@pytest.mark.parametrize("way", [math.floor, math.ceil, round, lambda x: round(x, 2)])
def test_rounding_is_named(way):
    assert "not rounded" in named([way(each) for each in RIGHT])


def test_a_constant_that_is_added_is_named_in_lists_too():
    assert "same amount" in named([each + 0.001 for each in RIGHT])
    assert "same amount" in named([[1.5, 2.5], [3.5]], expected=[[1, 2], [3]])


def test_an_argument_that_is_never_read_is_named():
    said = named([1, 2, 3], function=uses_one)
    assert said == "Your function does not use `b`. Does the answer not depend on it?"


@pytest.mark.parametrize("function", [uses_all, lambda a, b: a, len, math.hypot])
def test_an_unknown_mistake_and_an_unknown_text_are_not_named(function):
    assert named([0.07, 4.0, 9.0], function=function) is None


def test_one_number_alone_belongs_to_no_family():
    assert family([1.0], [2.0], uses_all, ["a", "b"]) is None
