"""Queues: who waits at a replica, and whose turn is next."""

from __future__ import annotations

from collections import deque
from typing import Any


class FirstCome(deque[Any]):
    """First come, first served.

    A scheduler asks a queue for four things: who is next (`head`), a newcomer at its place
    (`push`), somebody who had begun already (`push_front`), and the next one, taken out (`pop`).

    Examples
    --------
    >>> queue = FirstCome()
    >>> queue.push("a"), queue.push("b"), queue.push_front("c")
    (None, None, None)
    >>> queue.head(), queue.pop(), len(queue)
    ('c', 'c', 2)
    """

    __slots__ = ()

    push = deque.append
    push_front = deque.appendleft
    pop = deque.popleft

    def head(self) -> Any:
        """Who is next; the queue is not empty."""
        return self[0]
