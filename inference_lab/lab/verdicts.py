"""A learner's verdict on a claim, said before its experiment is run."""

from __future__ import annotations

import re

from inference_lab.lab.notice import WrongType, WrongValue
from inference_lab.lab.record import Record

CLAIM = re.compile(r"C\d\d[a-z]?")
HEAD = re.compile(r"does[ -]not[ -]hold|holds([ -]if)?", re.IGNORECASE)
OPTIONS = ("holds", "holds if", "does not hold")
GIVEN = Record(".verdicts.json", "delete it and run the cells of your verdicts again")


def verdict(claim_id: str, said: str | None) -> None:
    """Commit a verdict on a claim before anything is run.

    A learner's own folder (which holds ``.progress.json``) keeps it in ``.verdicts.json``, so
    that `reveal` knows it after the kernel was restarted; elsewhere nothing is written.

    Parameters
    ----------
    claim_id : str
        Number of the claim, such as ``"C31"``.
    said : str or None
        ``"holds"``, ``"holds if"`` (the condition may follow) or ``"does not hold"``; None while
        you have none.

    Raises
    ------
    TypeError, ValueError
        If `claim_id` is no claim's number, or `said` is neither None nor one of the three.
    """
    if not isinstance(claim_id, str):
        raise WrongType(f'claim_id must be text such as "C31", not {claim_id!r}')
    if not CLAIM.fullmatch(claim_id):
        raise WrongValue(f'claim_id must be the number of a claim such as "C31", not {claim_id!r}')
    words = None if said is None else _words(said)
    GIVEN.keep(claim_id, words)
    if words is None:
        print(
            f'Verdict {claim_id}: replace None with "holds", "holds if" or "does not hold" '
            "(in quotes), and run this cell again."
        )
    else:
        print(f"Verdict {claim_id}: you say it {words}.")


def option(words: str) -> str | None:
    """Which of the three verdicts a text begins with; None if with none.

    >>> option("holds if the load is low"), option("holds"), option("holds?")
    ('holds if', 'holds', None)
    """
    if words == "holds if" or words.startswith("holds if "):
        return "holds if"
    return words if words in OPTIONS else None


def _words(said: object) -> str:
    if not isinstance(said, str):
        raise WrongType(f'said must be text such as "holds if", not {said!r}')
    words = " ".join(said.strip().rstrip(".").split())
    head = HEAD.match(words)
    words = head[0].replace("-", " ").lower() + words[head.end() :] if head else words
    if option(words) is None:
        raise WrongValue(f'said must be "holds", "holds if" or "does not hold", not {said!r}')
    return words
