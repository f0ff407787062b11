"""News of a run, beside the marks: what a process of the crew says, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Started:
    """An exercise of a student is about to be marked."""

    student: str
    exercise: str


@dataclass(frozen=True)
class LeftOut:
    """Files of a student that may have been meant to count, and do not."""

    student: str
    files: list[str]


@dataclass(frozen=True)
class Died:
    """The process that marked ended: the exercise, or all when None, will get no mark."""

    student: str
    exercise: str | None


@dataclass(frozen=True)
class Broken:
    """A process cannot mark at all."""

    reason: str
