import json

import pytest

from inference_lab.lab import NotYet, check, hint, record
from inference_lab.lab.hints import off_by


def hints(capsys, times):
    for _ in range(times):
        hint("5.1")
    return capsys.readouterr().out.splitlines()


def try_wrong(answer):
    with pytest.raises(NotYet):
        check("5.1", answer)


def test_each_call_gives_the_next_rung_and_the_last_stays(capsys):
    lines = hints(capsys, 4)
    assert [line.split(":")[0] for line in lines] == [
        "Hint 1 of 3",
        "Hint 2 of 3",
        "Hint 3 of 3 (the last one)",
        "Hint 3 of 3 (the last one)",
    ]


def test_the_second_rung_of_a_wrong_number_is_the_ratio(capsys):
    try_wrong(lambda tokens: 8 * 327_680 * tokens)
    first, second, third = hints(capsys, 3)
    assert first.startswith("Hint 1") and third.startswith("Hint 2")
    assert second == "Hint: your last answer was 8 times too large."


def test_a_right_answer_is_said_first_and_its_old_ratio_forgotten(capsys):
    hints(capsys, 1)
    try_wrong(lambda tokens: 8 * 327_680 * tokens)
    check("5.1", lambda tokens: 327_680 * tokens)
    capsys.readouterr()
    lines = hints(capsys, 1)
    assert lines[0] == "5.1 is right already." and lines[1].startswith("Hint 2 of 3")
    try_wrong(lambda tokens: None)
    assert hints(capsys, 1)[0].startswith("Hint 3 of 3")


def test_no_ratio_for_an_answer_that_is_no_number(capsys):
    try_wrong(lambda tokens: None)
    assert [line[:6] for line in hints(capsys, 2)] == ["Hint 1", "Hint 2"]


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (8, "8 times too large"),
        (1.005, "0.5 % too large"),
        (0.995, "0.5 % too small"),
        (1_000, "1,000 times too large"),
        (1 / 1491.254, "1,490 times too small"),
    ],
)
def test_ratios_in_words(ratio, words):
    assert off_by(ratio) == words


def test_without_a_working_folder_nothing_is_written(capsys, tmp_path):
    try_wrong(lambda tokens: 3)
    hints(capsys, 2)
    assert list((tmp_path / "work").iterdir()) == []


def test_in_a_working_folder_hints_go_on_after_the_kernel_ends(capsys, tmp_path, monkeypatch):
    kept = tmp_path / "work" / record.NAME
    kept.write_text("{}")
    hints(capsys, 1)
    monkeypatch.setattr(record.EXERCISES, "of_this_kernel", {})
    assert hints(capsys, 1)[0].startswith("Hint 2")
    assert json.loads(kept.read_text())["5.1"]["hints"] == 2


def test_a_broken_progress_file_is_named_with_the_fix(tmp_path):
    (tmp_path / "work" / record.NAME).write_text("{")
    with pytest.raises(ValueError, match="delete it"):
        hint("5.1")


def test_an_exercise_without_hints_and_one_that_is_not_there(capsys):
    hint("5.2")
    assert capsys.readouterr().out == "5.2 has no hints.\n"
    with pytest.raises(ValueError, match="not known"):
        hint("5.7")
