"""The living: the replicas that a router is shown, and whether more are to come."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Protocol


class Told(Protocol):
    """Whoever must be told who lives."""

    def left(self, replica: Any) -> None:
        """A replica takes no more requests."""

    def joined(self, replica: Any) -> None:
        """A replica takes requests, again or for the first time."""


class Loads(Told, Protocol):
    """A faster way to follow a router."""

    def __call__(self, i: int) -> Any:
        """The replica for a request."""


class Living(list[Any]):
    """Replicas in the order of the fleet: this list is what routers are shown.

    Parameters
    ----------
    fleet : iterable of replicas
        All of them live at first.
    told : Told or None
        Of all changes.

    Attributes
    ----------
    coming : int
        How many are still expected to join: who finds nobody alive waits for them.
    """

    __slots__ = ("_told", "coming")

    def __init__(self, fleet: Iterable[Any] = (), told: Told | None = None) -> None:
        super().__init__(fleet)
        self._told, self.coming = told, 0

    def leave(self, replica: Any) -> None:
        """A replica takes no more requests."""
        self.remove(replica)
        if self._told is not None:
            self._told.left(replica)

    def join(self, replica: Any) -> None:
        """A replica takes requests, again or for the first time."""
        insort(self, replica, key=attrgetter("index"))
        if self._told is not None:
            self._told.joined(replica)
