"""A request as a router sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Request:
    """What a router may see of one request: never the output length."""

    index: int
    arrival_s: float
    prompt_tokens: int
    prefix_blocks: tuple[int, ...] | None
    session: Any
    tenant: Any


def check_column(name: str, column: object, requests: int) -> None:
    """Refuse what is not None or a sequence with an entry for each request.

    Raises
    ------
    TypeError, ValueError
        If it is something else; the message has the name of the column.
    """
    if column is None:
        return
    is_text = isinstance(column, str | bytes)
    is_number = isinstance(column, np.ndarray) and not column.ndim
    if not isinstance(column, Sequence | np.ndarray) or is_text or is_number:
        raise TypeError(f"{name}={column!r} must be a list with an entry for each request, or None")
    if len(column) != requests:
        raise ValueError(f"{name} has {len(column)} entries: give {requests}, or None")
