"""The reader: the rows of a trace, packed as they come."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from inference_lab.traffic.cells import Damage, tokens
from inference_lab.traffic.prefix_blocks import PrefixBlocks
from inference_lab.traffic.records import Records
from inference_lab.traffic.schemas import NEEDED, Schema
from inference_lab.traffic.sessions import Turns
from inference_lab.traffic.stamps import Stamps

NOTHING = (None, "")
"""A cell that says nothing: this request has no session, say."""


@dataclass
class Rows:
    """The requests of a trace in the order of its lines, eight bytes a number.

    Parameters
    ----------
    time_ns, prompt_tokens, output_tokens : array of int
        Times since the first line, and lengths.
    blocks : PrefixBlocks
        Hashes of each prompt; all empty if the file has none.
    labels : dict of str to list
        Sessions and tenants, where the file has such columns.
    empty, first_empty : int
        Requests without prompt or output tokens, which are counted and left out, and the line of
        the first one.
    """

    time_ns: array = field(default_factory=lambda: array("q"))
    prompt_tokens: array = field(default_factory=lambda: array("q"))
    output_tokens: array = field(default_factory=lambda: array("q"))
    blocks: PrefixBlocks = field(default_factory=PrefixBlocks)
    labels: dict[str, list] = field(default_factory=dict)
    empty: int = 0
    first_empty: int = 0

    def __len__(self) -> int:
        return len(self.time_ns)


def read_rows(
    records: Records,
    schema: Schema,
    stamps: Stamps,
    enough: int | None,
    progress: Callable[[Iterable], Iterable],
) -> Rows:
    """Read so many requests that have tokens, or all.

    Raises
    ------
    Damage
        If the line `records.line` is broken.
    """
    roles = [*NEEDED, *(role for role in schema.columns if role not in NEEDED)]
    columns = [schema.columns[role] for role in roles]
    _, prompt_column, output_column, *_ = columns
    turns = Turns() if {"session", "parent"} <= set(roles) else None
    parent_at = roles.index("parent") if turns else -1
    blocks_at = roles.index("blocks") if "blocks" in roles else None
    rows = Rows(labels={role: [] for role in ("session", "tenant") if role in roles})
    labels = [(roles.index(role), found) for role, found in rows.labels.items()]
    left = -1 if enough is None else enough
    for cells in records.rows(columns, len(NEEDED), progress):
        time_ns = stamps.ns(cells[0])
        prompt, output = tokens(prompt_column, cells[1]), tokens(output_column, cells[2])
        own = [_label(columns[at], cells[at]) for at, _ in labels]
        if turns and own[0] is not None:  # also of an empty request, which others may follow
            turns.follow(own[0], _label(columns[parent_at], cells[parent_at]))
        if not prompt or not output:
            rows.empty += 1
            rows.first_empty = rows.first_empty or records.line
            continue
        if blocks_at is not None:
            _append_blocks(rows.blocks, columns[blocks_at], cells[blocks_at])
        for (_, found), label in zip(labels, own, strict=True):
            found.append(label)
        rows.time_ns.append(time_ns)
        rows.prompt_tokens.append(prompt)
        rows.output_tokens.append(output)
        left -= 1
        if not left:
            break
    if turns:
        rows.labels["session"] = list(map(turns.first, rows.labels["session"]))
    return rows


def _append_blocks(blocks: PrefixBlocks, column: str, cell: Any) -> None:
    found = cell
    try:
        if type(cell) is not list:
            found = [] if cell in NOTHING else json.loads(cell)
        if type(found) is not list:
            raise TypeError
        blocks.append(found)
    except (TypeError, ValueError, RecursionError):
        raise Damage(f"{column}, a list of whole numbers or text", cell) from None


def _label(column: str, cell: object) -> object:
    if type(cell) is int:
        return cell
    if cell in NOTHING:
        return None
    if isinstance(cell, list | dict):
        raise Damage(f"{column}, a number or text", cell)
    return intern(cell) if isinstance(cell, str) else cell  # equal texts are one object
