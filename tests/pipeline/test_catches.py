"""Each way to spoil a committed notebook is caught by the drift check, the frame, or nbval."""

import os
import re
import subprocess
from xml.etree import ElementTree

import nbformat
import pytest
from nbformat.v4 import new_output

from inference_lab.pipeline.drift import drift
from inference_lab.pipeline.structure import findings
from inference_lab.workbook.execute import ALONE, NBVAL


def cell(notebook, identity):
    return next(each for each in notebook.cells if each.id == identity)


def unrun(notebook):
    cell(notebook, "example").update(execution_count=None, outputs=[])


def strip_outputs(notebook):
    for each in notebook.cells:
        if each.cell_type == "code":
            each.outputs = []


def delete_check(notebook):
    notebook.cells.remove(cell(notebook, "check-7-1"))


def change_ids(notebook):
    for number, each in enumerate(notebook.cells):
        each.id = f"new-{number}"


def solve(notebook):
    exercise = cell(notebook, "ex-7-1")
    exercise.source = exercise.source.replace("raise NotImplementedError(", "return float(")


def stale_text(notebook):
    cell(notebook, "example").outputs[0].text = "1.73\n"


def print_for_widget(notebook):
    view = cell(notebook, "view")
    view.source = 'print("At 2 req/s the queue is empty.")'
    view.outputs = [new_output("stream", text="At 2 req/s the queue is empty.\n")]


def lose_ids(notebook):
    notebook.nbformat_minor = 4
    for each in notebook.cells:
        del each["id"]


def lose_a_tag(notebook):
    cell(notebook, "check-7-1").metadata["tags"].remove("check")


def swap_cells(notebook):
    notebook.cells[2:4] = notebook.cells[3:1:-1]


def stale_reading(notebook):
    cell(notebook, "figure").outputs[-1].text = "It rises from 1 to 4.\n"


def other_error(notebook):
    cell(notebook, "check-7-1").outputs[0]["ename"] = "NotYet"


def drop_alt(notebook):
    data = cell(notebook, "figure").outputs[0].data
    data["text/html"] = re.sub(' alt="[^"]*"', "", data["text/html"])


def warn(notebook):
    text = nbformat.v4.new_output("stream", name="stderr", text="deprecated")
    cell(notebook, "example").outputs.append(text)


def name_the_machine(notebook):
    cell(notebook, "example").outputs[0].text = "/home/me/course\n"


def in_drift(lesson, notebook):
    nbformat.write(notebook, lesson.course)
    return bool(drift(lesson))


def in_structure(lesson, notebook):
    clean = nbformat.read(lesson.course, as_version=4)
    return len(findings(notebook, "07")) > len(findings(clean, "07"))


@pytest.mark.parametrize("caught", [in_drift, in_structure])
def test_a_fresh_build_passes(lesson, caught):
    assert not caught(lesson, nbformat.read(lesson.course, as_version=4))


@pytest.mark.parametrize(
    ("spoil", "caught"),
    [
        (delete_check, in_drift),
        (change_ids, in_drift),
        (lose_ids, in_drift),
        (lose_a_tag, in_drift),
        (swap_cells, in_drift),
        (solve, in_drift),
        (print_for_widget, in_drift),
        (print_for_widget, in_structure),
        (unrun, in_structure),
        (strip_outputs, in_structure),
        (drop_alt, in_structure),
        (warn, in_structure),
        (name_the_machine, in_structure),
    ],
)
def test_each_spoiled_notebook_is_caught(lesson, spoil, caught):
    notebook = nbformat.read(lesson.course, as_version=4)
    spoil(notebook)
    assert caught(lesson, notebook)


def test_nbval_catches_what_only_a_run_can_tell_and_passes_a_fresh_build(lesson, tmp_path):
    """Each spoils another cell of one copy; a solved exercise shows in the cell of its check."""
    folder, report = tmp_path / "copies", tmp_path / "report.xml"
    folder.mkdir()
    copies = {"fresh": [], "stale": [stale_text, stale_reading, other_error], "solved": [solve]}
    for name, spoils in copies.items():
        notebook = nbformat.read(lesson.course, as_version=4)
        for spoil in spoils:
            spoil(notebook)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    code = [each.id for each in notebook.cells if each.cell_type == "code"]
    command = [*NBVAL, "--nbval", "--nbval-cell-timeout=60"]
    command += [f"--rootdir={folder}", f"--junitxml={report}", "."]
    subprocess.run(command, capture_output=True, timeout=120, cwd=folder, env=os.environ | ALONE)
    failed = [
        (case.get("classname"), code[int(case.get("name").split()[-1])])
        for case in ElementTree.parse(report).iter("testcase")
        if case.find("failure") is not None
    ]
    stale = [("stale.ipynb", each) for each in ("example", "figure", "check-7-1")]
    assert sorted(failed) == sorted([*stale, ("solved.ipynb", "check-7-1")])


@pytest.mark.parametrize(
    ("old", "new"),
    [("np.sqrt(2)", "np.sqrt(3)"), ('tags=["predict"]', ""), ("3 minutes", "4 minutes")],
)
def test_a_changed_source_is_drift(lesson, old, new):
    text = lesson.source.read_text()
    lesson.source.write_text(text.replace(old, new))
    assert drift(lesson)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"expected": 0.08', '"expected": 0.09', "not what a build computes"),
        ("Bring both to bits.", "Think.", "not what a build computes"),
        ('"digest": "', '"digest": "0', "has changed since"),
        ('"id": "7.1"', '"id": "7.2"', "not those that are defined"),
        ('"stretch": false', '"stretch": true', "not what a build computes"),
        ('"7.1": "ms"', '"7.1": "s"', "units of the predictions"),
    ],
)
def test_a_changed_exercise_file_is_drift(lesson, old, new, said):
    lesson.answers.write_text(lesson.answers.read_text().replace(old, new))
    assert said in " ".join(drift(lesson))


def test_missing_files_are_drift(lesson):
    for path in (lesson.solved, lesson.course, lesson.answers):
        path.unlink()
    assert len(drift(lesson)) == 3
