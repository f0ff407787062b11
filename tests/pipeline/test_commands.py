import json
import zipfile

import pytest

from inference_lab.cli.main import main
from inference_lab.lab import record
from inference_lab.workbook.folder import start


@pytest.fixture
def here(lesson, monkeypatch):
    monkeypatch.chdir(lesson.root)
    return lesson


def test_build_check_tells_what_a_build_would_change(here, capsys):
    assert main(["build", "--check"]) == 0
    here.source.write_text(here.source.read_text().replace("Tiny", "Small"))
    assert main(["build", "--check", "7"]) == 1
    assert "course/07_tiny.ipynb: cell title: its source" in capsys.readouterr().err


def test_pack_and_update(here, capsys):
    start(here.root / "course", here.root / "my_course")
    assert main(["update"]) == 0
    assert capsys.readouterr().out == "everything is up to date\n"
    assert main(["pack"]) == 0
    assert zipfile.ZipFile("my_course.zip").namelist() == ["07_tiny.ipynb"]
    assert main(["pack", "--out", "mine.zip"]) == 0
    assert zipfile.ZipFile("mine.zip").testzip() is None


def test_pack_tells_what_is_in_the_zip_without_running_it(here, capsys):
    folder = here.root / "my_course"
    start(here.root / "course", folder)
    path = folder / here.course.name
    text = path.read_text()

    def packed():
        assert main(["pack"]) == 0
        return capsys.readouterr().out

    said = packed()
    assert "1 not attempted: 7.1" in said and "Save your notebooks first" in said
    stub = json.dumps('raise NotImplementedError("Exercise 7.1")')[1:-1]
    path.write_text(text.replace(stub, "return size_bytes"))
    assert "1 written, never checked: 7.1" in packed()
    for right, words in ((True, "right"), (False, "not yet")):
        (folder / record.NAME).write_text(json.dumps({"7.1": {"right": right}}))
        assert f"1 {words} at its last check: 7.1" in packed()
    path.write_text(json.dumps(json.loads(text) | {"cells": []}))
    assert "1 not found: 7.1\n  7.1: no cell has the id ex-7-1" in packed()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["build", "8"], "no lesson 8; there are 07"),
        (["pack", "nowhere"], "nowhere holds no lesson"),
        (["update", "nowhere"], "nowhere holds no lesson, so nothing was changed"),
    ],
)
def test_bad_input_is_one_line(here, capsys, command, said):
    assert main(command) == 2
    assert said in capsys.readouterr().err


def test_build_outside_a_checkout(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 2
    assert "run this in the root of a checkout" in capsys.readouterr().err


def test_two_lessons_of_one_number_are_refused(here, capsys):
    (here.root / "solutions" / "07_other.py").write_text("")
    assert main(["build", "--check"]) == 2
    assert "two lessons have the number 07" in capsys.readouterr().err
