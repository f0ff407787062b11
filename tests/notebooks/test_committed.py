"""The committed notebooks: as their sources say, in their frame, and true when run again."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from inference_lab.lab.answer import same
from inference_lab.lab.exercise import PolicyExercise
from inference_lab.pipeline import answers
from inference_lab.pipeline.drift import drift
from inference_lab.pipeline.project import lessons
from inference_lab.pipeline.sides import solved
from inference_lab.pipeline.source import read
from inference_lab.pipeline.structure import findings
from inference_lab.workbook.execute import ALONE, ATTEMPTS, CELL_TIMEOUT_S, NBVAL, run_apart
from inference_lab.workbook.folder import GLOSSARY, start
from inference_lab.workbook.folder import read as read_notebook
from inference_lab.workbook.rebuild import rebuild
from inference_lab.workbook.selfcheck import RIGHT, selfcheck

ROOT = Path(__file__).parents[2]
DEFINITIONS = answers.definitions
LESSONS = lessons(ROOT)
BOTH_SIDES = [
    pytest.param(x, y, id=f"{y}-{x.number}") for x in LESSONS for y in ("solved", "course")
]
NBVAL_TIMEOUT_S = 300
SAME_MACHINE = 1e-9
WITHOUT_PICTURES = r"""
[pictures: another system may place a mark a hair's breadth away; their readings are compared]
regex: base64,[A-Za-z0-9+/=]+
replace: base64
"""


@pytest.fixture(params=LESSONS, ids=lambda lesson: lesson.number)
def lesson(request):
    return request.param


def test_they_are_what_their_sources_say(lesson):
    assert drift(lesson) == []


ONE_DRAW = slice(1, 2)  # each mistake on the list misses its target in it, not only in the worst


@pytest.mark.parametrize(
    "draws", [ONE_DRAW, pytest.param(slice(None), marks=pytest.mark.slow)], ids=["one", "all"]
)
def test_the_exercise_file_is_what_a_build_computes(lesson, draws, monkeypatch):
    """Of a policy, each mistake is simulated for seconds: one draw, or all of them."""
    monkeypatch.setattr(answers, "definitions", lambda lesson: shortened(lesson, draws))
    made = answers.answers(lesson, solved(read(lesson.source)))
    kept = json.loads(lesson.answers.read_text())
    for exercise in kept["exercises"]:
        if "runs" in exercise:
            exercise["runs"] = exercise["runs"][draws]
    assert same(kept, answers.plain(made), SAME_MACHINE)


def shortened(lesson, draws):
    """The exercises of a lesson, policies with some of their draws."""
    return [
        replace(each, public_seeds=each.public_seeds[draws])
        if isinstance(each, PolicyExercise)
        else each
        for each in DEFINITIONS(lesson)
    ]


@pytest.mark.parametrize(("lesson_", "side"), BOTH_SIDES)
def test_they_keep_the_frame(lesson_, side):
    assert findings(nbformat.read(getattr(lesson_, side), as_version=4), lesson_.number) == []


@pytest.mark.parametrize(("lesson_", "side"), BOTH_SIDES)
def test_they_say_the_same_when_run_again(lesson_, side, tmp_path):
    """Strict nbval on a copy, so that a run leaves nothing in the checkout."""
    shutil.copy(getattr(lesson_, side), tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [*NBVAL, "--nbval"]
    (tmp_path / "sanitize.cfg").write_text(WITHOUT_PICTURES)
    command += [f"--nbval-cell-timeout={CELL_TIMEOUT_S}", "-c", str(tmp_path / "pytest.ini")]
    command += [f"--nbval-sanitize-with={tmp_path / 'sanitize.cfg'}"]
    command += [f"--rootdir={tmp_path}", str(tmp_path)]
    for _ in range(ATTEMPTS):
        finished = run_apart(command, NBVAL_TIMEOUT_S, ALONE)
        if finished is not None:
            break
    assert finished is not None, f"no end within {NBVAL_TIMEOUT_S} s, {ATTEMPTS} times"
    assert finished.returncode == 0, finished.stdout[-5000:] + finished.stderr


def test_a_learner_with_the_right_answers_is_told_so(tmp_path):
    """The whole way of a learner: start, answer every exercise, check.

    The first lesson is run. Of the others the same cells are run above, on the solved side; here
    each answer is found where a learner has it.
    """
    start(ROOT / "course", tmp_path)
    for lesson in LESSONS:
        own, solutions = read_notebook(tmp_path / lesson.course.name), read_notebook(lesson.solved)
        right = {cell["id"]: cell["source"] for cell in solutions["cells"]}
        for cell in own["cells"]:
            if "exercise" in cell["metadata"]:
                cell["source"] = right[cell["id"]]
        exercises = answers.definitions(lesson)
        rebuilt, missing = rebuild(read_notebook(lesson.course), own, exercises)
        found = {cell["id"]: cell["source"] for cell in rebuilt["cells"]}
        assert missing == {}
        for exercise in exercises:
            cell_id = f"ex-{exercise.id.replace('.', '-')}"
            assert "".join(found[cell_id]) == "".join(right[cell_id])
        (tmp_path / lesson.course.name).write_text(json.dumps(own))
    for lesson in LESSONS[1:]:
        (tmp_path / lesson.course.name).unlink()
    outcomes = selfcheck(ROOT / "course", tmp_path)
    assert [each for each in outcomes if each.status != RIGHT] == []
    assert len(outcomes) == len(answers.definitions(LESSONS[0]))


def test_links_lead_to_lessons_that_exist(lesson):
    notebook = nbformat.read(lesson.course, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    targets = [t for t in re.findall(r"\]\(([^)#]+)", prose) if not t.startswith("http")]
    assert [t for t in targets if not (ROOT / "course" / t).exists()] == []


def test_the_course_holds_nothing_else():
    names = {p.name for p in (ROOT / "course").glob("*")}
    assert names == {x.course.name for x in LESSONS} | {GLOSSARY}
