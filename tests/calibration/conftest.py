"""The calibration scripts lie beside the package, not in it."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def measured_folder() -> Path:
    """The measured timings beside the checkout."""
    folder = ROOT.parent / "shared" / "data" / "measured"
    if not folder.is_dir():
        pytest.skip("the measured timings are not at hand: no ../shared/data/measured")
    return folder
