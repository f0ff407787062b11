import json
import zipfile

import pytest

from inference_lab.lab import progress
from inference_lab.pipeline.workbook import course_beside, pack, start


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    folder.mkdir()
    for name in ("00_a.ipynb", "05_b.ipynb", "picture.svg", ".hidden"):
        (folder / name).write_text(name)
    return folder


def test_start_copies_what_is_missing_and_overwrites_nothing(course, tmp_path):
    mine = tmp_path / "my_course"
    assert start(course, mine) == ["00_a.ipynb", "05_b.ipynb", "picture.svg"]
    (mine / "00_a.ipynb").write_text("my work")
    (mine / "05_b.ipynb").unlink()
    (mine / progress.NAME).write_text('{"5.1": {"hints": 2}}')
    assert start(course, mine) == ["05_b.ipynb"]
    assert (mine / "00_a.ipynb").read_text() == "my work"
    assert json.loads((mine / progress.NAME).read_text()) == {"5.1": {"hints": 2}}


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


def test_the_course_is_looked_for_beside_the_folder(course, tmp_path):
    assert course_beside(tmp_path / "my_course") == course
    with pytest.raises(FileNotFoundError, match="--course"):
        course_beside(tmp_path / "elsewhere" / "my_course")
