"""An agenda: who is due next at the gateway, planned before the run or born in it."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

Due = tuple[float, int]
"""A time, and what is due then: the index of a request, or less than that."""


class Agenda:
    """A sorted plan, read once, and a heap for what is born while it is read.

    As long as nothing is born the reader may take the plan's entries by itself.

    Parameters
    ----------
    plan : iterator of (float, int)
        Sorted, with an entry at infinity at its end.

    Attributes
    ----------
    plan : iterator of (float, int)
        What nobody has read yet.
    born : list of (float, int)
        The heap.

    Examples
    --------
    >>> agenda = Agenda(iter([(2.0, 1), (9.0, 2)]))
    >>> first = next(agenda.plan)
    >>> agenda.bear((1.0, 5), first), agenda.take()
    ((1.0, 5), (2.0, 1))
    """

    __slots__ = ("_planned", "born", "plan")

    def __init__(self, plan: Iterator[Due]) -> None:
        self.plan = plan
        self.born: list[Due] = []
        self._planned: Due = (0.0, 0)  # the head of the plan, while there is a heap

    def bear(self, due: Due, head: Due) -> Due:
        """Something that was not planned is due; from the present head to the next one."""
        if not self.born:  # so far, the reader's head was all that was kept of the plan
            self._planned = head
        heappush(self.born, due)
        return min(self._planned, self.born[0])

    def take(self) -> Due:
        """Go on from the head, while there is a heap; of equals in time by index."""
        if self.born[0] < self._planned:
            heappop(self.born)
        else:
            self._planned = next(self.plan)
        return min(self._planned, self.born[0]) if self.born else self._planned
