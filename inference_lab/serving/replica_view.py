"""What a router may see of a replica."""

from __future__ import annotations

from typing import Protocol

from inference_lab.traffic.request import Request


class ReplicaView(Protocol):
    """A living replica as a router sees it, at this instant or as of the last report."""

    index: int
    """Its place in the fleet."""
    zone: int
    """The zone it stands in."""
    blocks: int
    """Blocks of its KV-cache."""
    free_blocks: int
    """Those that nobody holds."""
    outstanding: int
    """Requests routed to it and not finished."""
    waiting: int
    """Those of them that wait to be admitted."""
    queued_tokens: int
    """Prompt tokens not yet prefilled, those of the running prefill included."""

    def cached_tokens(self, request: Request) -> int:
        """Tokens of the request's prompt that are in its prefix cache."""
