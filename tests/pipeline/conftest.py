"""A checkout with one tiny lesson, built once for all tests of the pipeline."""

import shutil
from pathlib import Path

import pytest

from inference_lab.lab.catalogue import FOLDER_VARIABLE
from inference_lab.pipeline.build import build
from inference_lab.pipeline.project import Lesson, lessons

collect_ignore = ["tiny"]  # a lesson is built, never imported as a module


@pytest.fixture(scope="session")
def built_once(tmp_path_factory) -> Lesson:
    root = tmp_path_factory.mktemp("checkout") / "tiny"
    shutil.copytree(Path(__file__).parent / "tiny", root)
    (lesson,) = lessons(root)
    build(lesson)
    return lesson


@pytest.fixture
def lesson(built_once, tmp_path, monkeypatch) -> Lesson:
    """A copy of the built checkout that a test may spoil; checks read its exercises."""
    shutil.copytree(built_once.root, tmp_path / "checkout")
    copied = Lesson(tmp_path / "checkout", built_once.name)
    monkeypatch.setenv(FOLDER_VARIABLE, str(copied.answers.parent))
    return copied
