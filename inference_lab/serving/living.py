"""The living: the replicas that a router is shown, and whether more are to come."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Protocol


class Loads(Protocol):
    """A faster way to follow a router, which must be told who lives."""

    def __call__(self, i: int) -> Any:
        """The replica for a request."""

    def left(self, replica: Any) -> None:
        """A replica takes no more requests."""

    def joined(self, replica: Any) -> None:
        """A replica takes requests, again or for the first time."""


class Living(list[Any]):
    """Replicas in the order of the fleet: this list is what routers are shown.

    Parameters
    ----------
    fleet : iterable of replicas
        All of them live at first.
    loads : Loads or None
        Told of all changes.

    Attributes
    ----------
    coming : int
        How many are still expected to join: who finds nobody alive waits for them.
    """

    __slots__ = ("_loads", "coming")

    def __init__(self, fleet: Iterable[Any] = (), loads: Loads | None = None) -> None:
        super().__init__(fleet)
        self._loads, self.coming = loads, 0

    def leave(self, replica: Any) -> None:
        """A replica takes no more requests."""
        self.remove(replica)
        if self._loads is not None:
            self._loads.left(replica)

    def join(self, replica: Any) -> None:
        """A replica takes requests, again or for the first time."""
        insort(self, replica, key=attrgetter("index"))
        if self._loads is not None:
            self._loads.joined(replica)
