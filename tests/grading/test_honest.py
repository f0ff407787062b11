"""How honest people hand in: what a person would accept counts, or a person is called, with why.

Every way is one student of one run. The ways to write a cell are also run in IPython, where the
check may call right only what then counts.
"""

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from inference_lab.grading.box import Box
from inference_lab.grading.run import grade
from inference_lab.pipeline import sides, source

SOLUTIONS = Path(__file__).parents[2] / "solutions"
LESSON = "05_the_latency_that_matters"
FILE = f"{LESSON}.ipynb"
HEAD = "def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):\n"
BODY = "    return 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)\n"
RIGHT = HEAD + BODY
CALL = "prefill_s(7 * 10**9, 100, 1, 1e15, 0.5)"


def notebook(cell: str = RIGHT, exercise: str = "5.1", **metadata) -> dict:
    made = json.loads(json.dumps(STUBS))
    for each in made["cells"]:
        if each["metadata"].get("exercise") == exercise:
            each["source"] = cell
    made["metadata"] |= metadata
    return made


STUBS = sides.unsolved(source.read(SOLUTIONS / f"{LESSON}.py"))
STUB, GOOD = (json.dumps(each).encode() for each in (STUBS, notebook()))
OTHER = json.dumps(notebook(RIGHT + "    # the same, said otherwise\n")).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo("x")
            entry.filename = name  # with its backslashes
            archive.writestr(entry, content)
    return data.getvalue()


def tarred(files: dict[str, bytes], mode: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def locked_zip() -> bytes:
    """A zip whose entry says that it is encrypted."""
    data = bytearray(zipped({FILE: GOOD}))
    data[6] |= 1
    data[data.rindex(b"PK\1\2") + 8] |= 1
    return bytes(data)


def without_marks() -> bytes:
    """As Colab saves it: no ids, and metadata of its own."""
    made = notebook()
    for each in made["cells"]:
        each.pop("id", None)
        each["metadata"] = {"id": "q1w2e3"}
    return json.dumps(made).encode()


def changed(change) -> bytes:
    made = notebook()
    return json.dumps(change(made) or made).encode()


def as_lines(made):
    for each in made["cells"]:
        each["source"] = each["source"].splitlines(keepends=True)


def with_line_ends_of_windows(made):
    for each in made["cells"]:
        each["source"] = each["source"].replace("\n", "\r\n")


def backwards(made):
    made["cells"].reverse()


def of_vs_code(made):
    for each in made["cells"]:
        each["metadata"]["vscode"] = {"languageId": "python"}


def twice_in_one(made):
    made["cells"].append({"cell_type": "code", "id": "x", "metadata": {}, "source": RIGHT})


def tried_out_below(made):
    cell = {"cell_type": "code", "id": "x", "metadata": {}, "source": RIGHT + "    # try"}
    made["cells"].append(cell)


def answered_in_a_new_cell(made):
    made["cells"] = [*json.loads(STUB)["cells"]]
    made["cells"].append({"cell_type": "code", "id": "x", "metadata": {}, "source": RIGHT})


def of_format_3(made):
    return {"worksheets": [{"cells": made["cells"]}], "nbformat": 3, "metadata": {}}


def as_text(made):
    for each in made["cells"]:
        if each["metadata"].get("exercise") == "5.1":
            each["cell_type"] = "markdown"


COPY = FILE.replace(".ipynb", "-Copy1.ipynb")
DOWNLOAD = FILE.replace(".ipynb", " (1).ipynb")
LAB = {f"lab/course/{FILE}": STUB, f"lab/solutions/{FILE}": OTHER}
PERSON, COUNTS, NOTHING = "needs a person", "right", "not handed in"
# Name of the file in the folder of submissions, or a dict of files in the student's folder.
FILES = {
    "packed": (("packed.zip", zipped({FILE: GOOD})), COUNTS, ""),
    "folder": ({FILE: GOOD}, COUNTS, ""),
    "loose notebook": (("loose notebook.ipynb", GOOD), COUNTS, ""),
    "loose and a text": (("loose and a text.ipynb.txt", GOOD), COUNTS, ""),
    "mailed as text": ({FILE + ".txt": GOOD}, COUNTS, ""),
    "mailed as json": ({FILE + ".json": GOOD}, COUNTS, ""),
    "downloaded again": ({DOWNLOAD: GOOD}, COUNTS, ""),
    "downloaded again by another browser": ({FILE + " (1)": GOOD}, COUNTS, ""),
    "worked in the download": ({FILE: STUB, DOWNLOAD: GOOD}, COUNTS, ""),
    "worked in the copy": ({FILE: STUB, COPY: GOOD}, COUNTS, ""),
    "kept an empty copy": ({FILE: GOOD, COPY: STUB}, COUNTS, ""),
    "two equal copies": ({FILE: GOOD, COPY: GOOD}, COUNTS, ""),
    "two that differ": ({FILE: GOOD, COPY: OTHER}, PERSON, "answered differently in"),
    "deep": ({f"a/b/c/{FILE}": GOOD}, COUNTS, ""),
    "zip in a folder": ({"assignsubmission_file/my_course.zip": zipped({FILE: GOOD})}, COUNTS, ""),
    "zip in a zip": (("zip in a zip.zip", zipped({"a/b.zip": zipped({FILE: GOOD})})), COUNTS, ""),
    "zip downloaded again": (("zip downloaded again.zip (1)", zipped({FILE: GOOD})), COUNTS, ""),
    "tar": (("tar.tar.gz", tarred({f"my_course/{FILE}": GOOD}, "w:gz")), COUNTS, ""),
    "tgz": (("tgz.tgz", tarred({FILE: GOOD}, "w:gz")), COUNTS, ""),
    "tar in a folder": ({"my_course.tar.xz": tarred({FILE: GOOD}, "w:xz")}, COUNTS, ""),
    "seven": (("seven.7z", b"7z\xbc\xaf\x27\x1c"), PERSON, "is it seven.7z?"),
    "rar in a folder": ({"work.rar": b"Rar!"}, PERSON, "is it work.rar?"),
    "one file in gzip": ({FILE + ".gz": b"\x1f\x8b"}, PERSON, "is it"),
    "page": ({f"{LESSON}.html": b"<html>"}, PERSON, f"is it {LESSON}.html?"),
    "script": ({f"{LESSON}.py": RIGHT.encode()}, PERSON, f"is it {LESSON}.py?"),
    "paper": ({"homework.pdf": b"%PDF"}, PERSON, "is it homework.pdf?"),
    "page instead of one of two": (
        {"00_start_here.ipynb": STUB, f"{LESSON}.html": b""},
        PERSON,
        "",
    ),
    "renamed": ({"homework.ipynb": GOOD}, COUNTS, ""),
    "renamed with a number of one's own": ({"12_ada_final.ipynb": GOOD}, COUNTS, ""),
    "renamed with spaces": ({"05 The latency that matters.ipynb": GOOD}, COUNTS, ""),
    "renamed by a platform": ({f"doejane_123_456_{FILE}": GOOD}, COUNTS, ""),
    "in capitals": ({FILE.upper(): GOOD}, COUNTS, ""),
    "notes beside": ({FILE: GOOD, "notes.ipynb": b'{"cells": []}', "plot.png": b"x"}, COUNTS, ""),
    "of a Mac": ({FILE: GOOD, f"__MACOSX/._{FILE}": b"x", ".DS_Store": b"x"}, COUNTS, ""),
    "of Windows": (("of Windows.zip", zipped({f"my_course\\{FILE}": GOOD})), COUNTS, ""),
    "checkpoints": ({FILE: GOOD, f".ipynb_checkpoints/{COPY}": OTHER}, COUNTS, ""),
    "backup of the update": ({FILE: GOOD, f"backup/{LESSON}.1.ipynb": OTHER}, COUNTS, ""),
    "whole lab": (LAB | {f"lab/my_course/{FILE}": GOOD}, COUNTS, ""),
    "whole lab, own folder": (LAB | {f"lab/mine/{FILE}": GOOD}, COUNTS, ""),
    "with an environment": ({FILE: GOOD, f".venv/lib/{FILE}": OTHER, "bin/a.py": b""}, COUNTS, ""),
    "byte order mark": ({FILE: b"\xef\xbb\xbf" + GOOD}, COUNTS, ""),
    "in UTF-16": ({FILE: GOOD.decode().encode("utf-16")}, COUNTS, ""),
    "of Colab": ({FILE: without_marks()}, COUNTS, ""),
    "of VS Code": ({FILE: changed(of_vs_code)}, COUNTS, ""),
    "source as lines": ({FILE: changed(as_lines)}, COUNTS, ""),
    "line ends of Windows": ({FILE: changed(with_line_ends_of_windows)}, COUNTS, ""),
    "cells in another order": ({FILE: changed(backwards)}, COUNTS, ""),
    "answer twice": ({FILE: changed(twice_in_one)}, COUNTS, ""),
    "tried out below": ({FILE: changed(tried_out_below)}, PERSON, "each differently"),
    "answered in a new cell": ({FILE: changed(answered_in_a_new_cell)}, PERSON, "is untouched"),
    "cell turned into text": ({FILE: changed(as_text)}, PERSON, "no cell has the id"),
    "format 3": ({FILE: changed(of_format_3)}, PERSON, "not a notebook of format 4"),
    "file cut short": ({FILE: GOOD[:-9]}, PERSON, "not a notebook"),
    "empty file and a copy": ({FILE: b"", COPY: GOOD}, PERSON, "not a notebook"),
    "locked": (("locked.zip", locked_zip()), "refused", "encrypted"),
    "glossary alone": ({"glossary.ipynb": b'{"cells": []}'}, NOTHING, ""),
    "nothing done": ({FILE: STUB}, "not attempted", ""),
}
# A cell, what becomes of it, and what the reason says.
CELLS = {
    "plain": (RIGHT, COUNTS, ""),
    "timed": ("%%time\n" + RIGHT, COUNTS, ""),
    "captured": ("%%capture out\n" + RIGHT, COUNTS, ""),
    "timed and captured": ("\n%%time\n%%capture\n" + RIGHT, COUNTS, ""),
    "timed below": (RIGHT + f"%timeit -n1 -r1 {CALL}\n", COUNTS, ""),
    "plots inline": ("%matplotlib inline\n" + RIGHT, COUNTS, ""),
    "reloads": ("%load_ext autoreload\n%autoreload 2\n" + RIGHT, COUNTS, ""),
    "looks at a file": ("!true\n" + RIGHT, COUNTS, ""),
    "asks for help": (RIGHT + "len?\n", COUNTS, ""),
    "magic in a block": ("if True:\n    %precision 3\n" + RIGHT, COUNTS, ""),
    "remainders and strings": (
        HEAD + '    x = 7 \\\n        % 4\n    "!no %time"\n' + BODY,
        *(COUNTS, ""),
    ),
    "another magic": ("%env A=1\n" + RIGHT, PERSON, "take out `%env A=1`"),
    "plots": ("import matplotlib.pyplot as plt\n" + RIGHT, PERSON, "imports `matplotlib`"),
    "progress": ("from tqdm import tqdm\n" + RIGHT, PERSON, "imports `tqdm`"),
    "simulates": ("import inference_lab as il\n" + RIGHT, PERSON, "imports `inference_lab`"),
    "imports within": (HEAD + "    import tqdm\n" + BODY, PERSON, "imports `tqdm`"),
    "awaits": ("import asyncio\nawait asyncio.sleep(0)\n" + RIGHT, PERSON, "`await`"),
    "threads": (
        HEAD + "    from threading import Thread\n    Thread(target=len).start()\n" + BODY,
        *(PERSON, "imports `threading`"),
    ),
    "keeps a log": (HEAD + "    open('log.txt', 'a').close()\n" + BODY, PERSON, "calls `open`"),
    "shows": (RIGHT + f"display({CALL})\n", PERSON, "uses `display` of another cell"),
    "helper elsewhere": (RIGHT.replace("2 *", "two() *"), PERSON, "uses `two` of another cell"),
    "checks itself": (RIGHT + "check('5.1', prefill_s)\n", PERSON, "uses `check` of another cell"),
    "time zone": (
        HEAD + "    import zoneinfo\n    zoneinfo.ZoneInfo('Europe/Berlin')\n" + BODY,
        *(COUNTS, ""),
    ),
    "annotated": (
        "import numpy as np\n" + RIGHT.replace("mfu):", "mfu: np.float64) -> 'float | None':"),
        *(COUNTS, ""),
    ),
    "annotated by elsewhere": (
        RIGHT.replace("mfu):", "mfu: pd.Series):"),
        *(PERSON, "uses `pd` of another cell"),
    ),
    "annotations as text": ("from __future__ import annotations\n" + RIGHT, COUNTS, ""),
    "a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass Work:\n    flop: 'float'\n" + RIGHT,
        *(COUNTS, ""),
    ),
    "guarded": (RIGHT + f'if __name__ == "__main__":\n    print({CALL})\n', COUNTS, ""),
    "defined if run": ('if __name__ == "__main__":\n' + "".join(
        f"    {line}\n" for line in RIGHT.splitlines()), COUNTS, ""),
    "cached": ("import functools\n@functools.cache\n" + RIGHT, COUNTS, ""),
    "a lambda": (
        "prefill_s = lambda parameters, prompt_tokens, gpus, flop_per_s, mfu: "
        + BODY.replace("return", "").strip() + "\n",
        *(COUNTS, ""),
    ),
    "stub left below": (RIGHT + '    raise NotImplementedError("Exercise 5.1")\n', COUNTS, ""),
    "prints": (HEAD + "    print('x' * 10_000)\n" + BODY, COUNTS, ""),
    "warns": (HEAD + "    import warnings\n    warnings.warn('x')\n" + BODY, COUNTS, ""),
    "numpy numbers": ("import numpy as np\n" + RIGHT.replace("2 *", "np.float64(2) *"), COUNTS, ""),
    "tabs and accents": (RIGHT.replace("    ", "\t") + "# d\u00e9j\u00e0 vu\n", COUNTS, ""),
    "tried out": (RIGHT + CALL + "\n", COUNTS, ""),
    "half a line": (HEAD, "raised", "raised IndentationError when its cell was run"),
}  # fmt: skip


@pytest.fixture(scope="module")
def marks(tmp_path_factory):
    """Status and reason of exercise 5.1 by way; one run marks them all."""
    if Box().missing():
        pytest.skip(f"no box here; missing: {', '.join(Box().missing())}")
    root = tmp_path_factory.mktemp("honest")
    there = root / "in"
    ways = {name: files for name, (files, _, _) in FILES.items()}
    ways |= {
        f"cell {name}": {FILE: json.dumps(notebook(cell)).encode()}
        for name, (cell, _, _) in CELLS.items()
    }
    ways["newer"] = {FILE: json.dumps(NEWER).encode()}
    for student, files in ways.items():
        if isinstance(files, tuple):
            there.mkdir(exist_ok=True)
            (there / files[0]).write_bytes(files[1])
            continue
        for name, content in files.items():
            path = there / student / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    (root / "seed").write_bytes(b"a secret for the tests only")
    graded = grade(there, root / "out", root / "seed", SOLUTIONS, 4, Box())
    return {mark.student: mark for mark in graded.marks if mark.exercise == "5.1"}


NEWER = notebook(
    "from math import not_yet\n" + RIGHT, language_info={"name": "python", "version": "3.99.1"}
)


def odd(table: dict, marks: dict, prefix: str = "") -> dict:
    """The ways whose mark is not the expected one, or does not say why."""
    found = {name: marks[prefix + name] for name in table}
    return {
        name: (mark.status, mark.reason)
        for name, mark in found.items()
        if mark.status != table[name][1] or table[name][2] not in mark.reason
    }


def test_ways_to_hand_in_files(marks):
    assert odd(FILES, marks) == {}
    assert len(FILES) >= 50


def test_ways_to_write_a_cell(marks):
    assert odd(CELLS, marks, "cell ") == {}


def test_code_for_a_newer_python_gets_a_word(marks):
    assert marks["newer"].status == PERSON
    assert marks["newer"].reason.startswith("written with Python 3.99, marked with 3.")


IN_A_NOTEBOOK = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from inference_lab.lab import check
said = {}
for name, cell in json.load(sys.stdin).items():
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.enable_matplotlib = lambda gui=None: ("agg", None)
    shell.push({"check": check, "two": lambda: 2, "pd": type("pd", (), {"Series": float})})
    shell.run_cell(cell, store_history=True)
    result = shell.run_cell("check('5.1', prefill_s)", store_history=True)
    said[name] = str(result.error_in_exec or "right")
print()
print(json.dumps(said))
"""


def test_the_check_calls_right_what_counts_and_says_first_what_does_not(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", IN_A_NOTEBOOK],
        input=json.dumps({name: cell for name, (cell, _, _) in CELLS.items()}),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=True,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    wrong = {
        name: said[name]
        for name, (_, status, _) in CELLS.items()
        if (said[name] == "right") != (status == COUNTS)
    }
    assert wrong == {}
