"""A call of a learner's function, as a person reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LONGEST_LINE = 80  # a call that is longer shows one argument a line
LONGEST_VALUE = 600
INDENT = "    "


def sentence(name: str, arguments: dict[str, Any], what: str) -> str:
    """What a call did, with all its arguments: in one line, or with one argument a line.

    Parameters
    ----------
    name : str
        The function's name.
    arguments : dict
        Its keyword arguments.
    what : str
        What happened, such as ``"returned 7"``.

    Examples
    --------
    >>> sentence("kv_bytes", {"tokens": 2048}, "returned 7")
    'kv_bytes(tokens=2_048) returned 7.'
    """
    shown = [f"{key}={value(each)}" for key, each in arguments.items()]
    line = f"{name}({', '.join(shown)}) {what}."
    if len(line) <= LONGEST_LINE:
        return line
    return "\n".join([f"{name} {what}, called with", *(INDENT + each for each in shown)])


def value(given: Any) -> str:
    """A plain value with separators between thousands, cut when it is very long.

    >>> value(2_048), value(0.07440001), value([1, 2])
    ('2_048', '0.0744', '[1, 2]')
    """
    formats = {int: "_", float: "_.6g"}
    text = format(given, formats[type(given)]) if type(given) in formats else repr(given)
    if len(text) <= LONGEST_VALUE:
        return text
    count = f" ({len(given)} items)" if isinstance(given, list | dict) else ""
    return f"{text[:LONGEST_VALUE].rpartition(' ')[0] or text[:LONGEST_VALUE]} ...{count}"


def name_of(function: Callable[..., Any], otherwise: str) -> str:
    """The learner's own name of a function; `otherwise` where it has none, as a lambda."""
    own = getattr(function, "__name__", None)
    return own if isinstance(own, str) and own.isidentifier() else otherwise
