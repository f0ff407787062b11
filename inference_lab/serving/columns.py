"""The columns of a result: by name, or of some of the requests alone."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from inference_lab.serving.result import Result

BESIDE_REQUESTS = ("spans", "itl_s", "samples", "link_bytes", "training_steps_s")
"""Arrays of a result that have no entry for each request."""


def columns_of(result: Result) -> dict[str, NDArray[Any]]:
    """Every array with an entry a request by its name, without those that are still in a dict."""
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
        elif field.name == "held_by":
            table |= {f"held_by_{limit}": held for limit, held in result.held_by.items()}
        elif field.name in own:
            table[field.name] = own[field.name]
    return table


def of_some(result: Result, which: slice | NDArray[np.bool_]) -> Result:
    """The same result of some requests alone, without spans, which are of all.

    Samples remain from the first of these requests on: they are of replicas.
    """
    columns: dict[str, Any] = {name: column[which] for name, column in columns_of(result).items()}
    parts = {name: part_s[which] for name, part_s in result.ttft_parts.items()}
    held_by = {limit: held[which] for limit, held in result.held_by.items()}
    itl_s, samples = result.itl_s, result.samples
    if itl_s is not None:
        chosen = np.zeros(len(result.arrival_s), bool)
        chosen[which] = True
        itl_s = itl_s[np.repeat(chosen, np.where(result.served, result.output_tokens - 1, 0))]
    if samples is not None:
        samples = samples[samples["time_s"] >= columns["arrival_s"].min()]
    more: dict[str, Any] = {"held_by": held_by, "itl_s": itl_s, "samples": samples}
    return replace(result, **columns, **more, ttft_parts=parts, spans=None)
