"""A student's router inside the box: fixed records in, choices out.

It stands alone, as `child.py` does, which loads it before the box is closed. A record is a
request's index, arrival and prompt, and two numbers of each replica; a choice is one number. Free
blocks cost five times as much as the rest of a simulation to know, and few routers look at them:
they are sent when they are asked for.
"""

import operator
import struct
from collections.abc import Callable, Sequence
from typing import Any

CHOICE = struct.Struct("<q")
FAILED = -(2**63)  # in place of a choice: a message with the reason follows
ASKS = FAILED + 1  # in place of a choice: for the free blocks of all replicas


def record(replicas: int) -> struct.Struct:
    """The layout of what a decision rests on."""
    return struct.Struct(f"<qdq{2 * replicas}q")


def blocks(replicas: int) -> struct.Struct:
    """The layout of the free blocks."""
    return struct.Struct(f"<{replicas}q")


class Request:
    """What a router may see of a request."""

    prefix_blocks = session = tenant = None

    def __init__(self, index: int, arrival_s: float, prompt_tokens: int) -> None:
        self.index, self.arrival_s, self.prompt_tokens = index, arrival_s, prompt_tokens


class Replica:
    """What a router may see of a replica."""

    outstanding = queued_tokens = zone = 0

    def __init__(self, index: int, free: Callable[[], Sequence[int]]) -> None:
        self.index, self._free = index, free

    @property
    def free_blocks(self) -> int:
        """Free blocks of KV-cache."""
        return self._free()[self.index]

    def cached_tokens(self, request: Request) -> int:
        """No prompt has a known prefix here."""
        return 0


def route(
    function: Callable[..., Any],
    replicas: int,
    rng: Any,
    read: Callable[..., bytes],
    write: Callable[[bytes], None],
) -> None:
    """Answer records with choices until the grader is done; what `function` raises comes out.

    Raises
    ------
    TypeError
        If a choice is no whole number.
    """
    layout, of_blocks = record(replicas), blocks(replicas)
    known: list[int] = []

    def free() -> list[int]:
        if not known:
            write(CHOICE.pack(ASKS))
            known.extend(of_blocks.unpack(read(of_blocks.size)))
        return known

    shown = [Replica(index, free) for index in range(replicas)]
    while True:
        index, arrival_s, prompt_tokens, *state = layout.unpack(read(layout.size))
        known.clear()
        for replica, outstanding, queued in zip(shown, state[::2], state[1::2], strict=True):
            replica.outstanding, replica.queued_tokens = outstanding, queued
        choice = function(Request(index, arrival_s, prompt_tokens), shown, rng)
        try:
            reply = CHOICE.pack(operator.index(choice))
        except (TypeError, struct.error):
            raise NoChoice(f"a {type(choice).__name__}: a router returns an index") from None
        write(reply)


class NoChoice(TypeError):
    """A router returned what is no index."""
