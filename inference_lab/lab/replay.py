"""What a replay of a run needs to know: a short log, made from the spans of the run.

Times are whole ticks of `TICK_S`, so that the log of 10,000 requests stays below 1 MB. Nothing of
it is estimated: a page that replays it places marks between these times and computes nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.result import Result

TICK_S = 1e-4
"""A tenth of a millisecond: a twenty-fifth of a pixel of the belt."""

COLUMNS = (
    "arrival",
    "prompt_tokens",
    "output_tokens",
    "replica",
    "queued",
    "read_from",
    "read_until",
    "finish",
    "ttft",
)
"""The nine numbers of a request; times in ticks, -1 where there is none."""

PAUSE_S = 0.1
"""An iteration that lasts longer is shown as a pause of all answers of its replica: beyond 0.1 s a
delay no longer feels instantaneous (Nielsen, Usability Engineering, 1993, chapter 5)."""


@dataclass(frozen=True, eq=False)
class ReplayLog:
    """What is in the picture of one run.

    Parameters
    ----------
    requests : array of int32, shape (n, 9)
        `COLUMNS` of each request, in the order of arrival.
    readings : array of int32, shape (m, 3)
        Replica, start and end of each interval in which it reads prompts.
    pauses : array of int32, shape (p, 3)
        The same for iterations longer than `PAUSE_S`.
    away : array of int32, shape (q, 3)
        Request, start and end of each time out of the batch after a pre-emption.
    more : dict of str to array of int32, shape (n,)
        What only some runs have: ticks of each other part of TTFT, by its name.
    """

    requests: NDArray[np.int32]
    readings: NDArray[np.int32]
    pauses: NDArray[np.int32]
    away: NDArray[np.int32]
    more: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)

    def __getitem__(self, column: str) -> NDArray[np.int32]:
        return self.requests[:, COLUMNS.index(column)]

    def packed(self) -> dict[str, Any]:
        """The tables column by column as little-endian int32 in base64.

        Of `more`, a column with one value is that value.
        """
        tables = {name: _packed(table) for name, table in vars(self).items() if name != "more"}
        more = {
            name: int(column[0]) if (column == column[0]).all() else _packed(column)
            for name, column in self.more.items()
        }
        return tables | {"more": more}

    @property
    def ttft_s(self) -> NDArray[np.float64]:
        """TTFT of each request, nan where it was not served."""
        return np.where(self["ttft"] < 0, np.nan, self["ttft"] * TICK_S)


def log_of(result: Result, cluster: Cluster) -> ReplayLog:
    """The log of a run that kept its spans.

    Parameters
    ----------
    result : Result
        Of ``simulate(cluster, ..., spans=True)``.
    cluster : Cluster
        That was simulated.

    Raises
    ------
    ValueError
        If the run kept no spans.
    """
    spans = result.spans
    if spans is None:
        raise ValueError("result.spans is None: simulate with spans=True")
    own = spans["request"] < 0
    rows = spans[~own]
    n = len(result.arrival_s)
    reads = rows[rows["part"] == "prefill"]
    stays = rows[rows["part"] == "decode"]
    requests = np.full((n, len(COLUMNS)), -1, np.int32)
    values = {
        "arrival": ticks(result.arrival_s),
        "prompt_tokens": result.prompt_tokens,
        "output_tokens": result.output_tokens,
        "replica": result.replica,
        "ttft": ticks(result.ttft_s),
    }
    for name, column in values.items():
        requests[:, COLUMNS.index(name)] = column
    first = _first(reads)
    at = reads["request"][first]
    queued_s = _queued_s(rows, n)
    requests[at, COLUMNS.index("queued")] = ticks(queued_s[at])
    requests[at, COLUMNS.index("read_from")] = ticks(reads["start_s"][first])
    requests[at, COLUMNS.index("read_until")] = ticks(_read_until_s(reads, stays, n)[at])
    finish_s = np.full(n, -np.inf)
    np.maximum.at(finish_s, reads["request"], reads["end_s"])
    np.maximum.at(finish_s, stays["request"], stays["end_s"])
    requests[at, COLUMNS.index("finish")] = ticks(finish_s[at])
    readings = spans[own & (spans["part"] == "prefill")]
    return ReplayLog(
        requests,
        _table(readings["replica"], readings["start_s"], readings["end_s"]),
        _pauses(reads, result.prompt_tokens, cluster),
        _away(stays),
        _other_parts(result),
    )


def ticks(seconds: NDArray[np.float64]) -> NDArray[np.int32]:
    """Seconds as ticks, -1 for nan."""
    return np.where(np.isnan(seconds), -1, np.rint(np.nan_to_num(seconds) / TICK_S)).astype(
        np.int32
    )


def _first(rows: NDArray[Any]) -> NDArray[np.intp]:
    """Places of the first row of each request; rows are sorted by request and start."""
    return np.unique(rows["request"], return_index=True)[1]


def _read_until_s(reads: NDArray[Any], stays: NDArray[Any], n: int) -> NDArray[np.float64]:
    """When the prompt of each request was read; what is read after a stay is a repeat."""
    first = _first(stays)
    stays_from_s = np.full(n, np.inf)
    stays_from_s[stays["request"][first]] = stays["start_s"][first]
    prompts = reads[reads["start_s"] < stays_from_s[reads["request"]]]
    until_s = np.full(n, -np.inf)
    np.maximum.at(until_s, prompts["request"], prompts["end_s"])
    return until_s


def _queued_s(rows: NDArray[Any], n: int) -> NDArray[np.float64]:
    """When each request joined the queue of its replica: its first row there starts."""
    queued_s = np.full(n, np.nan)
    there = rows[np.isin(rows["part"], ("queue", "prefill"))]
    first = _first(there)
    queued_s[there["request"][first]] = there["start_s"][first]
    return queued_s


def _pauses(
    reads: NDArray[Any], prompt_tokens: NDArray[np.int64], cluster: Cluster
) -> NDArray[np.int32]:
    """Readings whose iterations last longer than `PAUSE_S` each, overlapping ones joined."""
    whole = np.inf  # a scheduler without chunks reads a prompt in one iteration
    budgets = [
        budget if scheduler == "chunked" else whole
        for scheduler, budget in map(cluster.service, cluster.fleet)
    ]
    tokens = prompt_tokens[reads["request"]]
    iterations = np.maximum(1, np.ceil(tokens / np.array(budgets)[reads["replica"]]))
    long = reads[(reads["end_s"] - reads["start_s"]) / iterations > PAUSE_S]
    joined: list[list[float]] = []
    for row in np.sort(long, order=("replica", "start_s")):
        replica, start_s, end_s = row["replica"], row["start_s"], row["end_s"]
        if joined and joined[-1][0] == replica and start_s <= joined[-1][2]:
            joined[-1][2] = max(joined[-1][2], end_s)
        else:
            joined.append([replica, start_s, end_s])
    columns = np.array(joined, dtype=float).reshape(-1, 3)
    return _table(*columns.T)


def _away(stays: NDArray[Any]) -> NDArray[np.int32]:
    """Between two stays in a batch: pre-empted, waiting and being read again."""
    again = stays["request"][1:] == stays["request"][:-1]
    return _table(
        stays["request"][1:][again], stays["end_s"][:-1][again], stays["start_s"][1:][again]
    )


def _other_parts(result: Result) -> dict[str, NDArray[np.int32]]:
    """Ticks of the parts of TTFT that are neither queue nor prefill, of those that took time."""
    others = {
        part: ticks(seconds)
        for part, seconds in result.ttft_parts.items()
        if part not in ("queue", "prefill")
    }
    return {part: column for part, column in others.items() if (column > 0).any()}


def _table(whose: Any, start_s: Any, end_s: Any) -> NDArray[np.int32]:
    return np.stack([np.asarray(whose).astype(np.int32), ticks(start_s), ticks(end_s)], axis=1)


def _packed(table: NDArray[np.int32]) -> str:
    return base64.b64encode(table.T.astype("<i4").tobytes()).decode("ascii")


def cells(cluster: Cluster, cell_tokens: int) -> list[float]:
    """How many cells of so many tokens the KV-cache of each replica has.

    Examples
    --------
    >>> from inference_lab import AffineReplica
    >>> one = AffineReplica(prefill_s=(0, 1, 0), decode_s=(0, 0, 0), kv_capacity_tokens=9_000)
    >>> cells(Cluster(one, replicas=2), 2_048)
    [4.39, 4.39]
    """
    return [round(replica.kv_capacity_tokens / cell_tokens, 2) for replica in cluster.fleet]
