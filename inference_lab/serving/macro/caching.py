"""What a prefix cache adds to a macro replica.

Within a stretch nobody is admitted or released, so who holds which hash does not change, and the
closed forms hold. Idle hashes leave one after the other as the batch grows; since nothing is looked
up in between, they all leave when somebody next looks (`settle`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from inference_lab.serving.macro import memory

if TYPE_CHECKING:
    from inference_lab.serving.macro.chain_cache import ChainCache
    from inference_lab.serving.macro.replica import MacroReplica


def settle(replica: MacroReplica, cache: ChainCache, steps: int) -> None:
    """Idle hashes that do not fit beside what is held after so many steps leave."""
    if cache.idle:
        cache.fit(replica.blocks - memory.held(replica, steps))


def gives_back(replica: MacroReplica, cache: ChainCache) -> bool:
    """Whether blocks become free as the running chunks end, even if nobody ends who decodes.

    They do if a prompt ends whose answer is one token, or whose blocks others have entered or enter
    together with it.
    """
    run, prefilling = replica.run, replica.prefilling
    entering: set[int] = set()
    for i, tokens in replica.chunks:
        goal = run.goals[i]
        if prefilling[i] + tokens < goal:
            continue
        if goal + 1 == run.totals[i] or cache.shares(i, entering):
            return True
    return False


def look_up(
    replica: MacroReplica,
    cache: ChainCache,
    i: int,
    tokens: int,
    free_blocks: Callable[[MacroReplica], int],
) -> int:
    """Hashes at the head of request `i` that are here.

    What is held stays, so what has left is worked out only if an idle hash was found, or if the
    host is asked next.
    """
    found, held = cache.find(i, tokens)
    if held < found or cache.host is not None:
        free = free_blocks(replica)
        if cache.leaving(free):
            cache.fit(free)
            found = cache.find(i, tokens)[0]
    return found


def start(replica: MacroReplica, cache: ChainCache, i: int) -> int:
    """Sequence `i` starts with what is cached of its prompt; returns the tokens that are not."""
    run = replica.run
    goal = run.goals[i]
    found = look_up(replica, cache, i, goal, memory.free_to_admit)
    fetched, fetch_s = cache.start(i, goal, found)
    tokens = (found + fetched) * cache.block_tokens
    replica.prefilling[i] = tokens
    replica.aside_blocks += run.goal_blocks[i]
    replica.queued_tokens -= tokens
    if tokens and run.queue_loads is not None:
        run.queue_loads.changed(replica)
    if goal == run.prompts[i]:
        run.log.cached[i] = tokens
    if fetch_s:
        replica.fetch_s[i] = fetch_s
    return goal - tokens


def missing(replica: MacroReplica, cache: ChainCache, i: int) -> int:
    """Tokens that a waiting sequence would have to prefill."""
    goal = replica.run.goals[i]
    found = look_up(replica, cache, i, goal, memory.free_to_admit)
    return goal - (found + cache.fetchable(i, goal, found)[0]) * cache.block_tokens


def charge_fetches(replica: MacroReplica) -> None:
    """The iteration that is charged as prefill began with fetching KV-cache from the host."""
    run = replica.run
    for i, fetch_s in replica.fetch_s.items():
        if run.goals[i] == run.prompts[i]:  # no token was handed out before
            run.prefill_s[i] -= fetch_s
            run.log.part("kv_transfer")[i] += fetch_s
    replica.fetch_s.clear()
