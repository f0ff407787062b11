"""Submissions as they come, and as someone might make them to do harm."""

import json
import os
import stat
import zipfile

import pytest

from inference_lab.grading import submission

NOTEBOOK = {"cells": [], "nbformat": 4}
NAME = "05_the_latency_that_matters"


def zip_of(path, files: dict[str, str]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize("folder", ["", "my_course/"])
@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_notebooks_at_the_top_or_one_folder_deep(tmp_path, folder, kind):
    files = {
        f"{folder}{NAME}.ipynb": json.dumps(NOTEBOOK),
        f"{folder}.ipynb_checkpoints/{NAME}.ipynb": "old",
        f"__MACOSX/{folder}{NAME}.ipynb": "attributes",
        f"{folder}notes.txt": "hello",
    }
    path = tmp_path / "ada.zip"
    if kind == "zip":
        zip_of(path, files)
    else:
        path = tmp_path / "ada"
        for name, text in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text)
    read = submission.read("ada", [path])
    assert read == submission.Submission("ada", {f"{NAME}.ipynb": NOTEBOOK})
    assert read.lesson(NAME) == NOTEBOOK


def test_students_by_name_of_zip_or_folder(tmp_path):
    (tmp_path / "ada").mkdir()
    zip_of(tmp_path / "bob.zip", {})
    zip_of(tmp_path / "ada.zip", {})
    (tmp_path / "README.txt").write_text("")
    (tmp_path / ".cache").mkdir()
    students, ignored = submission.find(tmp_path)
    assert students == {
        "ada": [tmp_path / "ada", tmp_path / "ada.zip"],
        "bob": [tmp_path / "bob.zip"],
    }
    assert ignored == [".cache", "README.txt"]
    assert "two submissions" in submission.read("ada", students["ada"]).refused


def test_nothing_to_grade(tmp_path):
    with pytest.raises(ValueError, match="holds no submission"):
        submission.find(tmp_path)
    with pytest.raises(FileNotFoundError, match="not a folder"):
        submission.find(tmp_path / "absent")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"/etc/passwd": ""}, "leads outside"),
        ({"../up.ipynb": ""}, "leads outside"),
        ({"a/../../up.ipynb": ""}, "leads outside"),
        ({"..\\up.ipynb": ""}, "leads outside"),
        ({"C:\\up.ipynb": ""}, "leads outside"),
        ({"a/x.ipynb": "{}", "b/x.ipynb": "{}"}, "twice"),
        ({f"{n}.ipynb": "{}" for n in range(2_001)}, "more than 2000 files"),
        ({f"{n}.ipynb": " " * 10_000_000 for n in range(11)}, "far more than notebooks"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_zips(tmp_path, files, said):
    read = submission.read("eve", [zip_of(tmp_path / "eve.zip", files)])
    assert said in read.refused
    assert read.notebooks == {}


def test_a_zip_that_lies_about_its_sizes(tmp_path):
    """A bomb that claims to be small is read up to the limit only, or found to be damaged."""
    path = zip_of(tmp_path / "eve.zip", {f"{NAME}.ipynb": " " * 50_000_000})
    true_size, claimed = (50_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true_size, claimed))
    read = submission.read("eve", [path])
    assert read.refused or isinstance(read.notebooks[f"{NAME}.ipynb"], str)


@pytest.mark.parametrize("data", [b"", b"PK\5\6", b"no zip at all", b"PK\3\4" + bytes(99)])
def test_no_zip(tmp_path, data):
    (tmp_path / "eve.zip").write_bytes(data)
    assert "cannot be read" in submission.read("eve", [tmp_path / "eve.zip"]).refused


def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text(json.dumps(NOTEBOOK))
    folder = tmp_path / "eve"
    folder.mkdir()
    (folder / "05_x.ipynb").symlink_to(secret)
    assert submission.read("eve", [folder]).refused == "holds a link"
    (tmp_path / "mallory").symlink_to(folder)
    assert submission.read("mallory", [tmp_path / "mallory"]).refused == "a link"
    link = zipfile.ZipInfo("05_x.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "zip.zip", "w") as archive:
        archive.writestr(link, str(secret))
    assert submission.read("zip", [tmp_path / "zip.zip"]).refused == "holds a link"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_named_pipe_blocks_nobody(tmp_path):
    os.mkfifo(tmp_path / "05_x.ipynb")
    assert "no ordinary file" in submission.read("eve", [tmp_path]).refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a notebook"),
        ("[]", "not a notebook"),
        ('{"cells": 7}', "not a notebook"),
        ('{"cells": [7]}', "not a notebook"),
        ("[" * 100_000, "RecursionError"),
        ('{"cells": [], "x": ' + "1" * 5_000 + "}", "ValueError"),
        ("\udcff", "UnicodeDecodeError"),
        (json.dumps({"cells": [{"cell_type": "code", "source": "1;" * 50_000}]}), "code cell of"),
        (" " * 10_000_001, "more than 10,000,000 bytes"),
    ],
    ids=lambda value: value[:20],
)
def test_notebooks_that_cannot_be_read(tmp_path, text, said):
    (tmp_path / f"{NAME}.ipynb").write_bytes(text.encode("utf-8", "surrogateescape"))
    read = submission.read("eve", [tmp_path])
    assert read.refused is None
    assert said in read.lesson(NAME)


def test_which_notebook_is_the_lesson():
    def lesson(*files: str) -> object:
        return submission.Submission("ada", dict.fromkeys(files, NOTEBOOK)).lesson(NAME)

    assert lesson(f"{NAME}.ipynb", "05_copy.ipynb") == NOTEBOOK
    assert lesson("05_renamed.ipynb", "04_other.ipynb") == NOTEBOOK
    assert "several notebooks" in lesson("05_one.ipynb", "05_two.ipynb")
    assert "is it homework.ipynb?" in lesson("homework.ipynb", "04_other.ipynb")
    assert lesson("04_other.ipynb") is None
    assert lesson() is None
