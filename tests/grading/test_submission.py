"""Submissions as someone might make them to do harm: each costs its reader little, nobody else."""

import io
import json
import os
import stat
import tarfile
import zipfile

import pytest

from inference_lab.grading import submission
from inference_lab.grading.submission import USUAL, Limits

NAME = "03_graded"
TASK = {"lesson": NAME, "id": "3.1", "function": "f", "stub": "def f(): raise"}
ANSWER = "def f(): return 1"
WIDE = Limits(memory_bytes=4 << 30, cpu_s=60, wall_s=60)


def notebook(source: str = ANSWER, identity: str = "ex-3-1", **more) -> str:
    cell = {"cell_type": "code", "id": identity, "metadata": {}, "source": source}
    return json.dumps({"cells": [cell], "nbformat": 4} | more)


def zip_of(path, files: dict[str, str | bytes]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def read(path, limits: Limits = USUAL) -> submission.Submission:
    return submission.read("eve", [path], [TASK], limits)


def answer(path) -> dict[str, str]:
    found = read(path)
    assert found.refused is None, found
    return found.answers["3.1"]


def test_students_by_name_of_zip_or_folder(tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / ".cache").mkdir()
    for name in ("bob.zip", "ada.zip", "cyd.ipynb", "dan.tar.gz", "eli.zip (1)", "fay.7z"):
        (tmp_path / name).write_text("")
    (tmp_path / "README.txt").write_text("")
    students, ignored = submission.find(tmp_path)
    assert {name: [path.name for path in paths] for name, paths in students.items()} == {
        "ada": ["ada", "ada.zip"],
        "bob": ["bob.zip"],
        "cyd": ["cyd.ipynb"],
        "dan": ["dan.tar.gz"],
        "eli": ["eli.zip (1)"],
        "fay": ["fay.7z"],
    }
    assert ignored == [".cache", "README.txt"]
    two = submission.read("ada", students["ada"], [TASK], Limits())
    assert two.refused == "two submissions: ada, ada.zip"


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
        ({f"{n}": "" for n in range(100_001)}, "more than 100,000 files"),
        ({f"03_{n}.ipynb": " " * 10_000_000 for n in range(11)}, "unpacks to more than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_zips(tmp_path, files, said):
    found = read(zip_of(tmp_path / "eve.zip", files))
    assert said in found.refused
    assert found.answers == {}


def test_a_zip_that_lies_about_its_sizes(tmp_path):
    """A bomb that claims to be small is read up to the limit only, or found to be damaged."""
    path = zip_of(tmp_path / "eve.zip", {f"{NAME}.ipynb": " " * 50_000_000})
    true_size, claimed = (50_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true_size, claimed))
    found = read(path)
    assert found.refused or found.answers["3.1"]["status"] == "needs a person"


def test_zips_in_zips_without_end(tmp_path):
    data = notebook().encode()
    for _ in range(6):
        inner = io.BytesIO()
        zip_of(inner, {f"{NAME}.ipynb": notebook(), "more.zip": data})
        data = inner.getvalue()
    (tmp_path / "eve.zip").write_bytes(data)
    assert "archives in archives, more than 4 deep" in read(tmp_path / "eve.zip").refused


@pytest.mark.parametrize("data", [b"", b"PK\5\6", b"no zip at all", b"PK\3\4" + bytes(99)])
def test_no_zip(tmp_path, data):
    (tmp_path / "eve.zip").write_bytes(data)
    assert "damaged or of another kind" in read(tmp_path / "eve.zip").refused


def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text(notebook())
    folder = tmp_path / "eve"
    folder.mkdir()
    (folder / f"{NAME}.ipynb").symlink_to(secret)
    assert "holds a link" in read(folder).refused
    (tmp_path / "mallory").symlink_to(folder)
    assert read(tmp_path / "mallory").refused == "a link"
    link = zipfile.ZipInfo(f"{NAME}.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "zip.zip", "w") as archive:
        archive.writestr(link, str(secret))
    assert "holds a link" in read(tmp_path / "zip.zip").refused
    with tarfile.open(tmp_path / "tar.tar", "w") as archive:
        archive.add(folder / f"{NAME}.ipynb", f"{NAME}.ipynb")
    assert "holds a link" in read(tmp_path / "tar.tar").refused


def test_a_link_to_a_name_that_no_system_takes(tmp_path):
    (tmp_path / "eve").symlink_to("x" * 300)
    (tmp_path / "ada").mkdir()
    students, _ = submission.find(tmp_path)
    assert set(students) == {"ada", "eve"}
    assert read(tmp_path / "eve").refused == "a link"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.parametrize("name", [f"{NAME}.ipynb", "eve.zip", "folder"])
def test_a_named_pipe_makes_nobody_wait(tmp_path, name):
    path = tmp_path / "eve"
    path.mkdir()
    os.mkfifo(path / (f"{NAME}.ipynb" if name == "folder" else name))
    assert "no ordinary file" in read(path if name == "folder" else path / name).refused


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
        (notebook("1;" * 50_000), "code cell of"),
        (" " * 10_000_001, "more than 10,000,000 bytes"),
    ],
    ids=lambda value: value[:20],
)
def test_notebooks_that_cannot_be_read(tmp_path, text, said):
    (tmp_path / f"{NAME}.ipynb").write_bytes(text.encode("utf-8", "surrogateescape"))
    found = answer(tmp_path)
    assert found["status"] == "needs a person" and said in found["reason"]


def test_blank_lines_cost_no_time(tmp_path):
    """A search for ``^\\s*raise`` tries every blank line at every other: minutes for one zip."""
    blank = "def f():\n" + "\n" * 24_000
    cells = [json.loads(notebook(blank, f"ex-3-{n + 1}"))["cells"][0] for n in range(100)]
    (tmp_path / f"{NAME}.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    assert read(tmp_path, Limits(cpu_s=3)).refused is None


SLOW = {f"{NAME}.ipynb": "[" + "{}," * 3_000_000 + "{}]"}


def test_memory_of_the_reader_is_limited(tmp_path):
    path = zip_of(tmp_path / "eve.zip", SLOW)
    assert read(path, WIDE).refused is None  # with room for it, it is read
    assert read(path, Limits(memory_bytes=128 << 20)).refused == (
        "takes more memory than a submission may"
    )


def test_time_of_the_reader_is_limited(tmp_path):
    files = {f"03_{n}.ipynb": "[" + "1," * 4_900_000 + "1]" for n in range(9)}
    path = zip_of(tmp_path / "eve.zip", files)
    assert read(path, WIDE).refused is None
    assert read(path, Limits(cpu_s=1)).refused == "takes more than 1 s of CPU time to read"
    assert read(path, Limits(wall_s=0.2)).refused == "takes more than 0.2 s to read"


def test_a_parser_that_is_brought_to_its_end_ends_alone(tmp_path):
    (tmp_path / f"{NAME}.ipynb").write_text(notebook("f = " + "-" * 49_000 + "1"))
    found = read(tmp_path)
    assert found.refused or found.answers["3.1"]["status"] == "needs a person"


def test_only_the_wanted_notebooks_are_parsed(tmp_path):
    """What a student keeps beside the course costs its bytes, not its objects."""
    for number in range(8):
        (tmp_path / f"my notes {number}.ipynb").write_text("[" + "{}," * 3_000_000 + "{}]")
    (tmp_path / f"{NAME}.ipynb").write_text(notebook())
    assert read(tmp_path, Limits(memory_bytes=128 << 20)).answers["3.1"]["source"] == ANSWER
