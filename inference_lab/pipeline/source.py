"""Reads a lesson's source (py:percent) into a notebook whose cell ids come from the headers."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

HEADER = re.compile(r"^# %%(?!%)(?P<rest>.*)$")
CELL_ID = re.compile(r"^[a-z0-9][a-z0-9-]{0,63}$")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNEL, "language_info": {"name": "python"}}


def read(path: Path) -> NotebookNode:
    """The notebook that a source file describes, without outputs.

    Parameters
    ----------
    path : Path
        A py:percent file whose every cell header carries ``id="..."``.

    Raises
    ------
    ValueError
        If a header has no id, a malformed one, or one that an earlier header has; the
        message names the file and the line.
    """
    import jupytext

    text = Path(path).read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    lines = header_lines(text)
    if len(lines) != len(notebook.cells):
        raise ValueError(
            f"{path}:1: {len(notebook.cells)} cells but {len(lines)} headers; "
            'begin the file with a header such as # %% [markdown] id="title"'
        )
    seen: dict[str, int] = {}
    for cell, line in zip(notebook.cells, lines, strict=True):
        where = f"{path}:{line}"
        identity = cell.metadata.pop("id", None)
        if identity is None:
            raise ValueError(f'{where}: the cell has no id; write id="..." in its header')
        if not isinstance(identity, str) or not CELL_ID.match(identity):
            raise ValueError(f"{where}: id {identity!r} must be lower-case letters, digits and -")
        if identity in seen:
            raise ValueError(f"{where}: id {identity!r} is already that of line {seen[identity]}")
        seen[identity] = line
        cell.metadata.pop("lines_to_next_cell", None)
        cell.id = identity
        cell.source = cell.source.strip("\n")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def header_lines(text: str) -> list[int]:
    """The line number, from 1, of each cell header of a py:percent file."""
    return [number for number, line in enumerate(text.splitlines(), start=1) if HEADER.match(line)]


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell; a cell without any has an empty list."""
    return list(cell.metadata.get("tags", []))
