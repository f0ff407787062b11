"""What a check raises: errors that a notebook shows as plain lines instead of a traceback."""

from __future__ import annotations

import textwrap

WIDTH = 88  # a notebook breaks a longer line of an error anywhere, within words too


class Notice(Exception):
    """An error whose message is all there is to see."""

    def _render_traceback_(self) -> list[str]:
        """The lines that IPython shows in place of a traceback."""
        return [part for line in str(self).splitlines() for part in wrapped(line)]


def wrapped(line: str) -> list[str]:
    """A line broken at spaces, its parts as far to the right as it begins.

    >>> wrapped("  " + "word " * 20)[1]
    '    word word word'
    """
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  " if indent else "",
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


class NotAttempted(Notice):
    """The exercise cell still holds its stub."""


class NotYet(Notice):
    """The exercise cell runs, but its answer is not the right one yet.

    Parameters
    ----------
    message : str
        What the learner reads.
    ratio : float, optional
        How large the answer is, as a multiple of the right one; None if that says nothing.
    """

    def __init__(self, message: str, ratio: float | None = None) -> None:
        super().__init__(message)
        self.ratio = ratio


class WrongType(Notice, TypeError):
    """An argument of a lab function is of the wrong type; the message names it and the fix."""


class WrongValue(Notice, ValueError):
    """An argument of a lab function has a value that cannot be; the message names the fix."""
