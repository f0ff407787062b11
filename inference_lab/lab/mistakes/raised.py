"""What to ask about an error in a learner's function: the fact behind it, on this input."""

from __future__ import annotations

import difflib
import re
from typing import Any

KINDS = {int: "a number", float: "a number", str: "text", bool: "True or False"}
TYPE_ERRORS = {
    r"sequence by non-int|unsupported operand.*'list'|'list' and": (
        "A list is not counted with as a whole. Which of its entries is meant, one after the other?"
    ),
    r"unsupported operand.*'dict'": "A dict is not counted with. Which of its values is meant?",
    r"unsupported operand.*'str'|must be str|concatenate str": (
        "Text is not counted with. Where does it come from?"
    ),
    r"'NoneType'": "One value is None. Which function gives nothing back, as `append` does?",
    r"not callable": "What stands before a bracket is called. Is a `*` missing there?",
    r"cannot be interpreted as an integer|indices must be": (
        "A whole number is asked for there. Where does it get decimals, as by `/`?"
    ),
    r"not subscriptable": "Only a list or a dict has entries. What do you take an entry of?",
    r"not iterable": "Only a list can be gone through. What is a number there?",
    r"has no len": "A number has no length. Which list do you mean?",
    r"not supported between": "Two things of different kinds are compared. Which are they?",
}
VALUE_ERRORS = {
    r"empty": "Nothing was left to choose from. Which ones does your condition let through?",
    r"domain error|positive input": "That is asked of a number of 0 or below. How can that be?",
    r"unpack": "How many items does each entry have, and how many names do you give them?",
    r"not in list": "What is looked for is not in the list. Is it rounded, or of another list?",
}


def question(error: BaseException, given: dict[str, Any], line: str) -> str | None:
    """What to ask about an error; None where nothing is known of it.

    Parameters
    ----------
    error : BaseException
        What a call raised.
    given : dict
        The call's arguments.
    line : str
        The learner's line that raised it.

    Examples
    --------
    >>> question(ZeroDivisionError(), {"gpus": 4, "waiting": 0}, "return gpus / waiting")
    '`waiting` is 0 on this input. What should happen there?'
    """
    if isinstance(error, ZeroDivisionError):
        return _division(given, line)
    if isinstance(error, IndexError):
        return _index(given, line)
    if isinstance(error, KeyError):
        return f"Nothing has the key {error}. Which keys are there, and for which inputs?"
    if isinstance(error, UnboundLocalError):
        return "That name has no value yet. Does every way through your function give it one?"
    if isinstance(error, NameError):
        return _name(error, given)
    if isinstance(error, AttributeError):
        return _attribute(error, given, line)
    if isinstance(error, RecursionError):
        return "Your function calls itself without end. Which call is the last one, and why?"
    if isinstance(error, OverflowError):
        return "A number is too large to count with. Which power or which unit makes it so?"
    for kind, asked in ((TypeError, TYPE_ERRORS), (ValueError, VALUE_ERRORS)):
        if isinstance(error, kind):
            text = str(error)
            return next((said for sign, said in asked.items() if re.search(sign, text)), None)
    return None


def _named(given: dict[str, Any], line: str) -> dict[str, Any]:
    """The arguments in a line; all of them where it has none."""
    words = set(re.findall(r"\w+", line))
    return {name: value for name, value in given.items() if name in words} or given


def _division(given: dict[str, Any], line: str) -> str:
    # What is 0 once 1 is taken off is more often a count than a time of 1.0 s.
    for special, kinds in ((0, (int, float)), (1, (int,)), (1, (float,))):
        if special and not re.search(r"-\s*1\b", line):
            continue
        found = [
            f"`{name}` {said}"
            for name, value in _named(given, line).items()
            if (said := _has(value, special, kinds))
        ]
        if found:
            return f"{' and '.join(found[:3])} on this input. What should happen there?"
    return "By what do you divide there, and on which input is it 0?"


def _has(value: Any, special: int, kinds: tuple[type, ...]) -> str:
    """How a value holds 0 or 1, as one of these kinds of number; nothing where it does not."""
    if type(value) in kinds and value == special:
        return f"is {special}"
    if type(value) is list and any(type(x) in kinds and x == special for x in value):
        return f"has an entry {special}"
    return "is empty" if value == [] and not special else ""


def _index(given: dict[str, Any], line: str) -> str:
    lists = {name: value for name, value in _named(given, line).items() if type(value) is list}
    lists = lists or {name: value for name, value in given.items() if type(value) is list}
    counts = [
        f"`{name}` has {len(value)} entries, numbered from 0 to {len(value) - 1}"
        if value
        else f"`{name}` is empty"
        for name, value in lists.items()
    ]
    begins = f"{' and '.join(counts[:2])} on this input. " if counts else ""
    return f"{begins}Which entry do you ask for, of which list?"


def _name(error: NameError, given: dict[str, Any]) -> str:
    name = getattr(error, "name", None) or ""
    near = difflib.get_close_matches(name, given, n=1, cutoff=0.5)
    if near:
        return f"Do you mean `{near[0]}`? That is how the argument is written."
    return f"Nothing in your cell gives `{name}` a value. The arguments are {', '.join(given)}."


def _attribute(error: AttributeError, given: dict[str, Any], line: str) -> str:
    text = str(error)
    if "'NoneType'" in text:
        return TYPE_ERRORS[r"'NoneType'"]
    named = {n: KINDS.get(type(v), f"a {type(v).__name__}") for n, v in _named(given, line).items()}
    kinds = ", ".join(f"`{name}` is {kind}" for name, kind in list(named.items())[:3])
    return f"{kinds}. How do you get at what you need?" if kinds else "What has that value?"
