"""A time limit on a learner's code, so that a loop without end ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HOW_TO_STOP = "press the button ■ above the notebook, or Esc and then I twice"
AGAIN_S = 0.5  # a bare `except:` may swallow the first alarm


class TimeOver(BaseException):
    """The time is over. No `Exception`: code that handles its own errors must not swallow it."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Ends the block after so many seconds, where the system can do that.

    It can in the main thread of Linux and macOS, by an alarm (SIGALRM). Elsewhere (Windows) the
    block runs on, and one line says how to stop it. An alarm waits for the end of a single long
    operation, such as ``10**10**10``.

    Parameters
    ----------
    seconds : float
        The limit, above 0.

    Raises
    ------
    TimeOver
        If the time is over.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if hasattr(signal, "SIGALRM") and in_main_thread:
        with _alarm(seconds):
            yield
        return
    notice = threading.Timer(
        seconds, print, (f"This takes longer than {seconds:g} s. To stop it, {HOW_TO_STOP}.",)
    )
    notice.daemon = True
    notice.start()
    try:
        yield
    finally:
        notice.cancel()


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(number: int, frame: object) -> None:
        raise TimeOver

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
