import copy
from types import SimpleNamespace

import pytest

from inference_lab.workbook.rebuild import Missing, find_exercise, rebuild

EXERCISE = SimpleNamespace(id="5.1", function="f")
STUB = 'def f(x):\n    raise NotImplementedError("Exercise 5.1")'
ANSWER = "def f(x):\n    return 2 * x"


def cell(source, identity=None, exercise=None, kind="code"):
    made = {"cell_type": kind, "source": source, "metadata": {}}
    if identity:
        made["id"] = identity
    if exercise:
        made["metadata"]["exercise"] = exercise
    return made


def find(*cells):
    return find_exercise({"nbformat": 4, "cells": list(cells)}, EXERCISE)


@pytest.mark.parametrize(
    "found",
    [
        cell(ANSWER, "ex-5-1", "5.1"),
        cell(ANSWER, "ex-5-1"),  # its metadata lost
        cell(ANSWER, "3f2a", "5.1"),  # cut and pasted
        cell(ANSWER, exercise="5.1"),  # saved as format 4.0, without ids
        cell(ANSWER),  # typed anew
        cell(ANSWER.splitlines(keepends=True), "ex-5-1"),  # text as a list of lines
        cell("%%time\n" + ANSWER),  # does not parse as Python
    ],
)
def test_found_by_id_by_mark_or_by_the_function(found):
    others = [cell("y = f(3)", "other"), cell("class g:\n    def f(self): pass")]
    answer = find(others[0], found, others[1])
    assert answer.endswith(ANSWER)


def test_a_lambda_under_the_name_counts_as_its_definition():
    assert find(cell("f = lambda x: 2 * x", "ex-5-1")) == "f = lambda x: 2 * x"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([], "no cell has the id"),
        ([cell("x = 1")], "no cell has the id"),
        ([cell(ANSWER, "ex-5-1", kind="markdown")], "no cell has the id"),
        ([cell(ANSWER, "ex-5-1"), cell(ANSWER, "ex-5-1")], "2 cells have the id"),
        ([cell("g = 1", exercise="5.1"), cell(ANSWER, exercise="5.1")], "2 cells are marked"),
        ([cell(ANSWER), cell(STUB)], "2 cells define f"),
        ([cell("x = 1", "ex-5-1"), cell(ANSWER)], "another cell does"),
        ([cell("", "ex-5-1")], "does not define f"),
        ([cell(STUB, "ex-5-1"), cell(ANSWER)], "untouched"),
    ],
)
def test_a_doubt_is_for_a_person(cells, reason):
    answer = find(*cells)
    assert isinstance(answer, Missing) and reason in answer.reason


@pytest.mark.parametrize("mark", [None, "5.1"])
def test_two_different_answers_are_a_doubt_wherever_they_stand(mark):
    """The notebook counts the one that ran last, which the file does not tell."""
    original, other = cell(ANSWER, "ex-5-1", "5.1"), cell("def f(x): return 3", "try", mark)
    for cells in ((original, other), (other, original)):
        answer = find(*cells)
        assert isinstance(answer, Missing) and "2 cells define f, each diff" in answer.reason


def test_a_copy_with_the_same_text_or_the_stub_is_no_doubt():
    for text in (ANSWER + "\n", STUB):
        assert find(cell(ANSWER, "ex-5-1", "5.1"), cell(text, "copy", "5.1")) == ANSWER


def test_an_untouched_cell_alone_is_found():
    assert find(cell(STUB, "ex-5-1")) == STUB


@pytest.mark.parametrize(
    "broken",
    [{}, {"cells": None}, {"cells": [None, 3]}, [], {"cells": [{"cell_type": "code"}]}],
)
def test_a_broken_file_is_a_doubt_not_an_error(broken):
    assert isinstance(find_exercise(broken, EXERCISE), Missing)


def test_a_rebuilt_lesson_is_the_course_with_the_answers():
    course = {
        "cells": [cell("setup", "setup"), cell(STUB, "ex-5-1", "5.1"), cell("c", "check-5-1")]
    }
    kept = copy.deepcopy(course)
    learner = {"cells": [cell("hacked", "setup"), cell(ANSWER, "ex-5-1", "5.1")]}
    notebook, missing = rebuild(course, learner, [EXERCISE])
    assert [each["source"] for each in notebook["cells"]] == ["setup", ANSWER, "c"]
    assert missing == {} and course == kept
    notebook, missing = rebuild(course, {"cells": []}, [EXERCISE])
    assert notebook["cells"][1]["source"] == STUB and set(missing) == {"5.1"}
