"""Who held a request up: the prompts and answers that it waited for, from the log of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference_lab.lab.replay import PAUSE_S, STAY, TICK_S, ReplayLog

TICKS_PER_MS = round(1e-3 / TICK_S)
AT_ONCE_MS = 1  # a shorter wait is none that anybody tells


@dataclass(frozen=True)
class HeldUp:
    """Why one request got its first token when it did.

    Parameters
    ----------
    wait, fetch, read : int
        Ticks in the queue, then until its KV-cache has come from the host, then from the first
        iteration that reads it to its first token.
    before : list of int
        Requests of its replica that were being read while it waited.
    beside : list of int
        Others that were read while it was, in the same iterations or between its chunks.
    answers : int
        Answers that its replica was writing when its own prompt began to be read.
    freed_by : int or None
        An answer that ended at that instant, if the wait is long and no prompt explains it.
    """

    wait: int
    fetch: int
    read: int
    before: list[int]
    beside: list[int]
    answers: int
    freed_by: int | None


def held_up(log: ReplayLog, request: int) -> HeldUp | None:
    """Look up who held a request up; None if it was not served."""
    if log["ttft"][request] < 0:
        return None
    whose = np.append(np.arange(len(log.requests)), log.earlier[:, 0])  # of each visit
    replica, starts, ends, finish = (
        np.append(log[name], log.earlier[:, STAY.index(name)])
        for name in ("replica", "read_from", "read_until", "finish")
    )
    queued, start, end = log["queued"][request], starts[request], ends[request]
    there = (replica == replica[request]) & (starts >= 0) & (whose != request)
    before = there & (starts < start) & (ends > queued)
    beside = there & (starts < end) & (ends > start)
    fetched = log.parts["kv_transfer"][request] if "kv_transfer" in log.parts else 0
    for_room = start - queued > PAUSE_S / TICK_S  # longer than any step of decoding alone
    ended = whose[there & (finish == start) & (ends < finish)]
    return HeldUp(
        wait=int(start - queued - fetched),
        fetch=int(fetched),
        read=int(end - start),
        before=whose[before].tolist(),
        beside=whose[beside].tolist(),
        answers=int((there & (ends <= start) & (finish > start)).sum()),
        freed_by=int(ended[0]) if len(ended) and for_room and not before.any() else None,
    )


def sentence(log: ReplayLog, request: int) -> str:
    """The same in words; the script of the view says it in the same words."""
    found = held_up(log, request)
    if found is None:
        return f"Request {request} is not served."
    tokens = log["prompt_tokens"]
    said = f"{_again(log, request)}On replica {log['replica'][request]} it "
    before = ""
    if found.wait >= AT_ONCE_MS * TICKS_PER_MS:
        before += f"waits {_ms(found.wait)} {_cause(found, tokens)}, then "
    if found.fetch:
        before += f"gets its KV-cache from the host in {_ms(found.fetch)}, then "
    said += f"{before}is read {'' if before else 'at once, '}in {_ms(found.read)}"
    if "cached_tokens" in log.more and (cached := log.more["cached_tokens"][request]):
        said += f" ({cached:,} of its {tokens[request]:,} tokens are cached)"
    if found.beside:
        said += f" together with {_prompts(found.beside, tokens)}"
    return said + "."


def _again(log: ReplayLog, request: int) -> str:
    """How often it was sent again, and where it was before."""
    times = int(log.more["retries"][request]) if "retries" in log.more else 0
    if not times:
        return ""
    before = log.earlier[log.earlier[:, 0] == request, STAY.index("replica")]
    lost = before[-1] if len(before) else log["replica"][request]
    often = "once" if times == 1 else f"{times} times"
    read = log["arrival"][request] + log["ttft"][request] <= log["queued"][request]
    return (
        f"Sent again {often}{' after its first token' if read else ''}: replica {lost} was lost. "
    )


def _cause(found: HeldUp, tokens: np.ndarray) -> str:
    if found.before:
        return f"behind {_prompts(found.before, tokens)}"
    if found.freed_by is not None:
        return f"until the answer of request {found.freed_by} ends and makes room"
    return f"for the next token of {found.answers:,} {_plural('answer', found.answers)}"


def _prompts(requests: list[int], tokens: np.ndarray) -> str:
    if len(requests) == 1:
        return f"request {requests[0]} ({tokens[requests[0]]:,} tokens)"
    longest = max(requests, key=lambda i: (tokens[i], -i))
    total = int(tokens[requests].sum())
    most = f"the longest: request {longest}, {tokens[longest]:,}"
    return f"{len(requests)} prompts with {total:,} tokens together ({most})"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _ms(ticks: int) -> str:
    return f"{(ticks + TICKS_PER_MS // 2) // TICKS_PER_MS:,} ms"  # half up, as the script does
