"""At a limit of 5.3 and 5.5 the inputs are exact in floats; elsewhere they are far from one."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from inference_lab.pipeline import answers
from inference_lab.pipeline.project import lessons

DRAWS = 1000
EXERCISES = {
    each.id: each
    for lesson in lessons(Path(__file__).parents[2])
    if lesson.number == "05"
    for each in answers.definitions(lesson)
}


def inputs(exercise):
    draws = (exercise.draw(np.random.default_rng(seed)) for seed in range(DRAWS))
    return [*exercise.public, *draws]


def exact(each):
    """The sequences by time, without rounding."""
    limit, fixed, per = (Fraction(each[k]) for k in ("tpot_slo_s", "fixed_s", "per_sequence_s"))
    return (limit - fixed) / per


def test_a_batch_meets_its_time_limit_exactly_or_clearly_does_not():
    met = 0
    for each in inputs(EXERCISES["5.3"]):
        by_time, per_s = exact(each), each["per_sequence_s"]
        if by_time.denominator == 1:  # then no formula rounds
            most = int(by_time)
            assert each["fixed_s"] + per_s * most == each["tpot_slo_s"]
            left_s = each["tpot_slo_s"] - each["fixed_s"]
            assert left_s / per_s == left_s // per_s == most
            met += 1
        elif by_time > 0:
            assert 0.1 < by_time % 1 < 0.9, each
        else:
            assert each["fixed_s"] - each["tpot_slo_s"] > 0.01 * each["fixed_s"]
    assert 0.3 * DRAWS < met < 0.5 * DRAWS


def test_a_time_meets_its_limit_exactly_or_clearly_does_not():
    met = {"ttft": 0, "tpot": 0}
    for each in inputs(EXERCISES["5.5"]):
        columns = ("arrival_s", "ttft_s", "e2e_s", "output_tokens")
        for arrival_s, ttft_s, e2e_s, tokens in zip(*(each[k] for k in columns), strict=True):
            gaps, limit_s = tokens - 1, each["tpot_limit_s"]
            times = {"ttft": (Fraction(ttft_s), Fraction(each["ttft_limit_s"]))}
            if gaps:
                decode_s = Fraction(e2e_s) - Fraction(ttft_s)
                times["tpot"] = (decode_s / gaps, Fraction(limit_s))
            for name, (time_s, limit) in times.items():
                assert time_s == limit or abs(time_s / limit - 1) > 1e-3, each
                met[name] += time_s == limit
            if gaps and decode_s / gaps == Fraction(limit_s):  # then no formula rounds
                assert (e2e_s - ttft_s) / gaps == limit_s
                assert e2e_s == ttft_s + limit_s * gaps
                assert (arrival_s + e2e_s) - (arrival_s + ttft_s) == limit_s * gaps
    assert min(met.values()) > 2 * DRAWS


@pytest.mark.parametrize("exercise", ["5.4", "5.5"])
def test_there_is_always_a_request(exercise):
    assert all(each["arrival_s"] for each in inputs(EXERCISES[exercise]))
