"""The box: what confines a student's code; `child` closes it, `line` speaks with what is inside.

Layers, each stopping what the others do not:

- *plain data*: values cross a process boundary as JSON; no object of the student's does.
- *files* (Landlock, by the package sandlock): the child reads the standard library and numpy,
  writes nothing, and cannot look into or signal a process outside.
- *system calls* (seccomp, by libseccomp): a short list of calls is allowed. No process or thread
  is made, no program started, no socket opened, no limit raised.
- *limits* (setrlimit, and the grader's clock): memory, CPU time, wall time, size of an answer.

A kernel bug, a side channel (time, caches) and the load that the code makes within its limits are
not stopped.
"""

from __future__ import annotations

import ctypes
import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inference_lab.grading import routed
from inference_lab.lab import answer

LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")
FOREIGN = ("site-packages", "dist-packages")  # stand in the standard library's folder, are not it


@dataclass(frozen=True)
class Box:
    """The layers and limits of a box; a test switches one layer off to see its attack succeed.

    Parameters
    ----------
    files, system_calls : bool
        The layers of Landlock and seccomp.
    memory_bytes : int
        Address space of the child.
    cpu_s : int
        CPU time of one child, whole seconds: of an exercise, or of one run of a policy.
    call_s, exercise_s : float
        Wall time of one call or decision, and of all of an exercise.
    submission_s : float
        Wall time of all exercises of a submission.
    answer_bytes : int
        Longest message that is taken back.
    """

    files: bool = True
    system_calls: bool = True
    memory_bytes: int = 1 << 30
    cpu_s: int = 30
    call_s: float = 10.0
    exercise_s: float = 60.0
    submission_s: float = 120.0
    answer_bytes: int = 1 << 22

    @classmethod
    def none(cls) -> Box:
        """No isolation: a separate process and the grader's clock, nothing else."""
        return cls(files=False, system_calls=False)

    def missing(self) -> list[str]:
        """What this machine lacks for the box, in words; empty when nothing."""
        if os.name != "posix":
            return ["a POSIX system (on Windows: grade inside WSL)"]
        lacks: list[str] = []
        if (self.files or self.system_calls) and sys.platform != "linux":
            lacks.append("Linux")
        if self.files and not lacks:
            lacks += _missing_landlock()
        if self.system_calls and not lacks:
            try:
                ctypes.CDLL("libseccomp.so.2")
            except OSError:
                lacks.append("the system library libseccomp.so.2 (package libseccomp2)")
        return lacks

    def options(self) -> dict[str, Any]:
        """What the warm parent is told; none of it is secret."""
        numpy = Path(np.__file__).parent
        library = Path(sysconfig.get_paths()["stdlib"])
        readable = [*library.iterdir(), numpy, numpy.with_name("numpy.libs"), *map(Path, LIBRARIES)]
        limits = {
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_CPU": self.cpu_s,
            "RLIMIT_FSIZE": 0,
            "RLIMIT_CORE": 0,
            "RLIMIT_NOFILE": 64,
        }
        return {
            "files": self.files,
            "system_calls": self.system_calls,
            "limits": limits if sys.platform == "linux" else {},
            "packages": str(numpy.parent),
            "answer": answer.__file__,
            "routed": routed.__file__,
            "readable": [str(p) for p in readable if p.exists() and p.name not in FOREIGN],
        }


def _missing_landlock() -> list[str]:
    try:
        import sandlock
    except ImportError:
        return ['the package sandlock (pip install "inference-lab[grade]")']
    has, needs = sandlock.landlock_abi_version(), sandlock.min_landlock_abi()
    if has < needs:
        return [f"Landlock ABI {needs} (Linux 6.12); this kernel has {max(has, 0)}"]
    return []
