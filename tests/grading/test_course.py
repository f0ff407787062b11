"""The course's own exercises: solved they get all points, as shipped none."""

import json
from pathlib import Path

import pytest

from inference_lab.grading import answer_key
from inference_lab.grading.box import Box
from inference_lab.grading.run import grade
from inference_lab.pipeline import sides, source

SOLUTIONS = Path(__file__).parents[2] / "solutions"


def test_course(tmp_path, seed_file, needs_box):
    try:
        tasks = answer_key.read(SOLUTIONS)
    except ValueError as error:
        if "no exercise found" in str(error):
            pytest.skip("no lesson with exercises yet")
        raise
    for student, side in (("solved", sides.solved), ("shipped", sides.unsolved)):
        folder = tmp_path / "submissions" / student
        folder.mkdir(parents=True)
        for lesson in {task.lesson for task in tasks}:
            notebook = side(source.read(SOLUTIONS / f"{lesson}.py"))
            (folder / f"{lesson}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    places = (tmp_path / "submissions", tmp_path / "report", seed_file, SOLUTIONS)
    marks = grade(*places, draws=8, box=Box()).marks
    wrong = [
        mark
        for mark in marks
        if mark.status != {"solved": "right", "shipped": "not attempted"}[mark.student]
    ]
    assert wrong == []
    assert len(marks) == 2 * len(tasks)
