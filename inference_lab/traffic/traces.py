"""Request traces: files of the public formats, and of one's own, read line by line."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from gzip import BadGzipFile
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import real, whole
from inference_lab.traffic.cells import Damage
from inference_lab.traffic.decoding import text_lines
from inference_lab.traffic.prefix_blocks import PrefixBlocks
from inference_lab.traffic.reader import Rows, read_rows
from inference_lab.traffic.records import Records
from inference_lab.traffic.schemas import Schema, recognised, stated_columns
from inference_lab.traffic.stamps import Stamps, stated_unit


@dataclass(frozen=True)
class Trace:
    """The requests of a trace file that were asked for, in the order of the file.

    Parameters
    ----------
    time_ns : array of int
        Time of each request in nanoseconds since that of the file's first one.
    prompt_tokens, output_tokens : array of int
        Lengths.
    prefix_blocks : PrefixBlocks or None
        Hashes of the prompt's blocks, where the file has them.
    prefix_block_tokens : int or None
        Tokens that one of them stands for.
    session, tenant : list or None
        Where the file has them.
    said : str
        As what the file was read, and which of its columns were not.
    """

    time_ns: NDArray[np.int64]
    prompt_tokens: NDArray[np.int64]
    output_tokens: NDArray[np.int64]
    prefix_blocks: PrefixBlocks | None
    prefix_block_tokens: int | None
    session: Sequence[Any] | None
    tenant: Sequence[Any] | None
    said: str

    def columns(self, order: NDArray[np.int64]) -> dict[str, Any]:
        """The fields of a workload but its times, in another order."""
        blocks = self.prefix_blocks
        return {
            "prompt_tokens": self.prompt_tokens[order],
            "output_tokens": self.output_tokens[order],
            "prefix_blocks": None if blocks is None else blocks.ordered(order),
            "prefix_block_tokens": self.prefix_block_tokens,
            "session": None if self.session is None else [self.session[i] for i in order.tolist()],
            "tenant": None if self.tenant is None else [self.tenant[i] for i in order.tolist()],
            "source": self.said,
        }


def read_trace(
    path: str | PathLike[str],
    progress: Callable[[Iterable], Iterable] = iter,
    columns: str | Mapping[str, str] | None = None,
    time_unit: str | None = None,
    first: int | None = None,
    between_s: tuple[float, float] | None = None,
    every: int | None = None,
    skip_empty: bool = False,
) -> Trace:
    """Read a trace: CSV with a header, or one JSON object a line; UTF-8, also in gzip.

    The format is told from the columns (`inference_lab.traffic.schemas.SCHEMAS`), the unit of time
    from the format, or from the size of an epoch. Columns that are not needed are not read.

    Parameters
    ----------
    path : str or path-like
        The file.
    progress : callable
        Wraps the iterable of lines, for a progress bar.
    columns : str or dict, optional
        What the columns of another format are: ``"arrival=ts,prompt=in,output=out"``; more roles
        are ``blocks``, ``session``, ``parent`` and ``tenant``.
    time_unit : {'s', 'ms', 'us', 'ns'}, optional
        Of time stamps that are numbers.
    first, every, between_s : int, int, (float, float), optional
        Keep the requests from a up to b seconds after the earliest one, of these every so many'th,
        of these the first so many in the file. Without `between_s` reading ends there.
    skip_empty : bool
        Leave out requests with 0 prompt or output tokens, as failed ones have in some traces.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError, ValueError
        If an argument is out of range; if a line is broken, with its number, what was expected,
        what was found and the fix; if the unit of time is in doubt, or no request is left.
    """
    if not isinstance(path, str | PathLike):
        raise TypeError(f"path={path!r} must be a path: give the name of a trace file")
    path = Path(path)
    stated, unit = stated_columns(columns), stated_unit(time_unit)
    step = 1 if every is None else whole("every", every, at_least=1)
    most = None if first is None else whole("first", first, at_least=1)
    window_s = None if between_s is None else _window_s(between_s)
    enough = most * step if most and not window_s else None
    schema, rows, said = _read(path, stated, unit, enough, progress)
    if rows.empty and not skip_empty:
        raise ValueError(
            f"{path}, line {rows.first_empty}: expected tokens in prompt and output, found "
            f"{rows.empty} of {rows.empty + len(rows)} requests with 0 of them: give "
            "skip_empty=True (--skip-empty) to leave them out"
        )
    if not len(rows):
        raise ValueError(
            f"{path} holds no request: expected at least one line of them, found "
            f"{f'{rows.empty} without tokens' if rows.empty else 'none'}; fetch it again"
        )
    if window_s is None:
        stop = len(rows) if most is None else min(len(rows), most * step)
        return _trace(schema, rows, range(0, stop, step), said)
    away_s = np.asarray(rows.time_ns) / 1e9
    away_s -= away_s.min()
    within = np.flatnonzero((away_s >= window_s[0]) & (away_s < window_s[1]))
    if not len(within):
        raise ValueError(
            f"between_s={between_s!r} (--between) holds none of the {len(rows)} requests of "
            f"{path}, which span {away_s.max():g} s: give a window within that"
        )
    return _trace(schema, rows, within[::step][:most], said)


def _read(
    path: Path,
    stated: Mapping[str, str],
    unit: str | None,
    enough: int | None,
    progress: Callable[[Iterable], Iterable],
) -> tuple[Schema, Rows, str]:
    """All that is asked for, as what it was read, and every error with its file and line."""
    place = f"{path}, line 1"
    try:
        with text_lines(path) as lines:
            records = Records(lines)
            try:
                names = records.names()
                schema = recognised(names, stated)
                stamps = Stamps(schema.name, schema.time_unit, unit)
                rows = read_rows(records, schema, stamps, enough, progress)
            finally:
                place = f"{path}, line {records.line}"
        place = f"{path}, lines 1 to {records.line}"
        stamps.check(np.asarray(rows.time_ns))
    except Damage as damage:
        raise ValueError(f"{place}: {damage}") from None
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise ValueError(
            f"{place}: expected more gzip data after it, found {error}: the file is cut off or "
            "damaged, fetch it again"
        ) from None
    unread = [n if n.isprintable() else repr(n) for n in names if n not in schema.columns.values()]
    left_out = f"; columns not read: {', '.join(unread)}" if unread else ""
    return schema, rows, f"{path.name}: {schema.name}, time: {stamps.said}{left_out}"


def _window_s(between_s: object) -> tuple[float, float]:
    fix = "give a pair of seconds, the earlier one first"
    if not isinstance(between_s, Sequence) or isinstance(between_s, str) or len(between_s) != 2:
        raise TypeError(f"between_s={between_s!r} is no window: {fix}")
    begin_s, end_s = real("between_s[0]", between_s[0]), real("between_s[1]", between_s[1])
    if begin_s >= end_s:
        raise ValueError(f"between_s={between_s!r} is no window: {fix}")
    return begin_s, end_s


def _trace(schema: Schema, rows: Rows, kept: range | NDArray[np.int64], said: str) -> Trace:
    everything = len(kept) == len(rows)  # and then nothing is copied
    at = slice(None) if everything else np.asarray(kept)
    blocks = None
    if rows.blocks.hash_count:
        blocks = rows.blocks if everything else rows.blocks.ordered(np.asarray(kept))

    def labels(role: str) -> list | None:
        found = rows.labels.get(role)
        if found is None or all(label is None for label in found):
            return None
        return found if everything else [found[i] for i in kept]

    return Trace(
        np.asarray(rows.time_ns)[at],
        np.asarray(rows.prompt_tokens)[at],
        np.asarray(rows.output_tokens)[at],
        blocks,
        None if blocks is None else schema.block_tokens,
        labels("session"),
        labels("tenant"),
        said,
    )
