"""The glossary of the course: as its source says, short, and linked from every lesson."""

from pathlib import Path

import pytest

from inference_lab.pipeline import glossary
from inference_lab.pipeline.project import lessons
from inference_lab.pipeline.prose import LINK, words
from inference_lab.pipeline.sides import unsolved
from inference_lab.pipeline.source import read

ROOT = Path(__file__).parents[2]
SOURCE = read(glossary.source_file(ROOT))
TERMS = glossary.terms(SOURCE)
LONGEST_ENTRY = 70


def test_it_is_what_its_source_says():
    assert glossary.drift(ROOT) == []


def test_it_explains_every_core_term():
    assert set(glossary.CORE) <= set(TERMS)


def test_entries_are_short():
    lengths = {cell.id: words(cell.source) for cell in SOURCE.cells[1:]}
    assert {id_: n for id_, n in lengths.items() if not 8 <= n <= LONGEST_ENTRY} == {}


def test_links_lead_to_entries():
    entries = {f"#{glossary.anchor(term)}" for term in TERMS}
    links = [
        (cell.id, link["target"])
        for cell in SOURCE.cells[1:]
        for link in LINK.finditer(cell.source)
    ]
    assert len(links) > 10
    assert [(id_, target) for id_, target in links if target not in entries] == []


@pytest.mark.parametrize("lesson", lessons(ROOT), ids=lambda lesson: lesson.number)
def test_a_lesson_links_each_term_at_its_first_use(lesson):
    assert glossary.findings(unsolved(read(lesson.source)), TERMS, lesson.number) == []
