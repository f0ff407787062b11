import zipfile

import pytest

from inference_lab.cli.main import main
from inference_lab.pipeline.workbook import start


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


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["build", "8"], "no lesson 8; there are 07"),
        (["pack", "nowhere"], "nowhere holds no lesson"),
        (["update", "nowhere", "--course", "empty"], "empty holds no lesson"),
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
