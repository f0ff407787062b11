"""A learner's function that is one small change away from right: where, and what to ask."""

import linecache

import pytest

from inference_lab.lab.mistakes.repair import repair

INPUTS = [
    {"times_s": [3.0, 1.0, 2.0, 1.5, 0.5, 9.0], "limit_s": 2.0, "servers": 2},
    {"times_s": [5.0, 2.0, 4.0, 4.0, 3.0], "limit_s": 4.0, "servers": 3},
    {"times_s": [1.0], "limit_s": 0.5, "servers": 7},
    {"times_s": [1.0, 0.25, 0.5], "limit_s": 0.5, "servers": 5},
]


def good_per_server(times_s, limit_s, servers):
    good = sum(1 for each in times_s if each <= limit_s)
    return max(0, good - 1) / servers


CHECKS = [{"inputs": each, "expected": good_per_server(**each)} for each in INPUTS]


def asked(body, **names):
    """What is asked about a function with this body, defined in a cell of its own."""
    text = "def mine(times_s, limit_s, servers):\n" + "".join(f"    {each}\n" for each in body)
    file = f"<cell {hash(text)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), names)
    return repair(names["mine"], CHECKS, 1e-6)


COUNT = "good = sum(1 for each in times_s if each <= limit_s)"
LOOP = ["for each in times_s:", "    if each <= limit_s:", "        good += 1"]


@pytest.mark.parametrize(
    ("body", "line", "question"),
    [
        ([COUNT.replace("<=", "<"), "return max(0, good - 1) / servers"], 2, "Is it `<` or `<=`"),
        ([COUNT.replace("<=", ">="), "return max(0, good - 1) / servers"], 2, "Which way round"),
        ([COUNT, "return min(0, good - 1) / servers"], 3, "the smaller or the larger"),
        ([COUNT, "return (good - 1) / servers"], 3, "What sets a limit there"),
        ([COUNT, "return max(0, good + 1) / servers"], 3, "What is added there"),
        ([COUNT, "return max(0, good - 1)"], 3, "What is still missing there?"),
        ([COUNT, "return max(0, good - 1) / servers / limit_s"], 3, "Does all of it belong there?"),
        ([COUNT, "answer = max(0, good - 1) / servers", "return good"], 4, "and returns others"),
        (
            ["good = -1", *LOOP, "    return max(0, good) / servers"],
            3,
            "What happens in each round",
        ),
    ],
)
def test_the_line_and_the_question_of_one_slip(body, line, question):
    said = asked(body)
    assert said.startswith(f"One small change in line {line} of your cell makes every number right")
    assert body[line - 2].strip() in said and question in said


def test_nothing_is_said_where_no_one_change_helps():
    assert asked([COUNT, "return good * servers + limit_s"]) is None
    assert asked(["return 7"]) is None
    assert repair(lambda times_s, limit_s, servers: 7, CHECKS, 1e-6) is None
    assert repair(len, CHECKS, 1e-6) is None


def test_endless_loops_and_prints_of_changed_copies_stay_inside(capsys):
    body = ["while len(times_s) > 9:", "    pass", "print('here')", "return servers"]
    assert asked(body) is None
    assert capsys.readouterr().out == ""
