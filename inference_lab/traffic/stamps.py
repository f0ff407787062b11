"""Stamps: the times of a trace, as nanoseconds since its first line."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import one_of
from inference_lab.traffic.arrivals import MOST_S
from inference_lab.traffic.cells import Damage, number

UNITS_NS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
"""Nanoseconds of each time unit."""

EPOCHS = {"s": 10**9, "ms": 10**12, "us": 10**15, "ns": 10**18}
"""An epoch of 2001-09-09 in each unit; at ten times that, in 2286, it ends."""

MOST_PER_S = {"s": 10_000, "ms": 100}
"""Stamps in a second beyond which a unit that nobody stated is doubted. For milliseconds it is low:
seconds that are taken for them come a thousand times too fast."""

MOST_GAP_S = 3600
"""Mean gap beyond which such a unit is doubted: a finer unit was taken for it."""

DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)


class Stamps:
    """Reads the stamps of one trace; the first one tells dates from epochs from plain numbers.

    Parameters
    ----------
    schema : str
        The format's name, for errors.
    usual : str or None
        Unit in which the format counts time from its own origin.
    stated : str or None
        Unit that the user gives; it goes before everything.

    Examples
    --------
    >>> azure = Stamps("Azure", None, None)
    >>> azure.ns("2024-06-01 08:00:00.25+02:00"), azure.ns("2024-06-01T06:00:01Z"), azure.said
    (0, 750000000, 'dates')
    """

    def __init__(self, schema: str, usual: str | None, stated: str | None) -> None:
        self._schema, self._usual, self._stated = schema, usual, stated
        self.said = "nothing"
        self._assumed: str | None = None
        self._zoned = False
        self._scale = 1
        self._origin_ns = 0
        self._most_ns = int(MOST_S * 1e9)
        self._exact: Callable[[object], int] | None = None

    def ns(self, value: object) -> int:
        """A stamp in nanoseconds since the first one.

        Raises
        ------
        Damage
            If it is no time, or no time of the kind and the decades of the first one.
        """
        exact = self._exact or self._begin(value)
        away_ns = exact(value) - self._origin_ns
        if not -self._most_ns <= away_ns <= self._most_ns:
            raise Damage(f"a time at most {MOST_S:g} s from the first one", value)
        return away_ns

    def _begin(self, value: object) -> Callable[[object], int]:
        date = DATE.fullmatch(value.strip()) if isinstance(value, str) else None
        if date and self._stated:
            fix = "leave time_unit (--time-unit) out"
            raise Damage(f"a number, as time_unit={self._stated!r} says", value, fix)
        if date:
            self.said, self._zoned = "dates", bool(date[4])
            exact = self._date_ns
        else:
            unit = self._stated or self._epoch(value) or self._usual
            if unit is None:
                fix = "give time_unit='s', 'ms', 'us' or 'ns' (--time-unit)"
                raise Damage("a time like 2023-11-16 18:15:46.68 or an epoch", value, fix)
            if self.said == "nothing":
                self.said = unit if self._stated else f"{unit}, as is usual for {self._schema}"
                self._assumed = None if self._stated else unit
            self._scale = UNITS_NS[unit]
            exact = self._number_ns
        self._origin_ns = exact(value)
        self._exact = exact
        return exact

    def _epoch(self, value: object) -> str | None:
        """The unit of an epoch, told from its size."""
        count = number(value)
        if count is None:
            raise Damage("a time like 2023-11-16 18:15:46.68, an epoch or a number >= 0", value)
        for unit, least in EPOCHS.items():
            if least <= count < 10 * least:
                self.said = f"epoch in {unit}"
                return unit
        return None

    def _number_ns(self, value: object) -> int:
        count = number(value)
        if count is None:
            raise Damage("a time as a number >= 0, like the first one", value)
        if self._assumed == "ms" and count != int(count):
            fix = "if these are seconds give time_unit='s' (--time-unit s), else time_unit='ms'"
            raise Damage(f"whole milliseconds, as is usual for {self._schema}", value, fix)
        return round(count * self._scale)

    def _date_ns(self, value: object) -> int:
        date = DATE.fullmatch(value.strip()) if isinstance(value, str) else None
        if date is None:
            raise Damage("a time like 2023-11-16 18:15:46.68", value)
        day, clock, fraction, zone = date.groups()
        if bool(zone) != self._zoned:
            with_or_no = "a time with its zone" if self._zoned else "a time without a zone"
            raise Damage(f"{with_or_no}, like the first one", value)
        try:
            whole_s = _whole_s(day, clock, zone)
        except ValueError as error:
            raise Damage(f"a time that exists ({error})", value) from None
        return whole_s * 10**9 + (int(f"{fraction:0<9.9}") if fraction else 0)

    def check(self, time_ns: NDArray[np.int64]) -> None:
        """Refuse a unit that nobody stated if it makes the trace unbelievably fast or slow.

        Raises
        ------
        Damage
            If it does; the message has the rate, and the option that states the unit.
        """
        if self._assumed is None:
            return
        moments = np.unique(time_ns)
        gap_s = np.diff(moments).mean() / 1e9 if len(moments) > 1 else None
        if gap_s is None or 1 / MOST_PER_S[self._assumed] <= gap_s <= MOST_GAP_S:
            return
        finds = f"{gap_s:.3g} s from one stamp to the next" if gap_s > 1 else f"{1 / gap_s:.0f} a s"
        raise Damage(
            f"stamps at most {MOST_GAP_S} s apart and at most {MOST_PER_S[self._assumed]} a second "
            f"with {self.said}",
            finds,
            "say what they are with time_unit='s', 'ms', 'us' or 'ns' (--time-unit)",
        )


def stated_unit(time_unit: str | None) -> str | None:
    """A unit as the user says it, checked.

    Raises
    ------
    TypeError, ValueError
        If it is not one of `UNITS_NS` or None.
    """
    if time_unit in (None, "µs", "\u03bcs"):  # the micro sign, and the Greek letter
        return time_unit and "us"
    return one_of("time_unit", time_unit, UNITS_NS)


@lru_cache(maxsize=4096)
def _whole_s(day: str, clock: str, zone: str | None) -> int:
    """Seconds since 1970 of a time without its fraction; one without a zone is read as UTC."""
    zone = "Z" if zone in (None, "UTC") else zone
    return int(datetime.fromisoformat(f"{day}T{clock}{zone}").timestamp())
