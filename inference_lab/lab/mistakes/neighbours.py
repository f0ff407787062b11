"""Numbers that come out when one thing is taken wrongly: recognised, and put into a question.

The build computes them from the solution (`inference_lab.pipeline.neighbours`) and ships for
each a fingerprint, a kind and the names of arguments; neither the numbers nor the solution.
"""

from __future__ import annotations

import base64
import hashlib
import math
from typing import Any

from inference_lab.lab.mistakes import units

RESOLUTION = 1e-9  # relative; two ways to compute one number differ by far less
OFFSET = 0.37  # no plain number lies on the edge between two cells
NOTHING = 1e-12  # of the largest number; what is left when equal numbers cancel
LENGTH = 8  # characters of a fingerprint: 48 bits
NAMES = 3  # a part that depends on more arguments than these is not told by them

WHOSE = "Which entry belongs to whom?"
ORDER = "What does its order mean?"
WHICH = "Which one of many numbers is asked for?"
WAY = "Which way is it rounded?"
PART = "{what} is left out"
PLAIN: dict[str, tuple[str, str]] = {
    "limit": (PART, "What else can set the limit?"),
    "bound": ("nothing keeps the number within its bounds", "Can it be below 0, or too large?"),
    "uncondition": ("a condition{at} is left out", "Who must not count?"),
    "minmax": ("the larger and the smaller value are exchanged{at}", "Which one is the limit?"),
    "equal": ("an equal value is on the wrong side of a limit{at}", "Is it `<` or `<=`?"),
    "condition": ("a condition is turned round{at}", "When should it hold?"),
    "case": ("a case{at} is not told apart", "When is it different?"),
    "and or": ("`and` and `or` are exchanged{at}", "Must both hold, or is one enough?"),
    "omitted": ("a step{at} is left out", "What must be kept up to date?"),
    "once": ("a loop ends after its first round", "Is `return` inside it?"),
    "last": ("only the last one is kept{at}", "Where do the ones before go?"),
    "transposed": ("the rows and the columns of {0} change places", "What is a row of it?"),
    "idle": ("{0} plays no part", "Where does {0} enter?"),
    "as 0": ("{0} is taken as 0", "Where does {0} enter?"),
    "as 1": ("{0} is taken as 1", "Where does {0} enter?"),
    "without": (PART, "What is it there for?"),
    "unconstant": ("a constant is left out", "Which numbers must stand in your line?"),
    "unrounded": ("nothing is rounded{at}", "Where must a number be whole?"),
    "rounded up": ("it is rounded up{at}", WAY),
    "rounded down": ("it is rounded down{at}", WAY),
    "rounded near": ("it is rounded to the nearest{at}", WAY),
    "whole": ("`/` is taken for `//`{at}", "Is a whole number asked for there?"),
    "floored": ("`//` is taken for `/`{at}", "Is a whole number asked for there?"),
    "sign": ("a plus and a minus are exchanged{at}", "What is added, what is taken off?"),
    "begin later": ("a loop or a count begins one too late{at}", "Which is the first?"),
    "begin earlier": ("a loop or a count begins one too early{at}", "Which is the first?"),
    "end later": ("a loop ends one step too late{at}", "Which is the last?"),
    "end earlier": ("a loop ends one step too early{at}", "Which is the last?"),
    "unsorted": ("an order is left as it is{at}", "Who comes first?"),
    "order": ("an order is turned round{at}", "Who comes first?"),
    "unkeyed": ("the values are compared as they are{at}", "By what are they compared?"),
    "taken sum": ("the sum is taken{at}", WHICH),
    "taken max": ("the largest is taken{at}", WHICH),
    "taken min": ("the smallest is taken{at}", WHICH),
    "taken len": ("they are counted{at}", WHICH),
    "taken mean": ("the mean is taken{at}", WHICH),
    "plus times": ("a plus is taken for a `*`, or back{at}", "Do the two add up there?"),
    "absolute": ("a minus sign is dropped{at}", "What does it mean when it is negative?"),
    "turned": ("`*` and `/` are exchanged once{at}", "What belongs above the fraction line?"),
    "brackets": ("a pair of brackets is missing{at}", "What is worked out first?"),
    "grouped": ("a pair of brackets is added{at}", "What is worked out first?"),
    "swapped": ("{0} and {1} change places", "Which is which?"),
    "step": ("the function returns a step on the way", "What is still to be done with it?"),
    "inside": ("the line below a loop is inside it", "What is done in each round?"),
    "outside": ("the last line of a loop is below it", "What is done in each round?"),
}
"""What learners do, from the most particular to the least; with the question that it asks."""

FAINT: dict[str, tuple[str, str]] = {
    "first": ("{0} always has the value of the first input", "Is it written out somewhere?"),
    "each first": ("each entry of {0} is taken as the first", WHOSE),
    "each max": ("each entry of {0} is taken as the largest", WHOSE),
    "each min": ("each entry of {0} is taken as the smallest", WHOSE),
    "each mean": ("each entry of {0} is taken as the mean", WHOSE),
    "each sum": ("each entry of {0} is taken as the sum of all", WHOSE),
    "sorted": ("{0} is sorted first", ORDER),
    "descending": ("{0} is sorted first, the largest in front", ORDER),
    "reversed": ("{0} is read from its end", ORDER),
    "no first": ("the first entry of {0} is left out", "Where does your loop begin?"),
    "no last": ("the last entry of {0} is left out", "Where does your loop end?"),
    "only first": ("only the first entry of {0} counts", "What happens to the others?"),
    "only last": ("only the last entry of {0} counts", "What happens to the others?"),
    "moved": ("each entry of {0} is the one before", "Does your index begin in the right place?"),
    "from 0": ("each entry of {0} is the one before, from 0 on", WHOSE),
    "distinct": ("equal entries of {0} count once", "May two entries be equal?"),
    "added up": ("the entries of {0} are added up one after the other", "What is an entry of it?"),
    "gaps": ("the gaps between the entries of {0} are taken", "What is an entry of it?"),
    "upside": ("{0} is upside down", "Does a larger {0} make the answer larger or smaller?"),
    "minus": ("{0} has the other sign", "Is {0} added or taken off?"),
    "rest": ("1 - {0} is taken in place of {0}", "What is {0} the share of?"),
    "square": ("{0} counts twice, as a square", "How often does {0} belong there?"),
    "cut": ("{0} is cut to a whole number", "Where are its decimals lost?"),
    "start": ("a start value is one too large or too small", "What holds before the first round?"),
    "index": ("another entry of a list is taken", "Which one is meant, counted from 0?"),
    "one more": ("one too many is counted in one place{at}", "Is the first or last one in it?"),
    "one less": ("one too few is counted in one place{at}", "Is the first or last one in it?"),
    "more": ("{0} is one larger than it is", "What is counted once too often?"),
    "less": ("{0} is one smaller than it is", "What is left out of the count?"),
    "each more": ("each entry of {0} is one larger", "What is counted once too often?"),
    "each less": ("each entry of {0} is one smaller", "What is left out of the count?"),
    "constant": ("a constant is one too large or too small", "Which numbers did you write?"),
    "unit": ("a factor such as 8 or 10**9 is another one", "Which units meet in your line?"),
    "power": ("`**` is taken for `*`, or back{at}", "What happens again and again?"),
    "sides": ("the two sides of `-`, `/` or `**` change places{at}", "Which comes first?"),
    "instead": ("{0} is taken where {1} belongs", "What does each of them mean?"),
    "steps": ("two steps change places", "What happens first?"),
}
"""What could be a coincidence: told only where few other slips give the same numbers."""

KINDS = PLAIN | FAINT
TIMES = "times "  # with a factor: an argument in another unit


def fingerprint(values: list[Any]) -> str | None:
    """Plain answers as a few characters: equal up to rounding noise means equal.

    Parameters
    ----------
    values : list
        Plain values, one for each public input.

    Returns
    -------
    str or None
        None where a number is not finite.

    Examples
    --------
    >>> fingerprint([0.1 + 0.2, [3]]) == fingerprint([0.3, [3.0]])
    True
    >>> fingerprint([0.3, [3]]) == fingerprint([0.3001, [3]])
    False
    """
    try:
        least = NOTHING * _largest(values)
        text = _cells(values, least)
    except (ValueError, OverflowError):
        return None
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()[:LENGTH]


def _largest(value: Any) -> float:
    if type(value) in (int, float):
        if not math.isfinite(value):
            raise ValueError("not finite")
        return abs(value)
    each = value.values() if type(value) is dict else value if type(value) is list else ()
    return max(map(_largest, each), default=0.0)


def _cells(value: Any, least: float) -> str:
    if type(value) in (int, float):
        if abs(value) <= least:
            return "nothing"
        cell = math.floor(math.log(abs(value)) / RESOLUTION + OFFSET)
        return f"{'-' if value < 0 else ''}{cell}"
    if type(value) is list:
        return f"[{','.join(_cells(each, least) for each in value)}]"
    if type(value) is dict:
        return f"{{{','.join(f'{key}:{_cells(value[key], least)}' for key in sorted(value))}}}"
    return repr(value)


def is_plain(entry: str) -> bool:
    """Whether an entry is of a kind that is hardly a coincidence."""
    kind = entry.partition(":")[0]
    return kind in PLAIN or kind.startswith(TIMES)


def told(entry: str, names: list[str]) -> str:
    """The sentence and the question for an entry of the exercise file.

    Parameters
    ----------
    entry : str
        ``"kind:argument,argument"``; several of them, separated by ``|``.
    names : list of str
        The names of the exercise's function and arguments.

    Examples
    --------
    >>> told("as 1:batch", [])
    'Your numbers come out when `batch` is taken as 1. Where does `batch` enter?'
    """
    clauses, questions = zip(*(_said(each, names) for each in entry.split("|")), strict=True)
    return f"Your numbers come out when {', or when '.join(clauses)}. {questions[0]}"


def _said(entry: str, names: list[str]) -> tuple[str, str]:
    kind, _, about = entry.partition(":")
    args = [f"`{each}`" for each in about.split(",") if each]
    listed = " and ".join(filter(None, [", ".join(args[:-1]), *args[-1:]]))
    few = 0 < len(args) <= NAMES
    if kind.startswith(TIMES):
        factor = float(kind.removeprefix(TIMES))
        asked = units.question(factor, names) or "In which unit does {0} come?"
        clause = f"{{0}} is {units.size(factor)}"
    else:
        clause, asked = KINDS[kind]
    at = {
        "at": f" at {listed}" if few else "",
        "what": f"the part with {listed}" if few else "a part",
    }
    return clause.format(*args, **at), asked.format(*args)
