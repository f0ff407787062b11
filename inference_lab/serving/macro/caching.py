"""What a prefix cache adds to a macro replica.

Within a stretch nobody is admitted or released, so who holds which hash does not change, and the
closed forms hold. Idle hashes leave one after the other as the batch grows; since nothing is looked
up in between, they all leave when somebody next looks (`settle`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_lab.serving.macro import memory

if TYPE_CHECKING:
    from inference_lab.serving.macro.chain_cache import ChainCache
    from inference_lab.serving.macro.replica import MacroReplica


def settle(replica: MacroReplica, cache: ChainCache, steps: int) -> None:
    """Idle hashes that do not fit beside what is held after so many steps leave."""
    if cache.idle:
        cache.fit(replica.blocks - memory.held(replica, steps))


def cached_tokens(replica: MacroReplica, cache: ChainCache, i: int, tokens: int) -> int:
    """Tokens of request `i` that are here now."""
    found, held = cache.find(i, tokens)
    if held < found:  # what is held stays; of the idle ones, some may have to leave
        free_blocks = memory.free_blocks(replica)
        if cache.leaving(free_blocks):
            cache.fit(free_blocks)
            found = cache.find(i, tokens)[0]
    return found * cache.block_tokens


def start(replica: MacroReplica, cache: ChainCache, i: int) -> int:
    """Sequence `i` starts with what is cached of its prompt; returns the tokens that are not."""
    run = replica.run
    goal = run.goals[i]
    settle(replica, cache, replica.table.steps_first)
    found, fetched, fetch_s = cache.start(i, goal)
    tokens = (found + fetched) * cache.block_tokens
    replica.prefilling[i] = tokens
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
    settle(replica, cache, replica.table.steps_first)
    found, _ = cache.find(i, goal)
    return goal - (found + cache.fetchable(i, goal, found)[0]) * cache.block_tokens


def charge_fetches(replica: MacroReplica) -> None:
    """The iteration that is charged as prefill began with fetching KV-cache from the host."""
    run = replica.run
    for i, fetch_s in replica.fetch_s.items():
        if run.goals[i] == run.prompts[i]:  # no token was handed out before
            run.prefill_s[i] -= fetch_s
            run.log.part("kv_transfer")[i] += fetch_s
    replica.fetch_s.clear()
