"""Sources: whatever has a next instant at which something happens.

Replicas, the gateway, faults, flows and timers are sources. A run is nothing but this: go to the
least ``next_s`` of all sources and let those fire that are due, in the order of one instant:
replicas (ends of iterations), then the others, then the gateway; then idle replicas start what
they can. `docs/engine.md` has the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Source(Protocol):
    """Something that happens at known instants."""

    next_s: float
    """When it fires next; infinity if nothing is due."""

    def fire(self, now_s: float) -> None:
        """Do what is due at ``next_s``, and move that on or let it be due again."""


MakeSource = Callable[[Any, Sequence[Any]], Source]
"""``make(gateway, fleet)`` returns a source for one run: a fault, the flows, a timer."""
