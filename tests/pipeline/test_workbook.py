import json
import zipfile

import pytest

from inference_lab.lab import record
from inference_lab.workbook import folder as workbook
from inference_lab.workbook.folder import find_course, lesson_files, notebooks, pack, start

RUN = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "x"},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {"course": {"id": "b", "digest": "0"}},
            "source": "1 + 1",
            "execution_count": 3,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "2"}],
        },
    ],
    "metadata": {"kernelspec": {"name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    folder.mkdir()
    for name in ("00_a.ipynb", "05_b.ipynb", "picture.svg", ".hidden"):
        (folder / name).write_text(json.dumps(RUN) if name.endswith(".ipynb") else name)
    return folder


def test_start_copies_what_is_missing_and_overwrites_nothing(course, tmp_path):
    mine = tmp_path / "my_course"
    assert start(course, mine) == ["00_a.ipynb", "05_b.ipynb", "picture.svg"]
    (mine / "00_a.ipynb").write_text("my work")
    (mine / "05_b.ipynb").unlink()
    (mine / record.NAME).write_text('{"5.1": {"hints": 2}}')
    assert start(course, mine) == ["05_b.ipynb"]
    assert (mine / "00_a.ipynb").read_text() == "my work"
    assert json.loads((mine / record.NAME).read_text()) == {"5.1": {"hints": 2}}


def test_the_glossary_comes_along_and_is_not_handed_in(course, tmp_path):
    (course / "glossary.ipynb").write_text(json.dumps(RUN))
    assert "glossary.ipynb" in start(course, tmp_path / "my_course")
    names = [path.name for path in notebooks(tmp_path / "my_course")]
    assert names == ["00_a.ipynb", "05_b.ipynb", "glossary.ipynb"]
    assert sorted(names)[0] == "00_a.ipynb"  # what the lab opens
    assert pack(tmp_path / "my_course", tmp_path / "out.zip") == names[:2]


def test_start_needs_a_course(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no lesson"):
        start(tmp_path, tmp_path / "my_course")
    assert not (tmp_path / "my_course").exists()


def test_the_zip_holds_the_lessons_alone_at_its_top_level(course, tmp_path):
    mine = tmp_path / "my_course"
    start(course, mine)
    (mine / "backup").mkdir()
    (mine / "backup" / "05_b.1.ipynb").write_text("old")
    archive = tmp_path / "out.zip"
    assert pack(mine, archive) == ["00_a.ipynb", "05_b.ipynb"]
    assert zipfile.ZipFile(archive).namelist() == ["00_a.ipynb", "05_b.ipynb"]
    with pytest.raises(FileNotFoundError, match="holds no lesson"):
        pack(tmp_path, archive)
    assert zipfile.ZipFile(archive).namelist() == ["00_a.ipynb", "05_b.ipynb"]


def test_a_new_copy_has_every_cell_and_no_result(course, tmp_path):
    start(course, tmp_path / "my_course")
    copied = json.loads((tmp_path / "my_course" / "00_a.ipynb").read_text())
    code = {**RUN["cells"][1], "execution_count": None, "outputs": []}
    assert copied == {**RUN, "cells": [RUN["cells"][0], code]}
    assert json.loads((course / "00_a.ipynb").read_text()) == RUN


def test_the_course_is_looked_for_beside_the_folder_here_and_in_the_checkout(
    course, tmp_path, monkeypatch
):
    far = tmp_path / "elsewhere" / "my_course"
    monkeypatch.setattr(workbook, "CHECKOUT", tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert find_course(tmp_path / "my_course") == course
    with pytest.raises(FileNotFoundError, match="add --course FOLDER"):
        find_course(far)
    monkeypatch.chdir(tmp_path)
    assert find_course(far) == course
    monkeypatch.chdir(course)
    monkeypatch.setattr(workbook, "CHECKOUT", tmp_path)
    assert find_course(far) == course


def test_the_checkout_of_this_package_holds_the_course():
    assert lesson_files(workbook.CHECKOUT / "course")
