"""Calibrated constants: the file that calibration/calibrate.py writes."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def shipped() -> dict[str, Any]:
    """Constants with their data, date and errors; docs/error_table.md says what they mean.

    Examples
    --------
    >>> sorted(shipped()["stacks"])
    ['eager-2023', 'trtllm-2025', 'vllm-2025']
    """
    text = resources.files("inference_lab.physics").joinpath("constants.json").read_text("utf-8")
    return json.loads(text)
