"""The memory of a macro replica: what its sequences hold, and whether more fits.

A sequence of context c stores c - 1 tokens between two steps and one more with each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_lab.serving.kv_cache import BLOCK_TOKENS
from inference_lab.serving.macro.occupancy import Occupancy
from inference_lab.serving.macro.running import running_step

if TYPE_CHECKING:
    from inference_lab.serving.macro.replica import MacroReplica


def kept_out(replica: MacroReplica, steps: int) -> str | None:
    """The limit that keeps the head of the queue out after so many steps, if one does."""
    admitted = replica.batch + len(replica.prefilling)
    if admitted < replica.roomy:
        return None
    if admitted + replica.aside_places >= replica.max_batch:
        return "max_batch"
    i = replica.queue.head()
    if surely_fits(replica, steps, replica.run.goal_blocks[i]):
        return None
    return None if fits(replica, steps, _needs(replica, steps, i)) else "memory"


def _needs(replica: MacroReplica, steps: int, i: int) -> int:
    """Blocks that a waiting sequence needs beside those that others hold already."""
    run, cache = replica.run, replica.cache
    if cache is None or i in run.present:
        return run.goal_blocks[i]
    leaving = cache.leaving(replica.blocks - held(replica, steps))
    return run.goal_blocks[i] - cache.find(i, run.goals[i], leaving)[1] * cache.blocks_each


def fits(replica: MacroReplica, steps: int, more_blocks: int) -> bool:
    """Whether the memory holds all that is admitted, after so many steps, and more blocks."""
    if surely_fits(replica, steps, more_blocks):
        return True
    return held(replica, steps) + more_blocks <= replica.blocks


def surely_fits(replica: MacroReplica, steps: int, more_blocks: int) -> bool:
    """The same by a bound, without counting: what it says fits, does fit."""
    free = replica.blocks - reserved(replica) - more_blocks
    if not steps:
        free -= replica.early_blocks
    # At most (s + 15) / 16 blocks hold s tokens; each stores its context - 1 + steps: hence 14.
    return replica.context + (steps + BLOCK_TOKENS - 2) * replica.batch <= BLOCK_TOKENS * free


def reserved(replica: MacroReplica) -> int:
    """Blocks that are set aside, less those that sharing saves to all."""
    cache = replica.cache
    if cache is None:
        return replica.aside_blocks
    return replica.aside_blocks - cache.shared * cache.blocks_each


def occupancy(replica: MacroReplica) -> Occupancy:
    """The count of the decoding sequences: made when it is first asked for, then kept."""
    if replica.counted is None:
        totals = replica.run.totals
        replica.counted = Occupancy(totals[i] - 1 - end for i, end in replica.running.items())
    return replica.counted


def held(replica: MacroReplica, steps: int) -> int:
    """Blocks that somebody holds after so many steps of the running stretch."""
    counted = replica.counted or occupancy(replica)
    blocks = counted.blocks(replica.decoded + steps) + reserved(replica)
    return blocks if steps else blocks + replica.early_blocks


def free_to_admit(replica: MacroReplica) -> int:
    """Blocks that nobody holds when the head of the queue is about to start."""
    return replica.blocks - held(replica, replica.table.steps_first)


def free_blocks(replica: MacroReplica) -> int:
    """Blocks that nobody holds now, with those of the running step taken.

    Counted once for each question to a router, which may ask for it in two ways.
    """
    gateway = replica.run.gateway
    question = gateway.question
    if question and question == replica.seen[0]:
        return replica.seen[1]
    steps = replica.steps
    if steps > 1 or (steps and replica.next_s <= gateway.now_s):
        steps = running_step(replica, gateway.now_s)[0]
    free = replica.blocks - held(replica, steps)
    replica.seen = (question, free)
    return free
