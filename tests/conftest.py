"""What tests of several parts need: how they share two cores, and data that is not shipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).resolve().parents[1]
TOGETHER = {
    "tests/browser": "browser",  # one server, one Chromium, each lesson opened once
    "tests/notebooks": "kernels",  # kernels wait for each other where two start at a time
    "tests/pipeline": "kernels",  # and the tiny lesson is built once
    "tests/lessons/test_answers.py": "answers",  # what a check says is kept from test to test
}
"""Tests that one process runs, one after the other; any process runs the rest."""

SHRINK = () if os.environ.get("CI") else (Phase.shrink,)
settings.register_profile(
    "suite",
    deadline=None,  # a busy machine is not a wrong answer
    print_blob=True,  # a failure elsewhere is run again here
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, *SHRINK),  # shrinking takes minutes
)
settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a group on one process."""
    for item in items:
        for place, group in TOGETHER.items():
            if item.nodeid.startswith(place):
                item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public traces, catalogues and measurements that the project does not ship."""
    named = os.environ.get("INFERENCE_LAB_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if named and not folder.is_dir():
        pytest.fail(f"INFERENCE_LAB_DATA names {folder}, which is no folder")
    if not folder.is_dir():
        pytest.skip("needs the traces: ../shared/data is absent and INFERENCE_LAB_DATA is not set")
    return folder
