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

from inference_lab.lab.visits import Visits, visits_of
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

STAY = ("request", "replica", "queued", "read_from", "read_until", "finish", "left")
"""Of an earlier visit; ``finish`` is when its KV-cache was gone."""

NAMED = ("parts", "more")
MORE = ("cached_tokens", "retries")
ROUNDED = 2  # ticks by which a difference of two rounded times may be off

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
    earlier : array of int32, shape (s, 7)
        `STAY` of each visit that is not in `requests`: of requests that were sent back to the
        gateway, or left a queue before they were read.
    parts : dict of str to array of int32, shape (n,)
        Ticks of the parts of TTFT that the times above do not tell, by their names.
    more : dict of str to array of int32, shape (n,)
        What only some runs have: ``cached_tokens``, ``retries``, and ``tenant``, its place in
        ``result.tenants``.
    """

    requests: NDArray[np.int32]
    readings: NDArray[np.int32]
    pauses: NDArray[np.int32]
    away: NDArray[np.int32]
    earlier: NDArray[np.int32]
    parts: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    more: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)

    def __getitem__(self, column: str) -> NDArray[np.int32]:
        return self.requests[:, COLUMNS.index(column)]

    def packed(self) -> dict[str, Any]:
        """The tables column by column as little-endian int32 in base64.

        Of `parts` and `more`, a column with one value is that value.
        """
        held = vars(self)
        tables = {name: _packed(table) for name, table in held.items() if name not in NAMED}
        return tables | {
            name: {
                key: int(column[0]) if (column == column[0]).all() else _packed(column)
                for key, column in held[name].items()
            }
            for name in NAMED
        }

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
    visits = visits_of(rows)
    told = visits.last & ~np.isnan(visits.read_from_s)
    requests = np.full((n, len(COLUMNS)), -1, np.int32)
    requests[:, :4] = np.stack(
        [
            ticks(result.arrival_s),
            result.prompt_tokens,
            result.output_tokens,
            result.replica,
        ],
        axis=1,
    )
    requests[visits.request[told], 4:8] = _times(visits[told])[:, 2:6]
    requests[:, 8] = ticks(result.ttft_s)
    readings = spans[own & (spans["part"] == "prefill")]
    return ReplayLog(
        requests,
        _table(readings["replica"], readings["start_s"], readings["end_s"]),
        _pauses(rows[rows["part"] == "prefill"], result, cluster),
        _away(rows[rows["part"] == "decode"]),
        _times(visits[~told]),
        _parts(result, requests),
        _more(result),
    )


def ticks(seconds: NDArray[np.float64]) -> NDArray[np.int32]:
    """Seconds as ticks, -1 for nan."""
    return np.where(np.isnan(seconds), -1, np.rint(np.nan_to_num(seconds) / TICK_S)).astype(
        np.int32
    )


def _times(visits: Visits) -> NDArray[np.int32]:
    """`STAY` of each visit."""
    times = [
        ticks(seconds)
        for seconds in (
            visits.queued_s,
            visits.read_from_s,
            visits.read_until_s,
            visits.held_until_s,
            visits.left_s,
        )
    ]
    columns = [visits.request.astype(np.int32), visits.replica.astype(np.int32), *times]
    return np.stack(columns, axis=1)


def _pauses(reads: NDArray[Any], result: Result, cluster: Cluster) -> NDArray[np.int32]:
    """Readings whose iterations last longer than `PAUSE_S` each, overlapping ones joined."""
    whole = np.inf  # a scheduler without chunks reads a prompt in one iteration
    budgets = [
        budget if scheduler == "chunked" else whole
        for scheduler, budget in map(cluster.service, cluster.fleet)
    ]
    tokens = (result.prompt_tokens - result.cached_tokens)[reads["request"]]
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
    again = (stays["request"][1:] == stays["request"][:-1]) & (
        stays["replica"][1:] == stays["replica"][:-1]
    )
    return _table(
        stays["request"][1:][again], stays["end_s"][:-1][again], stays["start_s"][1:][again]
    )


def _parts(result: Result, requests: NDArray[np.int32]) -> dict[str, NDArray[np.int32]]:
    """Ticks of the parts that took time; queue and prefill where the last visit is not all."""
    columns = {part: ticks(seconds) for part, seconds in result.ttft_parts.items()}
    _, _, _, _, queued, start, end, _, _ = requests.T
    told = {"queue": start - queued, "prefill": end - start}
    served = requests[:, 8] >= 0
    same = {
        part: (np.abs(columns[part] - ticks_)[served] <= ROUNDED).all()
        for part, ticks_ in told.items()
    }
    if all(same.values()):
        columns = {part: column for part, column in columns.items() if part not in told}
    return {part: column for part, column in columns.items() if (column > 0).any()}


def _more(result: Result) -> dict[str, NDArray[np.int32]]:
    columns = {name: getattr(result, name).astype(np.int32) for name in MORE}
    if result.tenant is not None:
        places = {tenant: place for place, tenant in enumerate(result.tenants)}
        columns["tenant"] = np.array([places[tenant] for tenant in result.tenant], np.int32)
    return {name: column for name, column in columns.items() if column.any()}


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
