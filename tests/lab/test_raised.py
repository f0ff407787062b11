"""An error of a learner's gets a question about the fact behind it."""

import math

import pytest

from inference_lab.lab.mistakes.raised import question

GIVEN = {"batch_size": 1, "waiting": 0, "gpus": 4, "arrival_s": [0.5, 2.0], "queued": []}
GIVEN |= {"start_s": [1.0, 2.0], "output_tokens": [1, 7]}


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ("gpus / waiting", "`waiting` is 0 on this input."),
        ("gpus / (batch_size - 1)", "`batch_size` is 1 on this input."),
        ("start_s[0] / (output_tokens[0] - 1)", "`output_tokens` has an entry 1 on this input."),
        ("sum(queued) / len(queued)", "`queued` is empty on this input."),
        ("gpus / (gpus - 4)", "By what do you divide there"),
        ("arrival_s[2]", "`arrival_s` has 2 entries, numbered from 0 to 1 on this input."),
        ("queued[0]", "`queued` is empty on this input."),
        ("{1: 2}[gpus]", "Nothing has the key 4."),
        ("batchsize + 1", "Do you mean `batch_size`?"),
        ("throughput + 1", "Nothing in your cell gives `throughput` a value."),
        ("arrival_s - queued", "A list is not counted with as a whole."),
        ("2.5 * arrival_s", "A list is not counted with as a whole."),
        ("[].append(1).append(2)", "gives nothing back"),
        ("arrival_s.mean()", "`arrival_s` is a list."),
        ("gpus(3)", "Is a `*` missing there?"),
        ("range(gpus / 2)", "Where does it get decimals"),
        ("gpus[0]", "What do you take an entry of?"),
        ("max(queued)", "Which ones does your condition let through?"),
        ("math.log(waiting)", "a number of 0 or below"),
        ("math.exp(1e9)", "too large to count with"),
        ("len(gpus)", "A number has no length."),
        ("sum(gpus)", "What is a number there?"),
        ("[a for a, b in [arrival_s + [1]]]", "how many names do you give them?"),
    ],
)
def test_what_an_error_says_of_the_input(line, fact):
    with pytest.raises(Exception) as raised:
        eval(line, {"math": math}, dict(GIVEN))
    assert fact in (question(raised.value, GIVEN, line) or "")


def test_endless_recursion_and_an_unknown_error():
    assert "calls itself without end" in question(RecursionError(), GIVEN, "")
    assert "has no value yet" in question(UnboundLocalError(), GIVEN, "")
    assert question(AssertionError("mine"), GIVEN, "") is None
