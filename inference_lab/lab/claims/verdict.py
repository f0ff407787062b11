"""What a run says of a claim: it holds, holds under a condition, or does not hold."""

from __future__ import annotations

from dataclasses import dataclass

HOLDS, FAILS = "holds", "does not hold"
LINE = 90  # characters of a verdict that a notebook shows in one line


@dataclass(frozen=True)
class Verdict:
    """What a run says of a claim.

    Parameters
    ----------
    verdict : str
        ``"holds"``, ``"holds if ..."`` or ``"does not hold"``.
    because : str
        The figures that it rests on.
    """

    verdict: str
    because: str

    def __str__(self) -> str:
        between = "\n    " if len(self.verdict) + len(self.because) > LINE else " "
        return f"{self.verdict}{between}({self.because})"


def first_true(flags: list[bool]) -> int:
    """The index of the first true flag; the length when there is none.

    >>> first_true([False, True]), first_true([False])
    (1, 1)
    """
    return flags.index(True) if True in flags else len(flags)
