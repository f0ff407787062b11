"""What tests of several parts need: data that is not shipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public traces, catalogs and measurements that the project does not ship."""
    named = os.environ.get("INFERENCE_LAB_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if named and not folder.is_dir():
        pytest.fail(f"INFERENCE_LAB_DATA names {folder}, which is no folder")
    if not folder.is_dir():
        pytest.skip("needs the traces: ../shared/data is absent and INFERENCE_LAB_DATA is not set")
    return folder
