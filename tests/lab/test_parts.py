"""Whoever draws, colours or explains a part of a request knows each part of the one table."""

from pathlib import Path

from inference_lab.lab import tokens
from inference_lab.lab.plots.style import LOOKS
from inference_lab.lab.plots.timeline import OTHERS_PROMPT
from inference_lab.pipeline import glossary
from inference_lab.pipeline.source import read
from inference_lab.serving.parts import BESIDE, PARTS

ROOT = Path(__file__).parents[2]
LIFE = (*PARTS, "decode")
SPANS = ("queue", "prefill", "kv_transfer", "decode")


def test_stills_tokens_style_sheet_and_glossary_know_each_part():
    assert tuple(tokens.TOKENS["parts"]) == tokens.PARTS == LIFE
    assert set(LOOKS) == {*LIFE, OTHERS_PROMPT}
    assert (*BESIDE, *SPANS) == LIFE
    sheet = tokens.css()
    assert [p for p in LIFE if f"{tokens.custom_property(p)}: light-dark(" not in sheet] == []
    explained = glossary.terms(read(glossary.source_file(ROOT)))
    assert [p for p in LIFE if tokens.label(p) not in explained] == []
