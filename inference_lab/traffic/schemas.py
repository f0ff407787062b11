"""Schemas: the public formats of request traces, told by their columns."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from inference_lab.traffic.cells import Damage, number

NEEDED = ("arrival", "prompt", "output")
ROLES = (*NEEDED, "blocks", "session", "parent", "tenant")
"""What a column can be: time, prompt and output tokens, hashes of the prompt's blocks, the session
(or, with `parent`, the turn that it follows), the tenant."""

STATE = "name them with columns='arrival=...,prompt=...,output=...' (--columns)"


@dataclass(frozen=True)
class Schema:
    """A format of traces.

    Parameters
    ----------
    name : str
        Whose it is.
    columns : dict of str to str
        For each role its column; a role beyond the needed three may be missing in a file.
    time_unit : str or None
        Unit of stamps that are neither dates nor epochs; None if there are no such stamps.
    block_tokens : int or None
        Tokens that one hash stands for.
    told_by : tuple of str
        Columns of which at least one is there, if others have the needed three as well.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    time_unit: str | None = None
    block_tokens: int | None = None
    told_by: tuple[str, ...] = ()

    def fits(self, names: Sequence[str]) -> bool:
        """Whether a file with these columns has this format."""
        needed = all(self.columns[role] in names for role in NEEDED)
        return needed and (not self.told_by or any(name in names for name in self.told_by))


def _schema(name: str, needed: str, unit: str | None = None, **others: str) -> Schema:
    return Schema(name, {**dict(zip(NEEDED, needed.split(","), strict=True)), **others}, unit)


_KV = "timestamp,input_length,output_length"
SCHEMAS = (
    # github.com/Azure/AzurePublicDataset: LLM inference 2023 and 2024, multimodal 2025
    _schema("Azure", "TIMESTAMP,ContextTokens,GeneratedTokens"),
    # github.com/alibaba-edu/qwen-bailian-usagetraces-anon: seconds, blocks of 16 tokens
    replace(
        _schema("Bailian", _KV, "s", blocks="hash_ids", session="chat_id", parent="parent_chat_id"),
        block_tokens=16,
        told_by=("chat_id", "parent_chat_id", "turn"),
    ),
    # github.com/kvcache-ai/Mooncake: milliseconds, blocks of 512 tokens; others add sessions
    replace(
        _schema("Mooncake", _KV, "ms", blocks="hash_ids", session="session_id"), block_tokens=512
    ),
    # github.com/HPMLL/BurstGPT: seconds since midnight of the first day; sessions since release 2
    _schema("BurstGPT", "Timestamp,Request tokens,Response tokens", "s", session="Session ID"),
    # github.com/microsoft/vidur, data/processed_traces
    _schema("Vidur", "arrived_at,num_prefill_tokens,num_decode_tokens", "s"),
    # github.com/Mutinifni/splitwise-sim, generate_trace.py
    _schema("splitwise-sim", "arrival_timestamp,prompt_size,token_size", "s"),
    # github.com/alibaba/ServeGen, what its generator saves
    _schema("ServeGen", "timestamp,input_tokens,output_tokens", "s"),
)


def recognised(names: Sequence[str], stated: Mapping[str, str]) -> Schema:
    """The format of a file with the columns `names`; what the user has `stated` goes before it.

    Its `columns` are those that the file has.

    Raises
    ------
    Damage
        If the columns are of no known format, or one that was stated is missing or there twice.

    Examples
    --------
    >>> recognised(["Log Type", "Response tokens", "Request tokens", "Timestamp"], {}).name
    'BurstGPT'
    >>> recognised(["t", "in", "out"], {"arrival": "t", "prompt": "in", "output": "out"}).columns
    {'arrival': 't', 'prompt': 'in', 'output': 'out'}
    """
    known = next((schema for schema in SCHEMAS if schema.fits(names)), None)
    if known is None and not set(NEEDED) <= set(stated):
        raise _unknown(names)
    for column in stated.values():
        if column not in names:
            near = difflib.get_close_matches(column, names, n=1)
            fix = f"did you mean {near[0]!r}?" if near else "give one that is there"
            raise Damage(f"a column {column!r}, as columns (--columns) says", list(names), fix)
    schema = known or Schema("columns of your own", block_tokens=512)
    columns = {r: name for r, name in schema.columns.items() if name in names} | dict(stated)
    for column in columns.values():
        if names.count(column) > 1:
            raise Damage(f"one column {column!r}", list(names), "rename or drop the others")
    moved = "arrival" in stated and stated["arrival"] != schema.columns.get("arrival")
    unit = None if moved else schema.time_unit
    return replace(schema, columns=columns, time_unit=unit)


def stated_columns(columns: str | Mapping[str, str] | None) -> dict[str, str]:
    """What an argument ``arrival=...,prompt=...`` says, checked.

    Raises
    ------
    TypeError, ValueError
        If it is neither such text nor a dict, or names an unknown role.
    """
    fix = f"use pairs role=column with the roles {', '.join(ROLES)}"
    if columns is None:
        return {}
    if isinstance(columns, str):
        pairs = [pair.split("=", 1) for pair in columns.split(",")]
        if any(len(pair) != 2 for pair in pairs):
            raise ValueError(f"columns={columns!r} is not understood: {fix}")
        stated = {role.strip(): name.strip() for role, name in pairs}
    elif isinstance(columns, Mapping):
        stated = dict(columns)
    else:
        raise TypeError(f"columns={columns!r} must be text or a dict: {fix}")
    if not all(role in ROLES and isinstance(name, str) for role, name in stated.items()):
        raise ValueError(f"columns={columns!r} is not understood: {fix}")
    return stated


def _unknown(names: Sequence[str]) -> Damage:
    if {"client", "mean_rps"} <= set(names):
        return Damage("requests", "a table of clients", "read it with Workload.clients")
    if len(names) == 6 and all(number(name) is not None for name in names[:3]):
        fix = "build a load of them with Workload.gamma or piecewise, or generate requests and "
        return Damage("requests", "a ServeGen client's rates", f"{fix}read the CSV that it saves")
    if all(number(name) is not None for name in names[1:]):
        return Damage("a header line with the names of the columns", list(names), "add one")
    if "input_length" in names and "timestamp" not in names:
        fix = f"where a column has the time, {STATE}; a batch without times is a closed loop"
        return Damage("a time of arrival for each request", list(names), fix)
    told = {" ".join(schema.columns[role] for role in NEEDED): schema.name for schema in SCHEMAS}
    known = "; ".join(f"{name}: {columns}" for columns, name in told.items())
    return Damage(f"the columns of a known format ({known})", list(names), STATE)
