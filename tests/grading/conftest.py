"""A small answer key, notebooks made from it, and boxes, for the tests of the grader."""

import copy
import json
import os
from pathlib import Path

import pytest

from inference_lab.grading.box import Box
from inference_lab.grading.line import WarmParent
from inference_lab.pipeline import sides, source

collect_ignore = ["answer_key"]
KEY_FOLDER = Path(__file__).parent / "answer_key"
LESSON = "03_graded"
SECRET = b"a secret for the tests only"


@pytest.fixture(scope="session")
def key_folder() -> Path:
    """The folder of the tests' own answer key."""
    return KEY_FOLDER


@pytest.fixture(scope="session")
def stubs() -> dict:
    """The lesson as learners get it, with no exercise solved."""
    return json.loads(json.dumps(sides.unsolved(source.read(KEY_FOLDER / f"{LESSON}.py"))))


@pytest.fixture(scope="session")
def solutions() -> dict[str, str]:
    """The solved exercise cells by exercise."""
    cells = sides.solved(source.read(KEY_FOLDER / f"{LESSON}.py")).cells
    return {sides.exercise_id(c.id): c.source for c in cells if "exercise" in source.tags(c)}


@pytest.fixture
def hand_in(tmp_path, stubs):
    """Write a student's folder with the given exercise cells and return its path."""

    def write(student: str, cells: dict[str, str]) -> Path:
        notebook = copy.deepcopy(stubs)
        for cell in notebook["cells"]:
            exercise = cell["metadata"].get("exercise")
            cell["source"] = cells.get(exercise, cell["source"])
        folder = tmp_path / "submissions" / student
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def seed_file(tmp_path) -> Path:
    """A file with a secret."""
    path = tmp_path / "seed.txt"
    path.write_bytes(SECRET)
    return path


@pytest.fixture
def needs_box():
    """Skip where student code cannot be confined, and say what is missing."""
    if Box().missing():
        pytest.skip(f"no box here; missing: {', '.join(Box().missing())}")


@pytest.fixture
def ask(needs_box):
    """Run ``attack(**inputs)`` of a source in a box and return the reply, or raise Stopped."""

    def run(code: str, box: Box, **inputs) -> object:
        with WarmParent(box) as warm, warm.child() as child:
            child.load("exercise_attack", code, "attack")
            return child.ask(inputs)["answer"]

    return run


@pytest.fixture
def running():
    """Whether a process runs (a dead one that nobody has waited for does not)."""

    def check(pid: int) -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        return state != "Z"

    assert check(os.getpid())
    return check
