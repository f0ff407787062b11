import json
import os
import subprocess
import sys

import pytest

from inference_lab.lab import NotAttempted, NotYet, check, hint, memo, predict, progress, record
from inference_lab.lab.progress_code import decode


def stub(tokens):
    raise NotImplementedError("Exercise 5.1")


def printed(capsys, *lesson):
    capsys.readouterr()
    progress(*lesson)
    return capsys.readouterr().out.splitlines()


def of_code(lines):
    return decode(lines[-1].partition(": ")[2])


def test_a_fresh_kernel_says_not_yet(capsys):
    lines = printed(capsys, "05")
    assert lines[:5] == [
        "Lesson 05",
        "  5.1  KV-cache of a prompt  not yet  hints taken: 0",
        "  5.2  Shares                not yet  hints taken: 0",
        "  Predictions: none yet",
        "  Memo: not yet",
    ]
    assert str(of_code(lines)) == "Lesson 05: right none yet; no hint taken."
    assert printed(capsys, "5") == lines
    assert printed(capsys) == ["Lesson 05: not begun"]


def test_a_stub_that_was_checked_is_not_a_try(capsys):
    before = printed(capsys, "05")
    with pytest.raises(NotAttempted):
        check("5.1", stub)
    assert printed(capsys, "05") == before


def test_what_was_done_is_in_the_table_and_in_the_code(capsys):
    hint("5.1", 2)
    check("5.1", lambda tokens: 327_680 * tokens)
    with pytest.raises(NotYet):
        check("5.2", lambda demands: None)
    predict("5.1", 75, unit="ms")
    predict("5.2", None, unit="ms")
    predict("0.1", 1, unit="ms")
    memo("05", 60, "% load", "one more replica", run={"% load": lambda: 60})
    lines = printed(capsys)
    assert lines[1].split()[-4:] == ["right", "hints", "taken:", "2"]
    assert lines[2].split()[-4:] == ["tried", "hints", "taken:", "0"]
    assert lines[3:5] == ["  Predictions: 5.1", "  Memo: written"]
    assert str(of_code(lines)) == "Lesson 05: right 5.1; 2 hints taken."


def test_what_was_right_once_stays_right(capsys):
    with pytest.raises(NotYet):
        check("5.1", lambda tokens: 0)
    assert of_code(printed(capsys, "05")).right == set()
    check("5.1", lambda tokens: 327_680 * tokens)
    with pytest.raises(NotYet):  # somebody tries another way
        check("5.1", lambda tokens: 0)
    lines = printed(capsys, "05")
    assert lines[1].split()[-4:] == ["right", "hints", "taken:", "0"]
    assert of_code(lines).right == {1}


def test_the_stretch_path_comes_after_the_core_path(capsys, exercises):
    data = json.loads((exercises / "05.json").read_text())
    data["exercises"][0]["stretch"] = True
    (exercises / "05.json").write_text(json.dumps(data))
    first, between, last = printed(capsys, "05")[1:4]
    assert first.startswith("  5.2 ") and last.startswith("  5.1 ")
    assert between == "  Stretch path:"


def test_an_exercise_without_points_is_left_out(capsys, exercises):
    data = json.loads((exercises / "05.json").read_text())
    data["exercises"][0]["points"] = 0
    (exercises / "00.json").write_text(json.dumps({"exercises": []}))
    (exercises / "05.json").write_text(json.dumps(data))
    hint("5.1", 1)
    assert "5.1" not in "\n".join(printed(capsys, "05"))
    assert len(printed(capsys, "00")) == 3  # lesson 00 has no memo


@pytest.mark.parametrize(
    ("lesson", "error", "reason"),
    [("06", ValueError, "'06' is not known; write one of: 05"), (5, TypeError, "not 5")],
)
def test_a_lesson_that_is_not_there(lesson, error, reason):
    with pytest.raises(error, match=reason):
        progress(lesson)


def kernel(folder, *lines):
    """What a new Python in this folder prints."""
    code = "from inference_lab.lab import *\n"
    run = subprocess.run(
        [sys.executable, "-"],
        input=code + "\n".join(lines),
        cwd=folder,
        env=os.environ | {"MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


WORK = [
    'hint("5.1", 1)',
    'check("5.1", lambda tokens: 327_680 * tokens)',
    'predict("5.1", 75, unit="µs")',
    'memo("05", 60, "% load", "one more replica", run={"% load": lambda: 60})',
    'progress("05")',
]


def test_a_new_kernel_in_the_own_folder_knows_all(tmp_path):
    work = tmp_path / "work"
    (work / record.NAME).write_text("{}")
    before = kernel(work, *WORK)
    after = kernel(work, 'progress("05")')
    assert "Predictions: 5.1" in after and "Memo: written" in after
    assert before.endswith(after)
    assert str(of_code(after.splitlines())) == "Lesson 05: right 5.1; 1 hint taken."
    revealed = kernel(work, 'reveal("5.1", 150)')
    assert "You said 75 µs; the run gives 150 µs" in revealed
    kernel(work, 'predict("5.1", None, unit="µs")')
    assert "Put your number" in kernel(work, 'reveal("5.1", 150)')
    assert {path.name for path in work.iterdir()} == {
        record.NAME,
        ".predictions.json",
        ".memo.json",
    }


def test_elsewhere_a_new_kernel_starts_afresh_and_nothing_is_written(tmp_path):
    work = tmp_path / "work"
    before = kernel(work, *WORK)
    assert "Predictions: 5.1" in before and "Memo: written" in before
    assert "Predictions: none yet" in kernel(work, 'progress("05")')
    assert "Put your number" in kernel(work, 'reveal("5.1", 150)')
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_broken_file_of_predictions_is_named_with_the_fix(tmp_path, text):
    (tmp_path / "work" / record.NAME).write_text("{}")
    (tmp_path / "work" / ".predictions.json").write_text(text)
    with pytest.raises(ValueError, match=r"\.predictions\.json cannot be read: delete it and run"):
        predict("5.1", 75, unit="ms")
