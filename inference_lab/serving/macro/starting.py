"""What a replica starts: a stretch of decode steps up to the next event, or one iteration over
prompts."""

from __future__ import annotations

from heapq import heappush
from math import ceil
from typing import TYPE_CHECKING

from inference_lab.serving.macro import memory

if TYPE_CHECKING:
    from inference_lab.serving.macro.replica import Chunks, MacroReplica


def decode(replica: MacroReplica, now_s: float, one_step: bool = False) -> None:
    """Start a stretch: to the next completion, change of regime or lack of blocks.

    After a pre-emption it is one step long: memory became free after admission was tried. Else
    nobody can start before the stretch ends, since the batch stays and its blocks only grow.
    """
    batch = replica.batch
    steps = replica.finishing[0][0] - replica.decoded
    if batch + len(replica.prefilling) > replica.roomy and not memory.fits(replica, steps, 0):
        if replica.make_room(now_s):
            if replica.batch:  # else what is on its way here left nobody room
                decode(replica, now_s, one_step=True)
            return
        free = replica.blocks - memory.reserved(replica)
        steps = memory.occupancy(replica).steps_within(free, replica.decoded, steps)
    if one_step:
        steps = 1
    context = replica.context
    for start, slope, until in replica.table.decode_regimes[batch]:  # noqa: B007
        if context < until:
            break
    if until < context + steps * batch:
        steps = ceil((until - context) / batch)  # those that begin below `until`
    replica.steps, replica.started_s = steps, now_s
    replica.first_s = first_s = start + slope * context
    replica.growth_s = growth_s = slope * batch
    last_s = first_s + (steps - 1) * growth_s
    replica.next_s = ends_s = now_s + steps * (first_s + last_s) / 2
    heappush(replica.run.events, (ends_s, replica.index))


def process(replica: MacroReplica, now_s: float, chunks: Chunks, seconds: float) -> None:
    """Start one iteration over prompts; `steps` is 1 if the batch decodes with it."""
    replica.chunks = chunks
    replica.started_s, replica.first_s, replica.growth_s = now_s, seconds, 0.0
    replica.next_s = now_s + seconds
    heappush(replica.run.events, (replica.next_s, replica.index))
