import sys

import nbformat
import pytest

from inference_lab.pipeline.build import build
from inference_lab.pipeline.clean import WIDGET, clean
from inference_lab.workbook import execute as execution


def files(lesson):
    return {path: path.read_bytes() for path in (lesson.solved, lesson.course, lesson.answers)}


def test_building_again_changes_no_byte_pictures_included(lesson):
    before = files(lesson)
    assert b"data:image/svg+xml" in before[lesson.course]
    build(lesson)
    assert files(lesson) == before


def test_a_cell_that_fails_stops_the_build_and_leaves_the_notebooks(lesson):
    before = files(lesson)
    text = lesson.source.read_text()
    lesson.source.write_text(text.replace("np.sqrt(2)", "np.no_such_name"))
    with pytest.raises(ValueError, match="no_such_name"):
        build(lesson)
    assert files(lesson) == before


def test_a_cell_that_uses_the_answer_stops_the_build(lesson):
    text = lesson.source.read_text()
    lesson.source.write_text(text.replace('hint("7.1")', "transfer_s(1, 1)"))
    with pytest.raises(ValueError, match=r"course/07_tiny.ipynb.*(\n.*)*NotImplementedError"):
        build(lesson)


def notebook_with(outputs, tags=()):
    cell = nbformat.v4.new_code_cell("x", outputs=outputs, metadata={"tags": list(tags)})
    return nbformat.v4.new_notebook(cells=[cell])


def bundle(**data):
    return nbformat.v4.new_output("display_data", data=data)


VIEW = bundle(**{WIDGET: {"model_id": "1"}, "text/plain": "View()"})
STAND_IN = bundle(**{"text/html": "<img>", "text/plain": "The queue is empty."})


def test_of_a_view_its_stand_in_stays():
    assert clean(notebook_with([STAND_IN, VIEW], ["widget"])).cells[0].outputs == [STAND_IN]


@pytest.mark.parametrize(
    ("outputs", "tags", "reason"),
    [
        ([VIEW], ["widget"], "must show a stand-in"),
        ([bundle(**{"text/html": "<img>"}), VIEW], ["widget"], "must show a stand-in"),
        ([STAND_IN, STAND_IN, VIEW], ["widget"], "must show a stand-in"),
        ([STAND_IN], ["widget"], "shows 0 widgets"),
        ([STAND_IN, VIEW, VIEW], ["widget"], "shows 2 widgets"),
        ([STAND_IN, VIEW], [], "give it the tag widget"),
    ],
)
def test_a_view_without_its_stand_in_is_refused(outputs, tags, reason):
    with pytest.raises(ValueError, match=reason):
        clean(notebook_with(outputs, tags))


def test_text_that_came_in_pieces_is_one_piece():
    pieces = [
        nbformat.v4.new_output("stream", name=name, text=text)
        for name, text in (("stdout", "a"), ("stdout", "\n"), ("stderr", "b"), ("stdout", "c"))
    ]
    texts = [output.text for output in clean(notebook_with(pieces)).cells[0].outputs]
    assert texts == ["a\n", "b", "c"]


def test_nothing_of_the_run_stays():
    cell = nbformat.v4.new_code_cell("x", metadata={"execution": {"iopub.execute_input": "now"}})
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.99"}
    cleaned = clean(notebook)
    assert (
        "3.11.99" not in nbformat.writes(cleaned) and "execution" not in cleaned.cells[0].metadata
    )


def test_a_process_that_does_not_end_is_ended():
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert execution.run_apart(sleeper, timeout_s=0.2) is None


def test_a_notebook_that_does_not_end_is_tried_twice_and_given_up(monkeypatch):
    monkeypatch.setattr(execution, "NOTEBOOK_TIMEOUT_S", 0.2)
    endless = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("while True: pass")])
    with pytest.raises(TimeoutError, match="2 times"):
        execution.execute(endless)
