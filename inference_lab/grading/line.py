"""The line to a student's code: a warm parent, and one boxed child per exercise.

The grader never runs the code; it sends inputs and takes back plain data. Each child has a socket
of its own, so what one sends can never be taken for what another sends. An input is sent after the
answer to the one before it has come, so an answer can rest on that input only.
"""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from typing import Any

from inference_lab.grading import child as program
from inference_lab.grading.box import Box

START_S = 60.0
TIMEVAL = struct.Struct("@ll")  # seconds, microseconds
CPU_SLACK_S = 0.3  # killed at 1 s of CPU time, a child had used 0.94 to 1.00 s by wait4's account
LONGEST_DETAIL = 400
LONGEST_REFUSED = 60


class Stopped(Exception):
    """A student's code ended an exercise: the status, one line on why, what the box refused it."""

    def __init__(self, status: str, detail: str, refused: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.refused = status, detail[:LONGEST_DETAIL], refused


class Lost(RuntimeError):
    """The warm parent of the boxes ended: nobody knows why, and no student is to blame."""


class WarmParent:
    """A process without secrets that forks a boxed child per exercise; a context manager.

    Raises
    ------
    RuntimeError
        If it cannot be started, or a box cannot be closed: never a student's fault.
    """

    def __init__(self, box: Box) -> None:
        self.box = box
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-s", "-S", "-P", program.__file__),
                    *(str(theirs.fileno()), json.dumps(box.options())),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"},
                cwd="/",
            )
        self.control.settimeout(START_S)
        with self.control.makefile("rb", buffering=0) as lines:
            said = lines.readline().decode().strip()
        if said != "ready":
            self.close()
            raise RuntimeError(f"the box cannot be made: {said or 'its program ended at once'}")

    def __enter__(self) -> WarmParent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and its child."""
        self.control.close()
        try:
            self.process.wait(START_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def child(self) -> Child:
        """A new boxed child, a context manager too."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self.control, [b"+"], [theirs.fileno()])
            except OSError as error:
                raise Lost(f"the warm parent of the boxes ended: {error}") from error
        return Child(self, ours)


class Child:
    """The grader's end of the line to one boxed child."""

    def __init__(self, parent: WarmParent, channel: socket.socket) -> None:
        self.parent, self.box, self.channel = parent, parent.box, channel
        self.ended: tuple[int, float] | None = None
        self.deadline_s = math.inf
        self._wait_at_most(START_S)
        said: object
        try:
            said = self.receive()
        except Stopped as stopped:
            if stopped.status != "raised":
                self.close()
                raise Lost(f"a box did not begin: {stopped}") from None
            said = stopped
        if said != {"locked": True}:
            self.close()
            raise RuntimeError(f"the box cannot be closed: {said}")
        self._wait_at_most(self.box.call_s)
        self.deadline_s = time.monotonic() + self.box.exercise_s

    def _wait_at_most(self, seconds: float) -> None:
        """The system's own timeout: `settimeout` would cost three system calls more a decision."""
        self.wait_s = seconds
        wait = TIMEVAL.pack(int(seconds), int(seconds % 1 * 1e6))
        self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
        self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> tuple[int, float]:
        """Kill the child; its wait status and CPU seconds, which `ended` holds afterwards."""
        if self.ended is None:
            self.channel.close()
            try:
                self.parent.control.sendall(b"-")
                said = self.parent.control.recv(program.END.size, socket.MSG_WAITALL)
            except OSError as error:
                raise Lost(f"the warm parent of the boxes ended: {error}") from error
            if len(said) < program.END.size:
                raise Lost("the warm parent of the boxes ended")
            status, cpu_s = program.END.unpack(said)
            self.ended = (status, cpu_s)
        return self.ended

    def load(self, name: str, source: str, function: str, **order: Any) -> None:
        """Run an exercise's cell; raises Stopped when that fails."""
        order |= {"name": name, "source": source, "function": function}
        self.ask(order)

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and return the reply.

        Raises
        ------
        Stopped
            If the code raised, took too long, ended, or sent something that is no reply.
        """
        data = json.dumps(message).encode()
        self.send(program.LENGTH.pack(len(data)) + data)
        return self.receive()

    def receive(self) -> dict[str, Any]:
        """The next message of the child; raises Stopped as `ask` does."""
        (size,) = program.LENGTH.unpack(self.read(program.LENGTH.size))
        if size > self.box.answer_bytes:
            raise Stopped("no answer", f"a message of {size:,} bytes")
        try:
            reply = json.loads(self.read(size))
        except (ValueError, RecursionError):
            reply = None
        if type(reply) is not dict:
            raise Stopped("no answer", "what came back is not a message")
        if "raised" in reply:
            what = f"{reply['raised']}: {reply.get('message', '')}"
            raise Stopped("raised", what, str(reply.get("refused") or "")[:LONGEST_REFUSED])
        if "not_plain" in reply:
            raise Stopped("wrong", f"returned {reply['not_plain']}")
        return reply

    def send(self, data: bytes) -> None:
        """Send bytes within the time of a call."""
        try:
            self.channel.sendall(data)
        except BlockingIOError:
            raise self._timed_out() from None
        except OSError:
            raise self._gone() from None

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, within the time of a call."""
        now_s = time.monotonic()
        until_s = min(now_s + self.wait_s, self.deadline_s)
        data = b""
        while len(data) < size:
            if now_s > until_s:
                raise self._timed_out()
            try:
                piece = self.channel.recv(size - len(data))
            except BlockingIOError:
                raise self._timed_out() from None
            except OSError:
                piece = b""
            if not piece:
                raise self._gone()
            data = data + piece if data else piece
            now_s = time.monotonic()
        return data

    def _timed_out(self) -> Stopped:
        """With the limit that was reached."""
        if time.monotonic() >= self.deadline_s:
            return Stopped("timed out", f"took more than {self.box.exercise_s:g} s an exercise")
        return Stopped("timed out", f"took more than {self.box.call_s:g} s a call")

    def _gone(self) -> Stopped:
        """Why the line is dead."""
        status, cpu_s = self.close()
        if cpu_s > self.box.cpu_s - CPU_SLACK_S:
            return Stopped("timed out", f"took more than {self.box.cpu_s} s of CPU time")
        code = os.waitstatus_to_exitcode(status)
        if code in (0, -signal.SIGKILL):  # which of the two depends on who was quicker
            return Stopped("ended", "the process ended or closed the line")
        how = f"exit code {code}" if code > 0 else f"signal {-code}"
        return Stopped("ended", f"the process ended by itself: {how}")
