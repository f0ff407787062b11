"""The calibration scripts lie beside the package, not in it."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def measured_folder(shared_data: Path) -> Path:
    """The measured timings beside the checkout."""
    return shared_data / "measured"
