import json
from xml.etree import ElementTree

import pytest

from inference_lab.cli.main import main
from inference_lab.workbook.folder import start
from inference_lab.workbook.selfcheck import selfcheck

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


def wrong(path):
    answer(path, "return size_bytes")


def right(path):
    answer(path, RIGHT)


def right_and_talking(path):
    answer(path, f"import sys; print('look:', 3); print('oh', file=sys.stderr); {RIGHT}")


def half_written(path):
    answer(path, "return (")


def says_so_itself(path):
    answer(path, "raise NotImplementedError('I do not know')")


def ends_at_its_top(path):
    right(path)
    notebook = json.loads(path.read_text())
    (cell,) = [each for each in notebook["cells"] if each.get("id") == "ex-7-1"]
    top = "class Odd(Exception): pass\nraise Odd('at the top')\n"
    cell["source"] = top + "".join(cell["source"])
    path.write_text(json.dumps(notebook))


def copied_and_changed(path):
    wrong(path)
    notebook = json.loads(path.read_text())
    (cell,) = [each for each in notebook["cells"] if each.get("id") == "ex-7-1"]
    copy = {**cell, "id": "copy"}
    copy["source"] = "".join(cell["source"]).replace("return size_bytes", RIGHT)
    notebook["cells"].append(copy)
    path.write_text(json.dumps(notebook))


def untouched(path):
    pass


def other_cells_changed(path):
    """Only the learner's exercise cells count: the rest is the course's."""
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["id"] in ("check-7-1", "setup"):
            cell["source"] = "print('7.1 right: public checks passed (2 of 2).')"
    path.write_text(json.dumps(notebook))


def deleted(path):
    notebook = json.loads(path.read_text())
    notebook["cells"] = [each for each in notebook["cells"] if each["id"] != "ex-7-1"]
    path.write_text(json.dumps(notebook))


EXPECTED = {
    wrong: ("not yet", "7.1 not yet: transfer_s(size_bytes=1e+09"),
    right: ("right", ""),
    right_and_talking: ("right", ""),
    half_written: ("not yet", "SyntaxError"),
    untouched: ("not attempted", ""),
    says_so_itself: ("not attempted", "raises NotImplementedError"),
    ends_at_its_top: ("not yet", "Odd: at the top"),
    copied_and_changed: ("not found", "2 cells define transfer_s, each differently"),
    other_cells_changed: ("not attempted", ""),
    deleted: ("not found", "no cell has the id ex-7-1"),
}


def without_pictures(notebook):
    """The lesson without the cells that draw, whose libraries would be loaded ten times."""
    drawing = ("example", "figure", "view", "reveal-7-1")
    notebook["cells"] = [each for each in notebook["cells"] if each["id"] not in drawing]
    (setup,) = [each for each in notebook["cells"] if each["id"] == "setup"]
    setup["source"] = "from inference_lab.lab import check, hint, predict"
    return json.dumps(notebook)


def test_each_state_of_an_exercise_is_told(lesson, tmp_path):
    """One run over a course that has the tiny lesson once for each state."""
    course, folder = tmp_path / "course", tmp_path / "my_course"
    course.mkdir()
    text = without_pictures(json.loads(lesson.course.read_text()))
    for state in EXPECTED:
        (course / f"07_{state.__name__}.ipynb").write_text(text)
    start(course, folder)
    for state in EXPECTED:
        state(folder / f"07_{state.__name__}.ipynb")
    told = {outcome.lesson: outcome for outcome in selfcheck(course, folder)}
    assert {name: each.status for name, each in told.items()} == {
        f"07_{state.__name__}": status for state, (status, _) in EXPECTED.items()
    }
    for state, (_, said) in EXPECTED.items():
        assert said in told[f"07_{state.__name__}"].said


def test_the_command_prints_a_table_writes_junit_and_ends_with_its_code(lesson, mine, capsys):
    report = lesson.root / "report.xml"
    assert main(["check", str(mine.parent)]) == 1
    assert "7.1      Time on the wire" in capsys.readouterr().out
    right(mine)
    assert main(["check", str(mine.parent), "--junit", str(report)]) == 0
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert len(cases) == 9 and not any(len(case) for case in cases)
    assert "1 of 1 right" in capsys.readouterr().out


def test_a_course_of_another_edition_is_refused(lesson, mine):
    text = lesson.course.read_text().replace('"exercise": "7.1"', '"exercise": "7.0"')
    lesson.course.write_text(text)
    with pytest.raises(ValueError, match="is older than this package: update both"):
        selfcheck(lesson.course.parent, mine.parent)


def test_bad_folders_and_files_are_named(lesson, mine, tmp_path, capsys):
    assert main(["check", str(tmp_path / "none"), "--course", str(lesson.course.parent)]) == 2
    assert "holds no lesson" in capsys.readouterr().err
    assert main(["check", str(mine.parent), "--course", str(tmp_path)]) == 2
    assert f"{tmp_path} holds no lesson" in capsys.readouterr().err
    mine.write_text("{")
    assert main(["check", str(mine.parent)]) == 2
    assert mine.name in capsys.readouterr().err
