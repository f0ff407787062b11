import json

import pytest

from inference_lab.lab import NotYet, check, hint, record
from inference_lab.lab.hints import off_by


def said(capsys, *numbers):
    for number in numbers:
        hint("5.1", number)
    return capsys.readouterr().out.splitlines()


def taken():
    return record.of("5.1")["hints"]


def try_wrong(answer):
    with pytest.raises(NotYet):
        check("5.1", answer)


def test_a_cell_without_a_number_takes_none_however_often_it_runs(capsys):
    assert said(capsys, None, None) == ['For the first hint: hint("5.1", 1)'] * 2
    assert taken() == 0


def test_a_stored_cell_that_runs_again_shows_the_same_and_takes_no_more(capsys):
    once = said(capsys, 2)
    assert [line[:11] for line in once] == ["Hint 1 of 3", "Hint 2 of 3", "For the nex"]
    assert said(capsys, 2) == once and said(capsys, None) == once
    assert taken() == 2
    assert said(capsys, 1)[-1] == 'For the next hint: hint("5.1", 2)'
    assert taken() == 2
    assert len(said(capsys, 3)) == 3  # no line asks for a fourth


def test_a_wrong_number_earns_its_ratio_after_the_first_hint(capsys):
    try_wrong(lambda tokens: 8 * 327_680 * tokens)
    assert not any("too large" in line for line in said(capsys, None))
    assert "Your last answer was 8 times too large." in said(capsys, 1)
    assert taken() == 1


def test_after_a_pass_hints_cost_nothing(capsys):
    said(capsys, 1)
    try_wrong(lambda tokens: 8 * 327_680 * tokens)
    check("5.1", lambda tokens: 327_680 * tokens)
    capsys.readouterr()
    lines = said(capsys, 3)
    assert lines[0] == "5.1 is right already, so this costs nothing." and len(lines) == 4
    assert taken() == 1
    try_wrong(lambda tokens: None)  # what was right once stays right
    said(capsys, 2)
    assert taken() == 1


def test_no_ratio_for_an_answer_that_is_no_number(capsys):
    try_wrong(lambda tokens: None)
    assert not any("last answer" in line for line in said(capsys, 2))


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


def test_without_a_working_folder_nothing_is_written(tmp_path):
    try_wrong(lambda tokens: 3)
    hint("5.1", 2)
    assert list((tmp_path / "work").iterdir()) == []


def test_in_a_working_folder_hints_are_known_after_the_kernel_ends(capsys, tmp_path, monkeypatch):
    kept = tmp_path / "work" / record.NAME
    kept.write_text("{}")
    once = said(capsys, 1)
    monkeypatch.setattr(record.EXERCISES, "of_this_kernel", {})
    assert said(capsys, None) == once
    assert json.loads(kept.read_text())["5.1"]["hints"] == 1


def test_a_broken_progress_file_is_named_with_the_fix(tmp_path):
    (tmp_path / "work" / record.NAME).write_text("{")
    with pytest.raises(ValueError, match="delete it"):
        hint("5.1", 1)


def test_hints_that_are_not_there(capsys):
    hint("5.2", 1)
    assert capsys.readouterr().out == "5.2 has no hints.\n"
    for number, error in ((4, ValueError), (0, ValueError), ("1", TypeError), (True, TypeError)):
        with pytest.raises(error, match="number"):
            hint("5.1", number)
    with pytest.raises(ValueError, match="not known"):
        hint("5.7", 1)
