import json

import pytest

from inference_lab.lab import memo, record
from inference_lab.lab.memo import read


def never():
    raise AssertionError("the run must wait for the memo")


RUN = {"% load": lambda: 62.0, "requests/s": lambda: 8.3}
ACTION = "Capacity planning adds a replica for every four."


def test_an_open_memo_asks_and_runs_nothing(capsys):
    memo("05", None, None, None, run={"% load": never})
    assert "a number, its unit and an action" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "unit", "answer"),
    [
        (31, "% load", "The run gives 62 % load: you were 2 times too low."),
        (62, "%", "The run gives 62 % load: as good as equal."),
        (8.3, "requests/s", "The run gives 8.3 requests/s: as good as equal."),
        (8.3, "req/s", "The run gives 8.3 requests/s: as good as equal."),
    ],
)
def test_it_answers_with_the_number_of_the_run(number, unit, answer, capsys):
    memo("05", number, unit, ACTION, run=RUN)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Memo 05: ") and lines[0].endswith(ACTION)
    assert lines[1] == answer


def test_a_number_below_a_limit_keeps_it_and_one_above_it_is_too_high(capsys):
    for number, said in (
        (2, "2.46 to 1 at most: your number keeps it."),
        (4, "1.63 times too high."),
    ):
        memo("03", number, "to 1", ACTION, run={"to 1": lambda: 2.46}, at_most=True)
        assert capsys.readouterr().out.endswith(f"{said}\n")


def test_a_share_is_asked_about_and_another_stack_is_named(capsys):
    asks = {(60, "% load"): "Which stack is that of?"}
    memo("05", 0.4, "% load", ACTION, run={"% load": lambda: 46}, known_mistakes=asks)
    assert "did you mean 40?" in capsys.readouterr().out
    memo("05", 60, "%", ACTION, run={"% load": lambda: 46}, known_mistakes=asks)
    assert capsys.readouterr().out.endswith("Which stack is that of?\n")
    memo("05", 59, "%", ACTION, run={"% load": lambda: 46}, known_mistakes=asks)
    assert "Which stack" not in capsys.readouterr().out


def test_a_unit_that_the_run_does_not_know_is_kept_and_said(capsys):
    memo("05", 3, "replicas", ACTION, run={"% load": never})
    assert 'The run answers in "% load"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "error", "reason"),
    [
        ((60, None, ACTION), ValueError, 'the unit is missing: 60 of what\\? Such as "% load"'),
        ((60, " ", ACTION), ValueError, "the unit is missing"),
        ((None, "% load", ACTION), ValueError, "number is missing"),
        ((-1, "requests/s", ACTION), ValueError, "number cannot be negative, as -1 requests/s is"),
        ((148, "% load", ACTION), ValueError, "a share of what a replica can do: 148 % is more"),
        (("60 %", "% load", ACTION), TypeError, "number must be a number"),
        ((60, "% load", "x"), ValueError, "who does what, in at least 3 words, not 'x'"),
        ((60, "% load", None), ValueError, "not None"),
        ((60, "% load", "one line\nand another"), ValueError, "in one line"),
        ((60, "% load", 3), TypeError, "action must be text"),
        ((60, 3, ACTION), TypeError, "unit must be text"),
    ],
)
def test_what_is_no_memo_is_refused_and_not_kept(tmp_path, given, error, reason):
    (tmp_path / "work" / record.NAME).write_text("{}")
    with pytest.raises(error, match=reason):
        memo("05", *given, run={"% load": never, "requests/s": never})
    assert read() == {}


def test_it_is_kept_as_data_in_a_learners_own_folder(tmp_path):
    memo("05", 60, "% load", ACTION, run=RUN)
    assert read() == {}
    (tmp_path / "work" / record.NAME).write_text("{}")
    memo("05", 60, " % load ", f"  {ACTION} ", run=RUN)
    assert read() == {"05": {"number": 60.0, "unit": "% load", "action": ACTION}}
    assert json.loads((tmp_path / "work" / ".memo.json").read_text()) == read()


def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path):
    (tmp_path / "work" / ".memo.json").write_text("{")
    with pytest.raises(ValueError, match="delete it"):
        read()
