"""Constant factors between a wrong number and the right one, and what each makes one ask."""

from __future__ import annotations

from collections.abc import Iterable

from inference_lab.lab.wording import number

EXACT = 1e-9  # relative; far below what two different formulas agree to by chance
BITS = 8.0
THOUSANDS = tuple(10.0**power for power in (3, 6, 9, 12, 15, 18))
BINARY = tuple(2.0**power for power in (10, 20, 30, 40))
BINARY_OVER_DECIMAL = tuple(b / d for b, d in zip(BINARY, THOUSANDS, strict=False))
TIMES = (60.0, 3600.0)
WRITTEN_OUT = 1e8
SMALL = tuple(float(n) for n in range(2, 13))

WAY = "Which unit is asked for, and do you multiply or divide to get there?"
BYTE = "A byte has 8 bits: where do you convert, and which way?"
BOTH = f"Two units: bits or bytes, and thousands? {WAY}"
POWERS = "Do you count in powers of 10 or in powers of 2 (1,000 or 1,024)?"
CLOCK = "Seconds, minutes or hours? Which of them is asked for?"
SHARE = "Is a share asked for, or a percentage?"
TWICE = "What is counted twice?"
HALF = "What counts twice, and is counted once?"
ANY = "Which factor is missing, or does not belong there?"


def question(factor: float, names: Iterable[str]) -> str | None:
    """What to ask about a factor, from the units in the exercise; None if it is no known one.

    Parameters
    ----------
    factor : float
        A wrong number over the right one, above 0.
    names : iterable of str
        The names of the exercise's function and arguments: bits are asked about only where
        there are bits or bytes.

    Examples
    --------
    >>> question(1000, ["load_s"])
    'Which unit is asked for, and do you multiply or divide to get there?'
    >>> question(8, ["flows"]) is None
    True
    """
    text = " ".join(names)
    has_bits = "byte" in text or "bit" in text
    asked: list[tuple[Iterable[float], str]] = [(THOUSANDS, WAY), ((100.0,), SHARE)]
    if has_bits:
        asked += [((BITS, BITS * BITS), BYTE)]
        asked += [([bits * t for t in THOUSANDS for bits in (BITS, 1 / BITS)], BOTH)]
        asked += [((*BINARY, *BINARY_OVER_DECIMAL), POWERS)]
        asked += [([bits * b for b in BINARY for bits in (BITS, 1 / BITS)], POWERS)]
    if "_s" in text:
        asked += [(TIMES, CLOCK)]
    asked += [((2.0,), TWICE if factor > 1 else HALF)]
    for factors, words in asked:
        if any(_is(factor, each) or _is(factor, 1 / each) for each in factors):
            return words
    return None


def known() -> list[float]:
    """Every factor that a slip in a unit makes, and its inverse; 1 is none of them."""
    bits = [bits * each for bits in (BITS, 1 / BITS) for each in (*THOUSANDS, *BINARY)]
    up = [BITS, 64.0, 2.0, 100.0, *THOUSANDS, *BINARY, *BINARY_OVER_DECIMAL, *TIMES, *bits]
    return [*up, *(1 / each for each in up)]


def nice(factor: float) -> float | None:
    """The known or small whole factor (or its inverse) that a number is; 1 is one of them."""
    small = [1.0, *SMALL, *(1 / each for each in SMALL)]
    return next((each for each in (*small, *known()) if _is(abs(factor), each)), None)


def size(factor: float) -> str:
    """A factor in words.

    >>> size(1024), size(1 / 8), size(1.024)
    ('1,024 times too large', '8 times too small', '2.4 % too large')
    """
    larger, side = (factor, "large") if factor >= 1 else (1 / factor, "small")
    larger = float(f"{larger:.9g}")
    if larger < 1.2:
        return f"{number(100 * (larger - 1))} % too {side}"
    whole = larger % 1 == 0 and larger < WRITTEN_OUT
    return f"{f'{larger:,.0f}' if whole else number(larger)} times too {side}"


def _is(factor: float, other: float) -> bool:
    return abs(factor - other) <= EXACT * other
