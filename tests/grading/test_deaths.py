"""What outlives a killed process, an interrupted run, a full report folder and odd names."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from inference_lab.grading.box import Box
from inference_lab.grading.run import grade

SLEEP = "import time\ntime.sleep(50)\n"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


def processes(leader: int) -> dict[int, tuple[int, str]]:
    """Parent and command of each living process of a session."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(session) == leader and state != "Z":
            found[int(folder.name)] = (int(parent), command)
    return found


def warm_parents(leader: int) -> list[int]:
    known = processes(leader)
    return [
        pid
        for pid, (parent, command) in known.items()
        if "grading/child.py" in command and "child.py" not in known.get(parent, (0, ""))[1]
    ]


def wait_for(true, until_s: float = 30.0):
    end_s = time.monotonic() + until_s
    while not (found := true()):
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.02)
    return found


def records(out: Path) -> list[dict]:
    path = out / "private" / "records.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@contextmanager
def ctrl_c_is_heard():
    """As in a terminal: what a script starts in the background ignores it, and hands that on."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def begin(tmp_path, key_folder, seed_file, needs_box):
    """Start the command in a session of its own; whatever of it is left is killed."""
    begun = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "-m", "inference_lab.cli.main", "grade", "submissions"]
        command += [
            "--out",
            "report",
            "--seed-file",
            str(seed_file),
            "--answer-key",
            str(key_folder),
        ]
        with ctrl_c_is_heard():
            process = subprocess.Popen(
                [*command, "--draws", "4"],
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        begun.append(process)
        return process

    yield start
    for process in begun:
        for pid in processes(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.communicate()


def statuses(out: Path) -> dict[tuple[str, str], str]:
    lines = [x for x in (out / "marks.csv").read_text().splitlines() if not x.startswith("#")]
    table = csv.DictReader(io.StringIO("\n".join(lines)))
    return {(line["student"], line["exercise"]): line["status"] for line in table}


def sleeping(process: subprocess.Popen, out: Path) -> None:
    """Wait until exercise 3.2 of eve, which sleeps, has been started."""
    started = {"student": "eve", "exercise": "3.2", "status": "started"}
    wait_for(lambda: started in records(out))
    wait_for(lambda: warm_parents(process.pid))


def test_a_killed_worker_costs_one_exercise(begin, hand_in, tmp_path, solutions):
    hand_in("ada", solutions)
    hand_in("eve", solutions | {"3.2": SLEEP + solutions["3.2"]})
    hand_in("fay", solutions)
    process, out = begin(), tmp_path / "report"
    sleeping(process, out)
    first = boxes(process.pid)
    time.sleep(1.0)  # only the box that sleeps lives so long
    (worker,) = {first[box] for box in first.keys() & boxes(process.pid)}
    os.kill(worker, signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "student eve, 3.2: the grader's process ended while it marked this exercise" in said
    assert Counter(statuses(out).values()) == {"right": 8, "needs a person": 1}


def boxes(leader: int) -> dict[int, int]:
    """The worker by the process in which a student's code runs: child of its warm parent."""
    known, warm = processes(leader), warm_parents(leader)
    return {
        pid: known[parent][0]
        for pid, (parent, _) in known.items()
        if parent in warm and parent in known
    }


def test_a_killed_warm_parent_costs_nothing(begin, hand_in, tmp_path, solutions):
    hand_in("eve", solutions | {"3.2": "import time\ntime.sleep(2)\n" + solutions["3.2"]})
    process, out = begin(), tmp_path / "report"
    sleeping(process, out)
    os.kill(warm_parents(process.pid)[0], signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert set(statuses(out).values()) == {"right"}


def test_ctrl_c_ends_it_at_once_with_what_is_there(begin, hand_in, tmp_path, solutions):
    hand_in("ada", solutions)
    hand_in("eve", solutions | {"3.2": SLEEP + solutions["3.2"]})
    process, out = begin(), tmp_path / "report"
    sleeping(process, out)
    wait_for(lambda: len([r for r in records(out) if r["status"] == "right"]) == 4)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    said, _ = process.communicate(timeout=30)  # not the 50 s that eve sleeps
    assert process.returncode == 130, said
    assert "Traceback" not in said
    found = statuses(out)
    assert [found["ada", e] for e in ("3.1", "3.2", "3.3")] == ["right"] * 3
    assert [found["eve", e] for e in ("3.1", "3.2", "3.3")] == ["right"] + ["not reached"] * 2
    assert (out / "totals.csv").read_text().splitlines()[2:] == ["ada,6,6", "eve,,6"]
    assert json.loads((out / "report.json").read_text())["complete"] is False
    wait_for(lambda: not processes(process.pid), 5)


def test_kill_9_leaves_no_process_and_all_records(begin, hand_in, tmp_path, solutions):
    hand_in("eve", solutions | {"3.2": SLEEP + solutions["3.2"]})
    process, out = begin(), tmp_path / "report"
    sleeping(process, out)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(5)
    wait_for(lambda: not processes(process.pid), 5)
    assert [(each["exercise"], each["status"]) for each in records(out)] == [
        ("3.1", "started"),
        ("3.1", "right"),
        ("3.2", "started"),
    ]


def test_a_file_that_appears_in_the_report_is_kept(
    hand_in, tmp_path, key_folder, seed_file, solutions, needs_box
):
    hand_in("ada", solutions)
    out = tmp_path / "report"

    def intrude():
        wait_for(lambda: (out / "private").exists())
        (out / "marks.csv").write_text("mine")

    thread = threading.Thread(target=intrude)
    thread.start()
    graded = grade(tmp_path / "submissions", out, seed_file, key_folder, draws=4, box=Box())
    thread.join()
    assert (out / "marks.csv").read_text() == "mine"
    assert [path.name for path in graded.files] == ["marks-2.csv", "totals.csv", "report.json"]
    assert "ada,03_graded,3.1,1,1,right" in (out / "marks-2.csv").read_text()


ODD = {
    "not UTF-8": os.fsdecode(b"jos\xe9"),
    "escape codes": "\x1b[2Jeve",
    "a command to the build server": "::error file=x::eve",
    "a line of its own": "eve\n::error::x",
    "a formula": "=HYPERLINK(1)",
    "right to left": "eve\u202ezip.exe",
    "composed": "jos\u00e9",
    "decomposed": "jose\u0301",
}


def test_names_stay_text(begin, hand_in, tmp_path):
    """Each is refused, so that each is named on the console: behind a word of our own."""
    for name in ODD.values():
        (hand_in(name, {}) / "more.zip").write_bytes(b"PK")
    process, out = begin(), tmp_path / "report"
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert {student for student, _ in statuses(out)} == {
        *(r"jos\udce9", r"\x1b[2Jeve", "::error file=x::eve", r"eve\x0a::error::x"),
        *("'=HYPERLINK(1)", r"eve\u202ezip.exe", r"jos\xe9", r"jose\u0301"),
    }
    for path in (out / "marks.csv", out / "totals.csv", out / "report.json"):
        text = path.read_text(encoding="utf-8")
        assert all(c.isprintable() or c == "\n" for c in text.replace("\r\n", "\n")), path
    lines = said.splitlines()
    assert sum(line.startswith("  student ") for line in lines) == len(ODD)
    assert not any(line.strip().startswith(("::", "=", "\x1b")) for line in lines)
    assert all(c.isprintable() for line in lines for c in line)
