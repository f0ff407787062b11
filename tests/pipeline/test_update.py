import copy
import json
from pathlib import Path

import pytest

from inference_lab.workbook.folder import start
from inference_lab.workbook.rebuild import digest
from inference_lab.workbook.update import YOURS, merged, update

ANSWER = "def f(x):\n    return 2 * x"


def cell(identity, source, *tags, **metadata):
    marks = {"course": {"id": identity, "digest": digest(source)}, "tags": list(tags)}
    return {"cell_type": "code", "id": identity, "source": source, "metadata": marks | metadata}


def own(identity, source):
    return {"cell_type": "code", "id": identity, "source": source, "metadata": {}}


@pytest.fixture
def edition():
    cells = [
        cell("setup", "import x"),
        cell("predict-5-1", 'predict("5.1", None, unit="ms")', "predict"),
        cell("run", "rate = 8"),
        cell("ex-5-1", "def f(x):\n    stub", "exercise", exercise="5.1"),
        cell("check-5-1", 'check("5.1", f)', "check"),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def newer(edition):
    made = copy.deepcopy(edition)
    made["cells"][2] = cell("run", "rate = 9")
    made["cells"][3] = cell("ex-5-1", "def f(x, y=0):\n    stub", "exercise", exercise="5.1")
    made["cells"].insert(1, cell("new", "fresh = 1"))
    return made


def sources(merge):
    return [each["source"] for each in merge.notebook["cells"]]


def ids(merge):
    return [each["id"] for each in merge.notebook["cells"]]


def test_an_untouched_lesson_becomes_the_edition(edition, newer):
    merge = merged(newer, edition)
    assert merge.notebook["cells"] == newer["cells"] and merge.kept == []


def test_answers_predictions_and_own_cells_stay(edition, newer):
    mine = copy.deepcopy(edition)
    mine["cells"][1]["source"] = 'predict("5.1", 75, unit="ms")'
    mine["cells"][3]["source"] = ANSWER
    mine["cells"].insert(4, own("3f2a", "f(3)"))
    merge = merged(newer, mine)
    assert ids(merge) == ["setup", "new", "predict-5-1", "run", "ex-5-1", "3f2a", "check-5-1"]
    assert sources(merge)[2] == 'predict("5.1", 75, unit="ms")'
    assert sources(merge)[4:6] == [ANSWER, "f(3)"]
    assert merge.notebook["cells"][4]["metadata"] == newer["cells"][4]["metadata"]


def test_an_edited_cell_stays_when_the_edition_left_it_alone(edition):
    mine = copy.deepcopy(edition)
    mine["cells"][2]["source"] = "rate = 20"
    assert sources(merged(edition, mine))[2] == "rate = 20"


def test_a_cell_that_both_changed_stands_twice(edition, newer):
    mine = copy.deepcopy(edition)
    mine["cells"][2]["source"] = "rate = 20"
    merge = merged(newer, mine)
    assert sources(merge)[3:5] == ["rate = 9", "rate = 20"]
    assert merge.notebook["cells"][4]["metadata"]["tags"] == [YOURS]
    assert len(set(ids(merge))) == len(ids(merge)) and merge.kept
    again = merged(newer, merge.notebook)
    assert sources(again) == sources(merge) and ids(again) == ids(merge)


def test_results_of_untouched_cells_stay(edition, newer):
    mine = copy.deepcopy(edition)
    mine["cells"][4]["outputs"] = ["5.1 right"]
    mine["cells"][2]["outputs"] = ["of the old edition"]
    merge = merged(newer, mine)
    assert merge.notebook["cells"][5]["outputs"] == ["5.1 right"]
    assert "outputs" not in merge.notebook["cells"][3]


def test_a_file_that_lost_its_ids(edition, newer):
    mine = copy.deepcopy(edition)
    mine["cells"][3]["source"] = ANSWER
    mine["cells"].append(own("x", "note"))
    for each in mine["cells"]:
        del each["id"]
    merge = merged(newer, mine)
    assert ids(merge)[:-1] == [each["id"] for each in newer["cells"]]
    assert sources(merge)[4] == ANSWER and sources(merge)[-1] == "note"


def test_a_split_answer_loses_no_half(edition, newer):
    mine = copy.deepcopy(edition)
    halves = [copy.deepcopy(mine["cells"][3]) for _ in range(2)]
    halves[0].update(id="a1", source="def helper(x):\n    return x")
    halves[1].update(id="b2", source=ANSWER)
    mine["cells"][3:4] = halves
    merge = merged(newer, mine)
    assert sources(merge)[4:6] == ["def helper(x):\n    return x", ANSWER]


def test_a_cell_that_the_edition_dropped_goes_unless_it_was_changed(edition):
    smaller = copy.deepcopy(edition)
    del smaller["cells"][2]
    assert "rate = 8" not in sources(merged(smaller, edition))
    mine = copy.deepcopy(edition)
    mine["cells"][2]["source"] = "rate = 20"
    assert sources(merged(smaller, mine))[2] == "rate = 20"


def folder(path, notebook):
    path.mkdir()
    (path / "05_x.ipynb").write_text(json.dumps(notebook))
    return path


def test_the_old_copy_is_kept_and_a_second_update_does_nothing(tmp_path, edition, newer):
    course, mine = folder(tmp_path / "course", edition), tmp_path / "my_course"
    start(course, mine)
    text = (mine / "05_x.ipynb").read_text().replace("rate = 8", "rate = 20")
    (mine / "05_x.ipynb").write_text(text)
    assert update(course, mine) == []
    (course / "05_x.ipynb").write_text(json.dumps(newer))
    (course / "06_y.ipynb").write_text(json.dumps(newer))
    done = update(course, mine)
    assert "06_y.ipynb: new" in done and any("backup/05_x.1.ipynb" in line for line in done)
    assert (mine / "backup" / "05_x.1.ipynb").read_text() == text
    assert update(course, mine) == []
    edition["cells"][0] = cell("setup", "import z")
    (course / "05_x.ipynb").write_text(json.dumps(edition))
    update(course, mine)
    assert (mine / "backup" / "05_x.2.ipynb").exists()
    assert (mine / "backup" / "05_x.1.ipynb").read_text() == text


def test_the_glossary_is_brought_up_to_date_too(tmp_path, edition, newer):
    course, mine = folder(tmp_path / "course", edition), tmp_path / "my_course"
    start(course, mine)
    (course / "glossary.ipynb").write_text(json.dumps(edition))
    assert update(course, mine) == ["glossary.ipynb: new"]
    (course / "glossary.ipynb").write_text(json.dumps(newer))
    (line,) = update(course, mine)
    assert line.startswith("glossary.ipynb: brought up to date")
    assert update(course, mine) == []


def test_what_the_course_brings_has_no_outputs_and_own_results_stay(tmp_path, edition, newer):
    course, mine = folder(tmp_path / "course", edition), tmp_path / "my_course"
    start(course, mine)
    own_copy = json.loads((mine / "05_x.ipynb").read_text())
    own_copy["cells"][0] |= {"outputs": ["mine"], "execution_count": 4}
    (mine / "05_x.ipynb").write_text(json.dumps(own_copy))
    for each in newer["cells"]:
        each |= {"outputs": ["the author's"], "execution_count": 11}
    (course / "05_x.ipynb").write_text(json.dumps(newer))
    update(course, mine)
    after = json.loads((mine / "05_x.ipynb").read_text())["cells"]
    assert [each["outputs"] for each in after] == [["mine"], [], [], [], [], []]
    assert [each["execution_count"] for each in after] == [4, None, None, None, None, None]


@pytest.mark.parametrize(
    ("text", "reason"), [("{", "cannot|not a notebook"), ('{"nbformat": 3}', "format 4")]
)
def test_a_broken_notebook_is_named_and_left(tmp_path, edition, text, reason):
    course, mine = folder(tmp_path / "course", edition), tmp_path / "my_course"
    mine.mkdir()
    (mine / "05_x.ipynb").write_text(text)
    with pytest.raises(ValueError, match=reason) as refused:
        update(course, mine)
    assert "05_x.ipynb" in str(refused.value) and (mine / "05_x.ipynb").read_text() == text


def test_from_a_wrong_folder_nothing_is_made(tmp_path, edition, monkeypatch):
    course = folder(tmp_path / "course", edition)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError, match="from which you started the lab"):
        update(course, Path("my_course"))
    assert list((tmp_path / "elsewhere").iterdir()) == []
