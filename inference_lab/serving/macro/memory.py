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
    fit = fits(replica, steps, _needs(replica, steps, replica.queue.head()))
    return None if fit else "memory"


def _needs(replica: MacroReplica, steps: int, i: int) -> int:
    """Blocks that a waiting sequence needs beside those that others hold already."""
    run, cache = replica.run, replica.cache
    if cache is None or i in run.present:
        return run.goal_blocks[i]
    leaving = cache.leaving(replica.blocks - held(replica, steps))
    return run.goal_blocks[i] - cache.find(i, run.goals[i], leaving)[1] * cache.blocks_each


def fits(replica: MacroReplica, steps: int, more_blocks: int) -> bool:
    """Whether the memory holds all that is admitted, after so many steps, and more blocks."""
    free = replica.blocks - reserved(replica) - more_blocks
    if not steps:
        free -= replica.early_blocks
    # At most (s + 15) / 16 blocks hold s tokens; each stores its context - 1 + steps: hence 14.
    if replica.context + (steps + BLOCK_TOKENS - 2) * replica.batch <= BLOCK_TOKENS * free:
        return True
    return decoding(replica, steps) <= free


def reserved(replica: MacroReplica) -> int:
    """Blocks of the prompts in their prefill, less those that sharing saves to all; and of KV-cache
    that moves."""
    blocks, goal_blocks, cache = replica.aside_blocks, replica.run.goal_blocks, replica.cache
    for i in replica.prefilling:  # at most a few, so a loop beats `sum`
        blocks += goal_blocks[i]
    return blocks if cache is None else blocks - cache.shared * cache.blocks_each


def decoding(replica: MacroReplica, steps: int) -> int:
    """Blocks of the decoding sequences after so many more steps, counted."""
    return occupancy(replica).blocks(replica.decoded + steps)


def occupancy(replica: MacroReplica) -> Occupancy:
    """The count of the decoding sequences: made when it is first asked for, then kept."""
    if replica.counted is None:
        totals = replica.run.totals
        replica.counted = Occupancy(totals[i] - 1 - end for i, end in replica.running.items())
    return replica.counted


def held(replica: MacroReplica, steps: int) -> int:
    """Blocks that somebody holds after so many steps of the running stretch."""
    counted = replica.counted or occupancy(replica)
    blocks = counted.blocks(replica.decoded + steps)
    if replica.prefilling or replica.aside_blocks or replica.cache is not None:
        blocks += reserved(replica)
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
