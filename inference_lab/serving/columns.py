"""The columns of a result: by name, or of some of the requests alone."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from inference_lab.serving.result import Result

BESIDE_REQUESTS = ("spans", "link_bytes", "training_steps_s")
"""Arrays of a result that have no entry for each request."""


def columns_of(result: Result) -> dict[str, NDArray[Any]]:
    """Every array with an entry a request by its name; the parts of the TTFT are still together."""
    columns = {field.name: getattr(result, field.name) for field in fields(result)}
    return {
        name: column
        for name, column in columns.items()
        if name not in BESIDE_REQUESTS and isinstance(column, np.ndarray)
    }


def as_table(result: Result) -> dict[str, NDArray[Any]]:
    """One array a column, the number of the request first, and each part of the TTFT by itself."""
    own = columns_of(result)
    table: dict[str, NDArray[Any]] = {"request": np.arange(len(result.arrival_s))}
    for field in fields(result):
        if field.name == "ttft_parts":
            table |= {f"{name}_s": part_s for name, part_s in result.ttft_parts.items()}
        elif field.name in own:
            table[field.name] = own[field.name]
    return table


def of_some(result: Result, which: slice | NDArray[np.bool_]) -> Result:
    """The same result of some requests alone, without spans, which are of all."""
    columns: dict[str, Any] = {name: column[which] for name, column in columns_of(result).items()}
    parts = {name: part_s[which] for name, part_s in result.ttft_parts.items()}
    return replace(result, **columns, ttft_parts=parts, spans=None)
