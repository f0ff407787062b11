"""Six characters to read out in a room: which exercises of a lesson are right, how many hints."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from inference_lab.lab.notice import WrongType, WrongValue

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 and O, no 1, I and L
BASE = len(ALPHABET)  # 31 is prime: with the weights below no slip cancels out
WEIGHTS = (1, 2, 3, 4, 5, 6)
OFFSETS = (11, 5, 23, 17, 29)  # a fresh lesson reads as different characters, not as 22222A

MOST_LESSONS = BASE
MOST_EXERCISES = 12
MOST_HINTS = BASE**4 // 2**MOST_EXERCISES - 1


@dataclass(frozen=True)
class Standing:
    """How far a learner is in one lesson.

    Parameters
    ----------
    lesson : int
        Its number, from 0 to 30.
    right : frozenset of int
        The exercises that are right, by their number after the point: 3 for ``"5.3"``.
    hints : int
        Hints taken in the whole lesson.
    """

    lesson: int
    right: frozenset[int]
    hints: int

    def __str__(self) -> str:
        names = ", ".join(f"{self.lesson}.{number}" for number in sorted(self.right))
        hints = {0: "no hint", 1: "1 hint"}.get(self.hints, f"{self.hints} hints")
        return f"Lesson {self.lesson:02}: right {names or 'none yet'}; {hints} taken."


def encode(lesson: int, right: Collection[int], hints: int) -> str:
    """The code of a learner's standing.

    It is no proof and carries no marks: anybody can compute one. The last character is a check:
    one wrong character, or two that changed places, never give another valid code.

    Parameters
    ----------
    lesson : int
        From 0 to 30.
    right : collection of int
        Numbers of the exercises that are right, each from 1 to 12.
    hints : int
        Hints taken; more than 224 count as 224.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> encode(5, right={1, 3}, hints=4)
    'J7BMNH'
    """
    if not 0 <= lesson < MOST_LESSONS:
        raise WrongValue(f"lesson={lesson!r} must be from 0 to {MOST_LESSONS - 1}")
    if hints < 0:
        raise WrongValue(f"hints={hints!r} must be 0 or more")
    odd = [number for number in right if not 1 <= number <= MOST_EXERCISES]
    if odd:
        raise WrongValue(f"right holds {odd}: exercises are numbered from 1 to {MOST_EXERCISES}")
    bits = sum(1 << (number - 1) for number in set(right))
    rest = min(hints, MOST_HINTS) << MOST_EXERCISES | bits
    plain = [lesson, *(rest // BASE**place % BASE for place in (3, 2, 1, 0))]
    digits = [(digit + offset) % BASE for digit, offset in zip(plain, OFFSETS, strict=True)]
    total = sum(weight * digit for weight, digit in zip(WEIGHTS, digits, strict=False))
    digits.append(-total * pow(WEIGHTS[-1], -1, BASE) % BASE)
    return "".join(ALPHABET[digit] for digit in digits)


def decode(code: str) -> Standing:
    """The standing that a code tells; small letters, spaces and hyphens are fine.

    Raises
    ------
    TypeError
        If `code` is no text.
    ValueError
        If it does not have six characters of the alphabet, or one of them is wrong.

    Examples
    --------
    >>> print(decode("j7b mnh"))
    Lesson 05: right 5.1, 5.3; 4 hints taken.
    """
    if not isinstance(code, str):
        raise WrongType(f'code must be text such as "J7BMNH", not {code!r}')
    heard = "".join(code.upper().replace("-", " ").split())
    strange = sorted(set(heard) - set(ALPHABET))
    if strange:
        raise WrongValue(
            f"code {code!r} has a slip: no code holds {', '.join(strange)} (0, O, 1, I and L are "
            "not used); ask for it again"
        )
    if len(heard) != len(WEIGHTS):
        raise WrongValue(f"code {code!r} has {len(heard)} characters, not 6: ask for it again")
    digits = [ALPHABET.index(character) for character in heard]
    total = sum(weight * digit for weight, digit in zip(WEIGHTS, digits, strict=True))
    plain = [(digit - offset) % BASE for digit, offset in zip(digits, OFFSETS, strict=False)]
    rest = sum(digit * BASE**place for digit, place in zip(plain[1:], (3, 2, 1, 0), strict=True))
    hints = rest >> MOST_EXERCISES
    if total % BASE or hints > MOST_HINTS:
        raise WrongValue(
            f"code {code!r} has a slip: a character is wrong, or two changed places; "
            "ask for it again"
        )
    right = {number for number in range(1, MOST_EXERCISES + 1) if rest >> (number - 1) & 1}
    return Standing(plain[0], frozenset(right), hints)
