"""What a check raises: errors that a notebook shows as plain lines instead of a traceback."""

from __future__ import annotations


class Notice(Exception):
    """An error whose message is all there is to see."""

    def _render_traceback_(self) -> list[str]:
        """The lines that IPython shows in place of a traceback."""
        return str(self).splitlines()


class NotAttempted(Notice):
    """The exercise cell still holds its stub."""


class NotYet(Notice):
    """The exercise cell runs, but its answer is not the right one yet.

    Parameters
    ----------
    message : str
        What the learner reads.
    ratio : float, optional
        How large the answer is, as a multiple of the right one; None when that says nothing.
    """

    def __init__(self, message: str, ratio: float | None = None) -> None:
        super().__init__(message)
        self.ratio = ratio


class WrongType(Notice, TypeError):
    """An argument of a lab function is of the wrong type; the message names it and the fix."""


class WrongValue(Notice, ValueError):
    """An argument of a lab function has a value that cannot be; the message names the fix."""
