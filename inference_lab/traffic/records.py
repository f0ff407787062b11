"""Records: the lines of a trace, CSV or JSON, as cells of the columns that are wanted."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import TextIO

from inference_lab.traffic.cells import Damage


class Records:
    """The records of a trace file, one by one, so that its size does not matter.

    `line` is the number of the line last looked at.

    Parameters
    ----------
    lines : text file
        Its text.
    """

    def __init__(self, lines: TextIO) -> None:
        self.line = 0
        self._body: Iterator[str] = iter(lines)
        self._names: list[str] = []
        self._is_json = False

    def names(self) -> list[str]:
        """Read the columns: those of the header, or of the first object.

        Raises
        ------
        Damage
            If the first line is neither a header nor a JSON object.
        """
        lines, first = self._body, "\n"
        while first and not first.strip():
            first = next(lines, "")
            self.line += 1
        self._is_json = first.lstrip().startswith("{")
        if first.lstrip().startswith("["):
            fix = "write one object a line, as with `jq -c '.[]'`"
            raise Damage("a header or one JSON object a line", first.strip(), fix)
        if self._is_json:
            self._names = list(_object(first))
            self._body = chain([first], lines)
        else:
            header = csv.reader(chain([first], lines), strict=True)  # may be quoted, and longer
            try:
                self._names = [name.strip() for name in next(header)]
            except csv.Error as error:
                raise Damage("a header line", f"{first.strip()} ({error})") from None
            self.line += header.line_num - 1
        return self._names

    def rows(
        self, columns: Sequence[str], needed: int, progress: Callable[[Iterable], Iterable]
    ) -> Iterator[tuple]:
        """The cells of the wanted columns, record by record.

        Parameters
        ----------
        columns : sequence of str
            The wanted ones. In JSON only the first `needed` must be in each object; others are
            None where they are missing.
        needed : int
            How many of them.
        progress : callable
            Wraps the iterable of lines.

        Raises
        ------
        Damage
            If a record is broken.
        """
        body = progress(self._body)
        return self._objects(columns, needed, body) if self._is_json else self._table(columns, body)

    def _objects(self, columns: Sequence[str], needed: int, body: Iterable[str]) -> Iterator[tuple]:
        take = itemgetter(*columns)
        self.line -= 1  # the first object is read once more
        for line in body:
            self.line += 1
            if line.isspace():
                continue
            record = _object(line)
            try:
                cells = take(record)
            except KeyError:
                cells = tuple(map(record.get, columns))
                for name, cell in zip(columns[:needed], cells, strict=False):
                    if cell is None:
                        raise Damage(f"the key {name!r}", list(record)) from None
            yield cells

    def _table(self, columns: Sequence[str], body: Iterable[str]) -> Iterator[tuple]:
        take = itemgetter(*map(self._names.index, columns))
        width, above = len(self._names), self.line
        end = above  # of the last record: a quoted cell may hold ends of lines
        reader = csv.reader(body, strict=True)
        try:
            for row in reader:
                self.line, end = end + 1, above + reader.line_num
                if len(row) == width:
                    yield take(row)
                elif row and (len(row) > 1 or row[0].strip()):
                    raise Damage(f"{width} cells, as in the header", row)
        except csv.Error as error:
            self.line = end + 1
            raise Damage("a line of CSV", str(error)) from None


def _object(line: str) -> dict[str, object]:
    text = line.strip()
    try:
        record, end = _scan(text, 0)
    except (StopIteration, ValueError, RecursionError):
        end = -1
    if end != len(text):
        raise Damage("one whole JSON object", text)
    if not isinstance(record, dict):
        raise Damage("a JSON object", record)
    return record


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


_scan = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number).scan_once  # type: ignore[attr-defined] # C
