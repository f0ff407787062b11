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
    """The exercise cell runs, but its answer is not the right one yet."""
