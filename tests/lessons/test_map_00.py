"""The map and the questions of lesson 00 know which lessons there are, and how long they take."""

import re
from pathlib import Path

from inference_lab.pipeline.project import lessons
from inference_lab.pipeline.source import read

ROOT = Path(__file__).parents[2]
LESSONS = {lesson.number: lesson for lesson in lessons(ROOT)}
CELLS = {cell.id: cell.source for cell in read(LESSONS["00"].source).cells}


def rows(cell):
    lines = [line for line in CELLS[cell].splitlines() if line.startswith("| ")]
    return [[part.strip() for part in line.strip("|").split("|")] for line in lines[1:]]


def test_the_map_links_the_lessons_that_exist_and_no_other():
    for name, _, _, state in rows("map"):
        number = re.search(r"\d\d", name)[0]
        assert (number in LESSONS) == (state != "to come"), name
        if number in LESSONS and number != "00":
            assert f"]({LESSONS[number].course.name})" in name
    assert {re.search(r"\d\d", row[0])[0] for row in rows("map")} >= set(LESSONS)


def test_the_map_states_the_minutes_that_the_lesson_states():
    for name, _, minutes, state in rows("map"):
        number = re.search(r"\d\d", name)[0]
        if state == "to come":
            continue
        text = [c.source for c in read(LESSONS[number].source).cells if c.cell_type == "markdown"]
        opening = "\n".join(text[:3])  # as far as the frame looks for them
        said = [int(each) for each in re.findall(r"\b(\d+) minutes\b", opening)]
        stated = [int(each) for each in re.findall(r"\d+", minutes)]
        assert stated == ([said[0]] if number == "00" else [said[0], sum(said)]), name


def test_a_question_is_ready_when_its_lesson_is():
    for _, question, lesson in rows("questions"):
        assert (lesson[:2] in LESSONS or lesson[2:4] in LESSONS) == ("ready" in lesson), question
