"""The whole way: a folder of submissions, the command, the report."""

import csv
import io
import json
import os
import platform
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from inference_lab.cli.main import main
from inference_lab.grading import answer_key
from inference_lab.grading.box import Box
from inference_lab.grading.hidden import questions
from inference_lab.grading.run import grade

RIGHT_2 = (
    "def loads(rates_per_s):\n"
    "    total = sum(rates_per_s)\n"
    "    return {'total_per_s': total, 'shares': tuple(r / total for r in rates_per_s)}\n"
)
HEAD_1 = "def transfer_s(size_bytes, link_gbit_per_s):\n    "
ROUND_ROBIN = "def route(request, replicas, rng):\n    return request.index % len(replicas)\n"


def table(report: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((report / name).read_text())))


def run(tmp_path, key_folder, seed_file, *more: str) -> tuple[int, Path]:
    out = tmp_path / "report"
    arguments = ["grade", str(tmp_path / "submissions"), "--out", str(out)]
    arguments += ["--seed-file", str(seed_file), "--answer-key", str(key_folder), *more]
    return main(arguments), out


def test_honest_and_unsolved(
    hand_in, tmp_path, key_folder, seed_file, solutions, needs_box, capsys
):
    """The reference gets all points on 100 hidden inputs; the course as shipped gets none."""
    hand_in("ada", solutions)
    hand_in("bob", {})
    code, out = run(tmp_path, key_folder, seed_file, "--draws", "100")
    assert code == 0
    assert (out / "marks.csv").read_text().splitlines() == [
        "student,lesson,exercise,points,possible,status,reason",
        "ada,03_graded,3.1,1,1,right,",
        "ada,03_graded,3.2,2,2,right,",
        "ada,03_graded,3.3,3,3,right,",
        "bob,03_graded,3.1,0,1,not attempted,its cell is as the course gives it",
        "bob,03_graded,3.2,0,2,not attempted,its cell is as the course gives it",
        "bob,03_graded,3.3,0,3,not attempted,its cell is as the course gives it",
    ]
    assert (out / "totals.csv").read_text().splitlines() == [
        "student,points,possible",
        "ada,6,6",
        "bob,0,6",
    ]
    report = json.loads((out / "report.json").read_text())
    assert report["isolation"] == "on"
    assert report["hidden_inputs"] == 100
    assert seed_file.read_text() not in (out / "report.json").read_text()
    assert sorted(path.name for path in out.iterdir()) == [
        *("marks.csv", "private", "report.json", "totals.csv")
    ]
    assert "3 right" in capsys.readouterr().out


CELLS = {
    "honest": ({}, ["right", "right", "right"]),
    "wrong": ({"3.1": HEAD_1 + "return 1.0\n", "3.2": RIGHT_2}, ["wrong", "right", "right"]),
    "loop": ({"3.1": HEAD_1 + "while True: pass\n"}, ["timed out", "right", "right"]),
    "exit": ({"3.1": "import os\nos._exit(0)\n", "3.3": ROUND_ROBIN}, None),
    "bomb": ({"3.2": "x = bytearray(4 << 30)\ndef loads(rates_per_s): pass\n"}, None),
    "fork": ({"3.1": HEAD_1 + "import os\n    while True: os.fork()\n"}, None),
    "kill": ({"3.1": HEAD_1 + "import os\n    os.kill(-1, 9)\n"}, None),
}
EXPECTED = {
    "exit": ["needs a person", "right", "wrong"],
    "bomb": ["right", "needs a person", "right"],  # three asked for what the box refuses
    "fork": ["needs a person", "right", "right"],
    "kill": ["needs a person", "right", "right"],
}


def test_thirty_submissions_do_not_affect_each_other(
    hand_in, tmp_path, key_folder, seed_file, solutions, needs_box
):
    for number in range(28):
        kind = list(CELLS)[number % len(CELLS)]
        hand_in(f"{number:02}-{kind}", solutions | CELLS[kind][0])
    (tmp_path / "submissions" / "28-empty").mkdir()
    (tmp_path / "submissions" / "29-broken.zip").write_bytes(b"PK")

    box = Box(cpu_s=1)
    places = (tmp_path / "submissions", tmp_path / "report", seed_file, key_folder)
    marks = grade(*places, draws=8, box=box).marks

    of_student: dict[str, list[str]] = {}
    for mark in marks:
        of_student.setdefault(mark.student, []).append(mark.status)
    assert len(of_student) == 30
    for student, statuses in of_student.items():
        kind = student.partition("-")[2]
        if kind in ("empty", "broken"):
            assert set(statuses) == {"not handed in" if kind == "empty" else "refused"}
        else:
            assert statuses == (CELLS[kind][1] or EXPECTED[kind]), student
    totals = {line["student"]: line["points"] for line in table(places[1], "totals.csv")}
    assert totals["00-honest"] == totals["21-honest"] == "6"
    assert totals["01-wrong"] == "5"
    assert totals["03-exit"] == totals["29-broken"] == ""  # a person has to look first
    assert totals["28-empty"] == "0"


def test_same_seed_same_report(
    hand_in, tmp_path, key_folder, seed_file, solutions, needs_box, monkeypatch
):
    """Whether one process marks or several do, and in which order they end, makes no difference."""
    for number in range(7):
        hand_in(f"s{number}", solutions | CELLS[list(CELLS)[number % 2]][0])
    reports = []
    for secret, workers in ((b"a" * 20, 2), (b"a" * 20, 1), (b"b" * 20, 1)):
        seed_file.write_bytes(secret)
        seed_file.with_name("seed.txt.used").unlink(missing_ok=True)
        monkeypatch.setattr("inference_lab.grading.crew.cores", lambda n=workers: [None] * n)
        out = tmp_path / f"report-{len(reports)}"
        grade(tmp_path / "submissions", out, seed_file, key_folder, draws=4, box=Box())
        reports.append({path.name: path.read_bytes() for path in out.glob("*.*")})
    assert reports[0] == reports[1]
    assert reports[0]["marks.csv"] == reports[2]["marks.csv"]
    assert reports[0]["report.json"] != reports[2]["report.json"]  # other hidden inputs


def test_renamed_ids_and_two_answers(
    hand_in, tmp_path, key_folder, seed_file, solutions, needs_box
):
    """A cell is found by its mark or its function; two that define it need a person."""
    for student in ("by-mark", "by-function", "two"):
        folder = hand_in(student, solutions)
        path = next(folder.glob("*.ipynb"))
        notebook = json.loads(path.read_text())
        for number, cell in enumerate(notebook["cells"]):
            cell["id"] = f"new-{number}"
            if student != "by-mark":
                cell["metadata"] = {}
        if student == "two":
            again = {"cell_type": "code", "id": "again", "metadata": {}, "source": solutions["3.1"]}
            notebook["cells"].append(again)
        path.write_text(json.dumps(notebook))
    out = tmp_path / "report"
    marks = grade(tmp_path / "submissions", out, seed_file, key_folder, draws=4, box=Box()).marks
    statuses = {(mark.student, mark.exercise): mark.status for mark in marks}
    assert Counter(statuses.values()) == {"right": 8, "needs a person": 1}
    assert statuses["two", "3.1"] == "needs a person"
    assert [line["points"] for line in table(out, "totals.csv")] == ["6", "6", ""]
    assert {line["points"] for line in table(out, "marks.csv") if line["student"] == "two"} == {
        "",
        "2",
        "3",
    }


def test_without_isolation_every_file_says_so(hand_in, tmp_path, key_folder, seed_file, solutions):
    hand_in("ada", solutions)
    code, out = run(tmp_path, key_folder, seed_file, "--no-isolation", "--draws", "4")
    assert code == 0
    for name in ("marks.csv", "totals.csv"):
        first, header = (out / name).read_text().splitlines()[:2]
        assert first == "# isolation: off; the code graded here ran unconfined"
        assert header.startswith("student,")
    assert json.loads((out / "report.json").read_text())["isolation"] == "off"


def test_nothing_is_left(hand_in, tmp_path, key_folder, seed_file, solutions, needs_box):
    """No process of the grader's session runs on and no file stays in the temporary folder."""
    hand_in("ada", solutions)
    hand_in("eve", {"3.1": HEAD_1 + "import os\n    os.setsid()\n    while os.fork(): pass\n"})
    (tmp_path / "temporary").mkdir()
    command = [sys.executable, "-m", "inference_lab.cli.main", "grade", "submissions"]
    command += ["--out", "report", "--seed-file", str(seed_file), "--answer-key", str(key_folder)]
    done = subprocess.Popen(
        [*command, "--draws", "4"],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path / "temporary")},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    said, _ = done.communicate(timeout=120)
    assert done.returncode == 0, said
    until_s = time.monotonic() + 5
    while session_of(done.pid) and time.monotonic() < until_s:
        time.sleep(0.05)  # the system's own cleaning of dead processes takes its time
    assert session_of(done.pid) == []
    assert list((tmp_path / "temporary").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {
        *("submissions", "temporary", "report", "seed.txt", "seed.txt.used")
    }


def session_of(leader: int) -> list[str]:
    """The processes of a session that are not dead."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(session) == leader and state != "Z":
            found.append(stat.parent.name)
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"draws": "0"}, "at least one hidden input"),
        ({"seed": b"42"}, "can be guessed"),
        ({"out": True}, "is not empty"),
        ({"key_folder": "absent"}, "is not there: run this in a checkout, or give --answer-key"),
        ({"key_folder": "."}, "no exercise found"),
    ],
    ids=str,
)
def test_what_the_command_refuses(
    change, said, hand_in, tmp_path, key_folder, seed_file, needs_box, capsys
):
    hand_in("ada", {})
    if "seed" in change:
        seed_file.write_bytes(change["seed"])
    if "out" in change:
        (tmp_path / "report").mkdir()
        (tmp_path / "report" / "marks.csv").write_text("kept")
    folder = tmp_path / change["key_folder"] if "key_folder" in change else key_folder
    code, out = run(tmp_path, folder, seed_file, "--draws", change.get("draws", "4"))
    assert code == 2
    assert said in capsys.readouterr().err
    if "out" in change:
        assert (out / "marks.csv").read_text() == "kept"
    else:
        assert not out.exists()


def test_refuses_where_the_box_lacks_a_part(
    hand_in, tmp_path, key_folder, seed_file, monkeypatch, capsys
):
    hand_in("ada", {})
    monkeypatch.setattr(Box, "missing", lambda self: ["Landlock"])
    code, out = run(tmp_path, key_folder, seed_file)
    assert code == 2
    assert "cannot be confined here; missing: Landlock. --no-isolation" in capsys.readouterr().err
    assert not out.exists()


def test_help_says_what_a_mark_promises(capsys):
    with pytest.raises(SystemExit):
        main(["grade", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "computed right values for inputs that it had never seen" in said
    assert "does not promise secrecy" in said


def test_a_zip_is_graded_as_its_folder_is(
    hand_in, tmp_path, key_folder, seed_file, solutions, needs_box
):
    folder = hand_in("ada", solutions)
    with zipfile.ZipFile(tmp_path / "submissions" / "bob.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    marks = grade(
        tmp_path / "submissions", tmp_path / "report", seed_file, key_folder, draws=4, box=Box()
    ).marks
    assert [mark.status for mark in marks] == ["right"] * 6


TELLS = """
class Said(Exception):
    pass
def transfer_s(size_bytes, link_gbit_per_s):
    right = size_bytes * 8 / (link_gbit_per_s * 1e9)
    if size_bytes == 1e9:
        return right
    raise type(f"E{size_bytes:.0f}", (Said,), {})(f"{size_bytes:.0f} gives {right!r}")
"""
ASKS = "import importlib\n" + TELLS.replace("raise type", "importlib.import_module").replace(
    ', (Said,), {})(f"{size_bytes:.0f} gives {right!r}")', ")"
)


def test_what_may_be_forwarded_holds_no_hidden_input(
    hand_in, tmp_path, key_folder, seed_file, solutions, needs_box, capsys
):
    """The student's code says its inputs in every way it has: in private they are, else nowhere."""
    hand_in("wrong", solutions | {"3.1": HEAD_1 + "return 0.08\n", "3.3": ROUND_ROBIN})
    hand_in("tells", solutions | {"3.1": TELLS})
    hand_in("asks", solutions | {"3.1": ASKS})
    _, out = run(tmp_path, key_folder, seed_file, "--draws", "6")
    task = answer_key.read(key_folder)[0]
    asked = [q for q in questions(task, seed_file.read_bytes(), 6) if not q.is_public]
    secrets = {f"{q.inputs['size_bytes']:.0f}" for q in asked} | {repr(q.expected) for q in asked}
    forwarded = "".join((out / n).read_text() for n in ("marks.csv", "totals.csv", "report.json"))
    forwarded += capsys.readouterr().out
    assert [each for each in secrets if each in forwarded] == []
    assert "raised an exception of its own on hidden input 1 of 6" in forwarded
    private = (out / "private" / "records.jsonl").read_text()
    first = asked[0]
    assert f"E{first.inputs['size_bytes']:.0f}" in private and repr(first.expected) in private
    assert (out / "private").stat().st_mode & 0o077 == 0
    report = json.loads((out / "report.json").read_text())
    assert report["seed"].startswith("used for this run alone")
    assert report["python"] == platform.python_version()
    assert report["numpy"] == np.__version__


def test_a_seed_is_used_for_one_run(hand_in, tmp_path, key_folder, seed_file, needs_box, capsys):
    hand_in("ada", {})
    code, out = run(tmp_path, key_folder, seed_file, "--draws", "1")
    assert (code, seed_file.with_name("seed.txt.used").read_text()) == (0, f"{out}\n")
    out.rename(tmp_path / "first")
    code, out = run(tmp_path, key_folder, seed_file, "--draws", "1")
    assert code == 2
    assert "was used for a run before" in capsys.readouterr().err
    assert not out.exists()


def test_what_is_left_out_is_said(
    hand_in, tmp_path, key_folder, seed_file, solutions, needs_box, capsys
):
    folder = hand_in("ada", solutions)
    (folder / "scratch.ipynb").write_text('{"cells": []}')
    (folder / "03_graded.html").write_text("<html>")
    (folder / "more.7z").write_bytes(b"7z")
    (folder / "plot.png").write_bytes(b"")
    (tmp_path / "submissions" / "grades.csv").write_text("")
    code, out = run(tmp_path, key_folder, seed_file, "--draws", "1")
    said = capsys.readouterr().out.splitlines()
    assert code == 0
    assert "     3 right" in said
    assert "Left out of student ada: 03_graded.html, more.7z, scratch.ipynb" in said
    assert "Left out, no submission: grades.csv" in said
    assert json.loads((out / "report.json").read_text())["left_out"]["ada"][1] == "more.7z"
