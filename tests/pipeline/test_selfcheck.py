import json
from xml.etree import ElementTree

import pytest

from inference_lab.cli.main import main
from inference_lab.pipeline.selfcheck import selfcheck
from inference_lab.pipeline.workbook import start

RIGHT = "return size_bytes * 8 / (link_gbit_per_s * 1e9)"


@pytest.fixture
def mine(lesson):
    folder = lesson.root / "my_course"
    start(lesson.course.parent, folder)
    return folder / lesson.course.name


def answer(path, line):
    notebook = json.loads(path.read_text())
    (cell,) = [each for each in notebook["cells"] if each.get("id") == "ex-7-1"]
    text = "".join(cell["source"])
    stub = 'raise NotImplementedError("Exercise 7.1")'
    cell["source"] = text.replace(stub, line)
    path.write_text(json.dumps(notebook))


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        (RIGHT, "right", ""),
        (
            f"import sys; print('look:', 3); print('oh', file=sys.stderr); {RIGHT}",
            "right",
            "",
        ),
        ("return size_bytes", "not yet", "7.1 not yet: transfer_s(size_bytes=1e+09"),
        ("return (", "not yet", "SyntaxError"),
        ('raise NotImplementedError("Exercise 7.1")', "not attempted", ""),
    ],
)
def test_each_state_of_an_exercise_is_told(lesson, mine, line, status, said):
    answer(mine, line)
    (outcome,) = selfcheck(lesson.course.parent, mine.parent)
    assert (outcome.what, outcome.title, outcome.status) == ("7.1", "Time on the wire", status)
    assert said in outcome.said


def test_only_the_exercise_cells_of_the_learner_count(lesson, mine):
    notebook = json.loads(mine.read_text())
    for cell in notebook["cells"]:
        if cell["id"] in ("check-7-1", "setup"):
            cell["source"] = "print('7.1 right: public checks passed (2 of 2).')"
    mine.write_text(json.dumps(notebook))
    (outcome,) = selfcheck(lesson.course.parent, mine.parent)
    assert outcome.status == "not attempted"


def test_a_deleted_exercise_is_not_found_rather_than_wrong(lesson, mine):
    notebook = json.loads(mine.read_text())
    notebook["cells"] = [each for each in notebook["cells"] if each["id"] != "ex-7-1"]
    mine.write_text(json.dumps(notebook))
    (outcome,) = selfcheck(lesson.course.parent, mine.parent)
    assert outcome.status == "not found" and "no cell has the id ex-7-1" in outcome.said


def test_the_command_prints_a_table_writes_junit_and_ends_with_its_code(lesson, mine, capsys):
    report = lesson.root / "report.xml"
    assert main(["check", str(mine.parent), "--junit", str(report)]) == 1
    assert "7.1      Time on the wire" in capsys.readouterr().out
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert len(cases) == 9 and sum(len(case) for case in cases) == 1
    answer(mine, RIGHT)
    assert main(["check", str(mine.parent)]) == 0
    assert "1 of 1 right" in capsys.readouterr().out


def test_bad_folders_and_files_are_named(lesson, mine, tmp_path, capsys):
    assert main(["check", str(tmp_path / "none"), "--course", str(lesson.course.parent)]) == 2
    assert "holds no lesson" in capsys.readouterr().err
    mine.write_text("{")
    assert main(["check", str(mine.parent)]) == 2
    assert mine.name in capsys.readouterr().err
