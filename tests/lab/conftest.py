"""Checks that read a small exercise file and keep their progress in an empty folder."""

import json

import pytest

from inference_lab.lab import record
from inference_lab.lab.catalogue import FOLDER_VARIABLE
from inference_lab.lab.memo import LINES
from inference_lab.lab.predictions import MADE
from inference_lab.lab.verdicts import GIVEN

FUNCTIONS = [
    {
        "id": "5.1",
        "kind": "function",
        "function": "kv_bytes",
        "title": "KV-cache of a prompt",
        "points": 1,
        "hints": ["How many bytes is bf16?", "Both K and V?", "2 x 80 x 8 x 128 x 2 x tokens."],
        "relative_tolerance": 1e-6,
        "checks": [
            {"inputs": {"tokens": 1}, "expected": 327_680},
            {"inputs": {"tokens": 2_048}, "expected": 671_088_640},
        ],
        "misconceptions": [
            {"values": [163_840, 335_544_320], "hint": "Half the right value: are K and V in?"}
        ],
    },
    {
        "id": "5.2",
        "kind": "function",
        "function": "shares",
        "title": "Shares",
        "points": 1,
        "hints": [],
        "relative_tolerance": 1e-6,
        "checks": [
            {"inputs": {"demands": [10, 40, 80]}, "expected": {"shares": [10.0, 40.0, 50.0]}}
        ],
        "misconceptions": [],
    },
]


@pytest.fixture(autouse=True)
def exercises(tmp_path, monkeypatch):
    """An empty working folder, and the exercises of a lesson 05."""
    folder = tmp_path / "exercises"
    folder.mkdir()
    (folder / "05.json").write_text(json.dumps({"digest": "", "exercises": FUNCTIONS}))
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    for kept in (record.EXERCISES, MADE, LINES, GIVEN):
        monkeypatch.setattr(kept, "of_this_kernel", {})
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return folder
