"""Fingerprints of numbers, and the questions that go with them."""

import math
import re

import numpy as np

from inference_lab.lab.mistakes.neighbours import KINDS, fingerprint, is_plain, told


def test_a_fingerprint_is_blind_to_rounding_noise_and_to_nothing_else():
    rng = np.random.default_rng(3)
    for _ in range(1_000):
        values = rng.lognormal(0, 3, 4).tolist()
        noisy = [each * (1 + 4e-16) for each in values]
        assert fingerprint(noisy) == fingerprint(values)
        off = [values[0] * (1 + 1e-8), *values[1:]]
        assert fingerprint(off) != fingerprint(values)


def test_structures_and_kinds_count():
    one = [{"a": 1, "b": [2.0, 0]}, True]
    assert fingerprint(one) == fingerprint([{"b": [2, 1e-15], "a": 1.0}, True])
    for other in ([{"a": 1, "b": [2.0]}, True], [{"a": 1, "b": [2.0, 0]}, 1], [{"a": -1}, None]):
        assert fingerprint(other) != fingerprint(one)
    assert fingerprint([0, 0]) != fingerprint([1, 0]) != fingerprint([1, 1])
    assert fingerprint([math.nan]) is fingerprint([1, math.inf]) is fingerprint([10**400]) is None


def test_every_kind_is_a_whole_sentence_and_a_question():
    odd = []
    for kind in [*KINDS, "times 8", "times 0.001"]:
        for about in ("batch,gpus", "a,b,c,d,e"):
            said = told(f"{kind}:{about}", ["link_bytes"])
            whole = re.fullmatch(r"Your numbers come out when [^{}]+\. [A-Z`][^{}]+\?", said)
            odd += [] if whole else [said]
    assert odd == []


def test_two_explanations_are_both_told_and_units_ask_for_units():
    said = told("as 0:batch|as 0:gpus", [])
    assert "when `batch` is taken as 0, or when `gpus` is taken as 0." in said
    assert "A byte has 8 bits" in told("times 8:size_bytes", ["size_bytes"])
    assert is_plain("times 8:size_bytes") and not is_plain("steps:")
