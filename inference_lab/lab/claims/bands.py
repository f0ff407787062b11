"""C32, C33, C35, C36: where does a time lie within the band that the text gives?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict

Row = Sequence[tuple[float, float]]
"""Pairs of a condition, such as a load or a batch, and the seconds measured there."""


def in_band(rows: Mapping[str, Row], low_s: float, high_s: float, condition: str) -> Verdict:
    """Whether times lie between `low_s` and `high_s`, and if only some: which.

    Parameters
    ----------
    rows : dict of str to pairs
        For each case, such as a stack: the conditions in rising order and the seconds there.
    low_s, high_s : float
        The band, ends included.
    condition : str
        What the conditions are, with a place for a range: ``"load {} %"``.

    Raises
    ------
    ValueError
        If there is no row, a row is empty, or its conditions do not rise.

    Examples
    --------
    >>> print(in_band({"A": [(1, 0.1), (2, 0.3)], "B": [(1, 0.9)]}, 0.2, 0.5, "batch {}"))
    holds if A at batch 2 (A 100 to 300 ms; B 900 ms; the text says 200 to 500 ms)
    """
    if not rows or not all(rows.values()):
        raise ValueError(f"rows must hold at least one pair for each case, not {rows!r}")
    for name, row in rows.items():
        conditions = [where for where, _ in row]
        if conditions != sorted(set(conditions)):
            raise ValueError(f"rows[{name!r}]: its conditions must rise, not {conditions}")
    seen = "; ".join(f"{name} {_milliseconds(row)}" for name, row in rows.items())
    because = f"{seen}; the text says {low_s * 1e3:g} to {high_s * 1e3:g} ms"
    inside = {
        name: [where for where, seconds in row if low_s <= seconds <= high_s]
        for name, row in rows.items()
    }
    if all(len(inside[name]) == len(row) for name, row in rows.items()):
        return Verdict(HOLDS, because)
    found = [
        f"{name} at {condition.format(_range(where))}" for name, where in inside.items() if where
    ]
    return Verdict("holds if " + ",\n    or ".join(found) if found else FAILS, because)


def _milliseconds(row: Row) -> str:
    times_ms = [seconds * 1e3 for _, seconds in row]
    return _range(sorted({float(f"{ms:.3g}") for ms in times_ms})) + " ms"


def _range(values: Sequence[float]) -> str:
    """The ends of a range, or its only value."""
    ends = (values[0],) if len(values) == 1 else (values[0], values[-1])
    return " to ".join(f"{value:g}" for value in ends)
