"""Queues: who waits at a replica, and whose turn is next."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any


class FirstCome(deque[Any]):
    """First come, first served.

    A scheduler asks a queue for five things: who is next (`head`), a newcomer at its place
    (`push`), somebody who had begun already (`push_front`), the next one, taken out to start
    (`pop`) or because its client is gone (`drop`). Where memory lacks, it says whose is taken
    (`victim`).

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
    pop = drop = deque.popleft

    def head(self) -> Any:
        """Who is next; the queue is not empty."""
        return self[0]

    def victim(self, running: Sequence[Any]) -> Any:
        """Who of those that run, oldest first, loses its memory: the newest."""
        return running[-1]

    def served(self, item: Any, tokens: int) -> None:
        """Somebody has got tokens: that changes nobody's turn."""

    def choose(self) -> None:
        """Somebody has ended: that changes nobody's turn either."""


class Priority:
    """Lower class first, and within a class first come, first served.

    Parameters
    ----------
    class_of : callable
        The class of whoever waits or runs.

    Examples
    --------
    >>> queue = Priority({"a": 1, "b": 1, "c": 0}.__getitem__)
    >>> queue.push("a"), queue.push("b"), queue.push("c"), queue.push_front("b")
    (None, None, None, None)
    >>> list(queue), queue.pop(), queue.head(), queue.victim("acb")
    (['c', 'b', 'a', 'b'], 'c', 'b', 'b')
    """

    __slots__ = ("_class_of", "_lines")

    def __init__(self, class_of: Callable[[Any], int]) -> None:
        self._class_of = class_of
        self._lines: dict[int, deque[Any]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(self._lines[each] for each in sorted(self._lines))

    def push(self, item: Any) -> None:
        """Behind its class."""
        self._line(item).append(item)

    def push_front(self, item: Any) -> None:
        """Before its class."""
        self._line(item).appendleft(item)

    def _line(self, item: Any) -> deque[Any]:
        return self._lines.setdefault(self._class_of(item), deque())

    def head(self) -> Any:
        """Who is next; the queue is not empty."""
        return self._lines[min(self._lines)][0]

    def pop(self) -> Any:
        """Take out who is next."""
        first = min(self._lines)
        item = self._lines[first].popleft()
        if not self._lines[first]:
            del self._lines[first]
        return item

    drop = pop

    def clear(self) -> None:
        """Nobody waits any more."""
        self._lines.clear()

    def victim(self, running: Sequence[Any]) -> Any:
        """Who of those that run, oldest first, loses its memory: the newest of the last class."""
        return max(reversed(running), key=self._class_of)

    def served(self, item: Any, tokens: int) -> None:
        """Somebody has got tokens: that changes nobody's turn."""

    def choose(self) -> None:
        """Somebody has ended: that changes nobody's turn either."""
