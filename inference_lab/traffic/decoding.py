"""Decoding: the bytes of a trace file as lines of text."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

GZIP = b"\x1f\x8b"

NO_TEXT = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet", "unpack it, or save the sheet as CSV"),
    (b"\xfd7zXZ\x00", "xz-compressed", "unpack it with `xz -dk` first"),
    (b"BZh", "bzip2-compressed", "unpack it with `bunzip2 -k` first"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "unpack it with `zstd -d` first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"PAR1", "a Parquet file", "save it as CSV first"),
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8, as with `iconv -f UTF-16 -t UTF-8`"),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8, as with `iconv -f UTF-16 -t UTF-8`"),
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file with `git lfs pull`"),
    (b"<", "a web page", "download the raw file"),
)
"""First bytes of what people hand in instead of a text file, what it is, and the fix."""

LOOKED_AT_BYTES = 1024


@contextmanager
def text_lines(path: Path) -> Iterator[TextIO]:
    """Open UTF-8 text, with or without a byte order mark, plain or, by its first bytes, gzip.

    Bytes that are no UTF-8 come as ``\\xff``: in a column that nobody reads they do no harm.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is a folder, empty or no text, with what it is and the fix.
    """
    if path.is_dir():
        raise ValueError(f"path={str(path)!r} is a folder: give the trace file in it")
    with path.open("rb") as packed:
        plain = packed
        if packed.peek(2)[:2] == GZIP:
            plain = io.BufferedReader(gzip.GzipFile(fileobj=packed))
        head = plain.peek(LOOKED_AT_BYTES)[:LOOKED_AT_BYTES]
        for first, name, fix in NO_TEXT:
            if head.startswith(first):
                raise ValueError(f"{path} is {name}: {fix}")
        if b"\0" in head:
            raise ValueError(f"{path} holds zero bytes, so it is no UTF-8 text: save it as UTF-8")
        if not head.strip():
            raise ValueError(f"{path} is empty: expected a trace, found no line; fetch it again")
        with io.TextIOWrapper(
            plain, encoding="utf-8-sig", errors="backslashreplace", newline=""
        ) as lines:
            yield lines
