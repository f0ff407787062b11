"""The crew: the processes that mark, of which any may die at the cost of one exercise.

Each process has a pipe of its own and is given one submission at a time. It says which exercise it
begins and sends each mark when it has it, so what a dead one leaves is known; another one takes
over the rest. All of them, and what they started, die with the grader, however that ends.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from inference_lab.grading import child as program
from inference_lab.grading.mark import Mark
from inference_lab.grading.marking import Ground, Marker
from inference_lab.grading.news import Broken, Died, LeftOut, Started

READY = "ready"
MOST_DEATHS = 3
"""So many processes may end before they mark anything: then something is wrong with all."""
SLACK_S = 120.0
"""Beyond the time that a submission may take: a process that says nothing so long is stuck."""


@dataclass
class Job:
    """A submission and how far its marking is.

    Parameters
    ----------
    student : str
        Whose it is.
    paths : list of Path
        What was handed in.
    done : set of str
        Exercises that have their mark.
    current : str or None
        The exercise that is being marked.
    deaths : int
        How many processes ended before any exercise of it began.
    """

    student: str
    paths: list[Path]
    done: set[str] = field(default_factory=set)
    current: str | None = None
    deaths: int = 0


class Crew:
    """Marks submissions in parallel; a context manager that ends all its processes.

    Parameters
    ----------
    ground : Ground
        What to mark with.
    students : dict
        The students with their files.
    """

    def __init__(self, ground: Ground, students: dict[str, list[Path]]) -> None:
        self.ground = ground
        self.waiting = deque(Job(student, paths) for student, paths in students.items())
        self.at_work: dict[Connection, tuple[Any, int | None, Job | None]] = {}
        self.deaths = 0  # of processes without a job, in a row

    def __enter__(self) -> Crew:
        for core in cores()[: len(self.waiting)]:
            self._hire(core)
        return self

    def __exit__(self, *error: object) -> None:
        for connection, (process, _, _) in self.at_work.items():
            process.kill()  # its boxes die with it
            connection.close()
        for process, _, _ in self.at_work.values():
            process.join()

    def news(self) -> Iterator[Started | LeftOut | Mark | Died]:
        """What happens, as it happens, until every submission is done.

        Raises
        ------
        RuntimeError
            If no process can mark: never a student's fault.
        """
        patience_s = self.ground.box.submission_s + self.ground.limits.wall_s + SLACK_S
        while any(job for _, _, job in self.at_work.values()) or self.waiting:
            ready = wait(list(self.at_work), patience_s) or list(self.at_work)
            for connection in [each for each in self.at_work if each in ready]:
                yield from self._hear(connection)

    def _hear(self, connection: Connection) -> Iterator[Started | LeftOut | Mark | Died]:
        job = self.at_work[connection][2]
        try:
            said = connection.recv() if connection.poll() else None
        except (EOFError, OSError):
            said = None
        if said is None:  # it died, or it is stuck
            yield from self._bury(connection)
        elif isinstance(said, Broken):
            raise RuntimeError(said.reason)
        elif job and isinstance(said, Started):
            job.current = said.exercise
            yield said
        elif job and isinstance(said, Mark):
            job.done.add(said.exercise)
            job.current = None
            yield said
        elif isinstance(said, LeftOut):
            yield said
        else:
            self._give(connection)

    def _bury(self, connection: Connection) -> Iterator[Died]:
        """Hire another process for a dead one; its exercise is lost, the others are not."""
        process, core, job = self.at_work.pop(connection)
        process.kill()
        process.join()
        connection.close()
        self.deaths = 0 if job else self.deaths + 1
        if self.deaths >= MOST_DEATHS:
            raise RuntimeError(f"{self.deaths} processes of the grader ended before they marked")
        if job:
            job.deaths += job.current is None
            given_up = job.deaths >= MOST_DEATHS
            if job.current or given_up:
                yield Died(job.student, job.current)
            if not given_up:
                job.done |= {job.current} if job.current else set()
                job.current = None
                self.waiting.appendleft(job)
        if self.waiting:
            self._hire(core)

    def _give(self, connection: Connection) -> None:
        """The next submission for a process that is free."""
        process, core, _ = self.at_work[connection]
        job = self.waiting.popleft() if self.waiting else None
        self.at_work[connection] = (process, core, job)
        if job:
            connection.send(job)

    def _hire(self, core: int | None) -> None:
        ours, theirs = get_context("spawn").Pipe()
        # Ctrl-C is the grader's own to handle: what it starts is born deaf to it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process = get_context("spawn").Process(
                target=work, args=(theirs, self.ground, core), daemon=True
            )
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self.at_work[ours] = (process, core, None)


def work(connection: Connection, ground: Ground, core: int | None) -> None:
    """Mark what comes down the line until it ends."""
    program.die_with_parent()
    if core is not None:  # it and its boxes on one core: half the time of a decision
        os.sched_setaffinity(0, {core})
    try:
        marker = Marker(ground)
        connection.send(READY)
        while True:
            job = connection.recv()
            for said in marker.marks(job.student, job.paths, job.done):
                connection.send(said)
            connection.send(READY)
    except (EOFError, BrokenPipeError):
        return
    except (RuntimeError, ValueError) as error:
        connection.send(Broken(str(error)))


def cores() -> list[int | None]:
    """The cores that this process may use; None for each where the system does not say which."""
    if hasattr(os, "sched_getaffinity"):
        return [*sorted(os.sched_getaffinity(0))]
    return [None] * (os.cpu_count() or 1)
