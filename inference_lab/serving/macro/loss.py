"""Loss: sequences lose their KV-cache when memory lacks or their replica dies, never a token."""

from __future__ import annotations

from heapq import heapify
from math import inf
from typing import TYPE_CHECKING

from inference_lab.serving.kv_cache import blocks_for
from inference_lab.serving.macro.admission import tell_tried
from inference_lab.serving.macro.caching import settle
from inference_lab.serving.macro.running import ended_steps

if TYPE_CHECKING:
    from inference_lab.serving.macro.replica import MacroReplica


def pre_empt(replica: MacroReplica) -> int:
    """Whom the queue says loses its KV-cache and goes back to it; returns its index."""
    cache = replica.cache
    if cache is not None:
        settle(replica, cache, 0)
    i = replica.queue.victim([*replica.running, *replica.prefilling])
    if i in replica.prefilling:
        replica.queued_tokens += replica.prefilling.pop(i)
        replica.aside_blocks -= replica.run.goal_blocks[i]
    else:
        finish = replica.running.pop(i)
        if replica.counted is not None:
            replica.counted.leave(replica.run.totals[i] - 1 - finish)
        replica.finishing.remove((finish, i))
        heapify(replica.finishing)
        tokens = _lose(replica, i, finish)
        replica.batch -= 1
        replica.context -= tokens
        replica.queued_tokens += tokens
    if cache is not None:
        cache.release(i)
    replica.queue.push_front(i)
    replica.run.log.preempt(i)
    return i


def clear(replica: MacroReplica, now_s: float) -> list[int]:
    """Everybody loses the KV-cache and leaves; returns who, in order of index.

    Steps that have ended by now count, the running one is void.
    """
    tell_tried(replica, now_s)
    steps, ends_s = ended_steps(replica, now_s)
    if steps:
        tokens = replica.batch * steps
        replica.decoded += steps
        replica.context += tokens
        replica.run.log.tokens += tokens
        last_s = replica.first_s + (steps - 1) * replica.growth_s
        replica.stretches_s.extend((replica.started_s + replica.first_s, last_s, ends_s))
    for i, finish in replica.running.items():
        _lose(replica, i, finish)
    here = sorted([*replica.queue, *replica.prefilling, *replica.running])
    for held in (replica.queue, replica.prefilling, replica.running, replica.finishing):
        held.clear()
    replica.chunks, replica.counted = [], None
    replica.fetch_s.clear()
    if replica.cache is not None:
        replica.cache.clear()
    replica.steps = replica.batch = replica.context = replica.early_blocks = 0
    replica.outstanding = replica.queued_tokens = replica.aside_blocks = 0
    replica.next_s = inf
    if replica.run.loads is not None:
        replica.run.loads.changed(replica)
    return here


def _lose(replica: MacroReplica, i: int, finish: int) -> int:
    """A decoding sequence has to prefill again all its tokens; returns how many."""
    run = replica.run
    tokens = run.totals[i] - (finish - replica.decoded)
    run.goals[i], run.goal_blocks[i] = tokens, blocks_for(tokens)
    until = len(replica.stretches_s)
    if run.since[i] < until:
        run.spells.append((i, replica.index, run.since[i], until, run.last_token_s[i]))
        run.last_token_s[i] = replica.stretches_s[-1]
    return tokens
