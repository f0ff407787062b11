import pytest

from inference_lab.pipeline.sides import (
    BEGIN,
    END,
    opened,
    solved,
    strip,
    unsolved,
)
from inference_lab.pipeline.source import read, tags
from inference_lab.workbook.rebuild import digest


def cell(notebook, identity):
    return next(each for each in notebook.cells if each.id == identity)


@pytest.fixture
def source(lesson):
    return read(lesson.source)


def test_the_region_becomes_the_stub_at_its_indentation():
    text = f"def f(x):\n    if x:\n        {BEGIN}\n        return 1\n        {END}\n    return 2"
    expected = 'def f(x):\n    if x:\n        raise NotImplementedError("Exercise 5.1")\n'
    assert strip(text, "5.1") == expected + "    return 2"


def test_no_solution_and_no_instructor_cell_reaches_the_course(source):
    course = unsolved(source)
    text = "\n".join(each.source for each in course.cells)
    assert "SOLUTION" not in text and "size_bytes * 8" not in text
    assert "Ask the room" not in text
    assert "Ask the room" in "\n".join(each.source for each in solved(source).cells)


def test_tags_and_marks_of_both_sides(source):
    left, right = solved(source), unsolved(source)
    assert cell(left, "ex-7-1").metadata["exercise"] == "7.1"
    assert "raises-exception" not in tags(cell(left, "check-7-1"))
    assert "raises-exception" in tags(cell(right, "check-7-1"))
    for side in (left, right):
        assert "nbval-ignore-output" in tags(cell(side, "view"))
    stub = cell(right, "ex-7-1")
    assert stub.metadata["course"] == {"id": "ex-7-1", "digest": digest(stub.source)}


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ('predict("5.1", 75, unit="ms")', 'predict("5.1", None, unit="ms")'),
        ('predict("5.1", -1.5e3, unit="µs")', 'predict("5.1", None, unit="µs")'),
        ('predict("µ", 75, unit="ms")', 'predict("µ", None, unit="ms")'),
    ],
)
def test_the_number_of_a_prediction_is_taken_out(line, left):
    assert opened(line, "predict") == left


def test_a_verdict_and_a_memo_are_taken_out_among_other_lines():
    text = 'verdict("C31", "holds")\n\n\ndef run():\n    return 3\n\n\nreveal("C31", run)'
    assert opened(text, "verdict") == text.replace('"holds"', "None")
    text = 'x = 1\nmemo(\n    "05",\n    60,\n    "% µ",\n    "who does what",\n    run={},\n)'
    left = opened(text, "memo")
    assert left.count("None") == 3 and "who" not in left and "run={}" in left
    assert opened('memo("05", 60, "µ", "a b c", run={})', "memo").count("None") == 3


@pytest.mark.parametrize("text", ["x = 1", 'predict("5.1")', 'predict("5.1", 1, unit="ms")\nx = 1'])
def test_anything_else_in_a_prediction_cell_is_refused(text):
    with pytest.raises(ValueError, match="one line"):
        opened(text, "predict")


@pytest.mark.parametrize(
    "text", ["x = 1", 'verdict("C31")', 'verdict("C1", "holds")\nverdict("C2", "holds")']
)
def test_a_verdict_cell_commits_one_verdict(text):
    with pytest.raises(ValueError, match="a verdict cell holds one line"):
        opened(text, "verdict")


@pytest.mark.parametrize(
    ("identity", "change", "reason"),
    [
        ("ex-7-1", {"source": "def transfer_s(): pass"}, "0 solution regions where 1"),
        ("example", {"source": f"{BEGIN}\nx = 1\n{END}"}, "1 solution regions where 0"),
        ("ex-7-1", {"id": "exercise"}, "go together"),
        ("check-7-1", {"metadata": {}}, "go together"),
        ("check-7-1", {"source": 'check("7.1", transfer_s)\nprint(1)'}, "one line"),
        ("check-7-1", {"source": 'check("7.2", transfer_s)'}, "another exercise"),
        ("check-7-1", {"id": "check-7-2", "source": 'check("7.2", f)'}, "needs its check"),
    ],
)
def test_cells_that_do_not_fit_together_are_refused(source, identity, change, reason):
    cell(source, identity).update(change)
    with pytest.raises(ValueError, match=reason):
        solved(source)
