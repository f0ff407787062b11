"""Request traces in the two public formats.

``Azure``: CSV with the columns TIMESTAMP, ContextTokens, GeneratedTokens (AzurePublicDataset,
CC-BY 4.0; Patel et al., Splitwise, ISCA 2024). ``Mooncake``: one JSON object a line with timestamp
(ms), input_length, output_length, hash_ids (Apache-2.0; Qin et al., Mooncake, FAST 2025).
"""

from __future__ import annotations

import gzip
import json
import zlib
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np

from inference_lab.traffic.lengths import MOST_TOKENS
from inference_lab.traffic.prefix_blocks import PrefixBlocks

AZURE_COLUMNS = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"]


@dataclass
class Trace:
    """The requests of a trace file, in the order of the file.

    Parameters
    ----------
    time_ns : array of int
        Time stamp of each request in nanoseconds; its origin is the format's own.
    prompt_tokens, output_tokens : array of int
        Lengths.
    prefix_blocks : PrefixBlocks or None
        Hashes of the prompt's blocks, where the format has them.
    """

    time_ns: array = field(default_factory=lambda: array("q"))
    prompt_tokens: array = field(default_factory=lambda: array("q"))
    output_tokens: array = field(default_factory=lambda: array("q"))
    prefix_blocks: PrefixBlocks | None = None


def read_trace(path: str | PathLike[str], progress: Callable[[Iterable], Iterable] = iter) -> Trace:
    """Read a trace file of either format; ``.gz`` is unpacked on the way.

    Parameters
    ----------
    path : str or path-like
        The format is told from the first line.
    progress : callable
        Wraps the iterable of lines, for a progress bar.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError
        If the path is none.
    ValueError
        If a line is broken, with its number and what was expected; if the file holds no request,
        or no text.
    """
    if not isinstance(path, str | PathLike):
        raise TypeError(f"path={path!r} must be a path: give the name of a trace file")
    path = Path(path)
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as lines:
            trace = _read_lines(path, lines, progress)
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is no text, or cut off: {error}; fetch it again") from None
    except IsADirectoryError:
        raise ValueError(f"path={str(path)!r} is a folder: give the trace file in it") from None
    if not trace.time_ns:
        raise ValueError(f"{path} holds no request: expected at least one line after the header")
    return trace


def _read_lines(path: Path, lines: IO[str], progress: Callable[[Iterable], Iterable]) -> Trace:
    first = lines.readline()
    if first.strip().split(",") == AZURE_COLUMNS:
        parse, start, trace, body = _azure, 2, Trace(), lines
    elif first.lstrip().startswith("{"):
        parse, start, trace = _mooncake, 1, Trace(prefix_blocks=PrefixBlocks())
        body = chain([first], lines)
    else:
        raise ValueError(
            f"{path}, line 1: expected the header {','.join(AZURE_COLUMNS)} (Azure) or a JSON "
            f"object (Mooncake), found {first.strip()[:60]!r}"
        )
    for number, line in enumerate(progress(body), start):
        if not line.strip():
            continue
        try:
            parse(line, trace)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            reason = f"missing {error}" if isinstance(error, KeyError) else error
            raise ValueError(f"{path}, line {number}: {reason}") from None
    return trace


def _azure(line: str, trace: Trace) -> None:
    cells = line.strip().split(",")
    if len(cells) != 3:
        raise ValueError(f"expected 3 columns {','.join(AZURE_COLUMNS)}, found {len(cells)}")
    stamp = cells[0].removesuffix("Z").removesuffix("+00:00")
    try:
        nanoseconds = np.datetime64(stamp, "ns").astype(np.int64)
    except ValueError:
        raise ValueError(f"expected a time like 2023-11-16 18:15:46.68, found {stamp!r}") from None
    if not stamp or nanoseconds == np.iinfo(np.int64).min:
        raise ValueError(f"expected a time like 2023-11-16 18:15:46.68, found {stamp!r}")
    tokens = _count("ContextTokens", cells[1]), _count("GeneratedTokens", cells[2])
    _append(trace, int(nanoseconds), *tokens)


def _mooncake(line: str, trace: Trace) -> None:
    record: dict[str, Any] = json.loads(line)
    time_ms = record["timestamp"]
    if isinstance(time_ms, bool) or not isinstance(time_ms, int | float) or not 0 <= time_ms < 1e12:
        raise ValueError(f"expected timestamp in milliseconds from 0 to 1e12, found {time_ms!r}")
    tokens = (
        _count("input_length", record["input_length"]),
        _count("output_length", record["output_length"]),
    )
    blocks = record["hash_ids"]
    if not isinstance(blocks, list) or not all(type(block) is int for block in blocks):
        raise ValueError("expected hash_ids, a list of whole numbers")
    _append(trace, round(time_ms * 1e6), *tokens)
    trace.prefix_blocks.append(blocks)


def _append(trace: Trace, time_ns: int, prompt_tokens: int, output_tokens: int) -> None:
    trace.time_ns.append(time_ns)
    trace.prompt_tokens.append(prompt_tokens)
    trace.output_tokens.append(output_tokens)


def _count(name: str, value: object) -> int:
    try:
        count = int(value) if isinstance(value, str) else value
        whole = type(count) is int and 1 <= count <= MOST_TOKENS
    except ValueError:
        whole = False
    if not whole:
        raise ValueError(
            f"expected {name}, a whole number >= 1 and <= {MOST_TOKENS}, found {value!r}"
        )
    return count
