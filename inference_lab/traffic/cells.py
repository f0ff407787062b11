"""Cells: what one cell of a trace must hold, and what is said when it holds something else."""

from __future__ import annotations

from decimal import Decimal
from reprlib import Repr

from inference_lab.traffic.lengths import MOST_TOKENS

LARGEST = 10**20
"""No stamp or count is larger: an epoch in nanoseconds has 19 digits."""

MEND = "mend the line or take it out"

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 100


class Damage(ValueError):
    """What is wrong with a line: what was expected, what was found, and the fix."""

    def __init__(self, expected: str, found: object, fix: str = MEND) -> None:
        super().__init__(f"expected {expected}, found {_SHORT.repr(found)}: {fix}")


def number(value: object) -> int | Decimal | None:
    """A cell's finite number from 0 to `LARGEST`, to the last digit; None if it holds none.

    Examples
    --------
    >>> number(" 12.50"), number(7), number("now"), number(True)
    (Decimal('12.50'), 7, None, None)
    """
    if type(value) is int:
        return value if 0 <= value < LARGEST else None
    if isinstance(value, str):
        text = value.strip()
        if text.isdecimal() and len(text) <= 20:
            return int(text)
        try:
            value = Decimal(text if "_" not in text else "nan")
        except ArithmeticError:
            return None
    if isinstance(value, Decimal) and value.is_finite() and 0 <= value < LARGEST:
        return value
    return None


def tokens(column: str, value: object) -> int:
    """A cell's whole number of tokens; 640.0 is 640, as tables write it beside empty cells.

    Raises
    ------
    Damage
        If it is none from 0 to `MOST_TOKENS`.

    Examples
    --------
    >>> tokens("ContextTokens", "640"), tokens("ContextTokens", "640.0")
    (640, 640)
    """
    if type(value) is int and 0 <= value <= MOST_TOKENS:
        return value
    if type(value) is str and value.isdecimal() and len(value) <= 12:
        return int(value)
    count = number(value)
    if count is None or count > MOST_TOKENS or count != int(count):
        raise Damage(f"{column}, a whole number of tokens from 0 to {MOST_TOKENS}", value)
    return int(count)
