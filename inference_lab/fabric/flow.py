"""One flow: bytes on their way from host to host."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(slots=True, eq=False)
class Flow:
    """Bytes on their way; `inference_lab.fabric.flows.Flows` makes and changes them.

    Parameters
    ----------
    size_bytes : float
        All of it.
    route : tuple of int
        Links that it crosses.
    most_bytes_per_s : float
        Rate that its ends can handle; ``inf`` if the links alone decide.
    tag : object
        Whatever the one who added it wants back at its end.
    start_s, end_s : float
        When it began, and when it ends at its present rate; ``inf`` while that is not known.
    bytes_per_s : float
        Its rate since `since_s`.
    left_bytes : float
        What was left at `since_s`.
    """

    size_bytes: float
    route: tuple[int, ...]
    most_bytes_per_s: float
    tag: object
    start_s: float
    since_s: float
    left_bytes: float
    bytes_per_s: float = 0.0
    end_s: float = inf

    def settle(self, now_s: float, carried_bytes: list[float]) -> None:
        """Write down, here and for its links, what it has moved since `since_s`."""
        moved = self.left_bytes
        if self.bytes_per_s < inf:
            moved = min(self.bytes_per_s * (now_s - self.since_s), moved)
        self.left_bytes -= moved
        self.since_s = now_s
        for link in self.route:
            carried_bytes[link] += moved
