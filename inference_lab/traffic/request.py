"""A request as a router sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """What a router may see of one request: never the output length."""

    index: int
    arrival_s: float
    prompt_tokens: int
    prefix_blocks: tuple[int, ...] | None
    session: Any
    tenant: Any
