"""Sessions: which turns of a trace belong to one conversation."""

from __future__ import annotations

from collections.abc import Hashable

from inference_lab.traffic.cells import Damage

NO_PARENT = (-1, "-1", "", None)
"""What a first turn has for its parent."""


class Turns:
    """The turns of conversations, of which each names the one before it.

    Examples
    --------
    >>> turns = Turns()
    >>> for turn, parent in [(9, 8), (7, -1), (8, 7), (3, 2)]:
    ...     turns.follow(turn, parent)
    >>> [turns.first(turn) for turn in (7, 8, 9, 3)]
    [7, 7, 7, 2]
    """

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def follow(self, turn: Hashable, parent: Hashable) -> None:
        """Add a turn, in any order.

        Raises
        ------
        Damage
            If it is its own ancestor.
        """
        if parent in NO_PARENT:
            self._above[turn] = turn
            return
        top = self.first(parent)
        if top == turn:
            raise Damage("a turn that follows another", f"turn {turn!r}, its own ancestor")
        self._above[turn] = top

    def first(self, turn: Hashable) -> Hashable:
        """The first turn of a turn's conversation.

        A parent that is not in the trace, as in a sample of one, is taken for the first turn.
        """
        path, above = [], self._above
        while (before := above.get(turn, turn)) != turn:
            path.append(turn)
            turn = before
        if len(path) > 1:
            above.update(dict.fromkeys(path, turn))  # the next one has a short way
        return turn
