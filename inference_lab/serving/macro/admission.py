"""Admission: whether the head of a macro replica's queue may start, and with how much."""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING

from inference_lab.serving.kv_cache import blocks_for
from inference_lab.serving.macro import caching
from inference_lab.serving.macro.memory import kept_out

if TYPE_CHECKING:
    from inference_lab.serving.macro.replica import MacroReplica


def can_admit(replica: MacroReplica, now_s: float, steps: int = 0) -> bool:
    """Whether the head of the queue may start after `steps` more steps.

    Nobody overtakes it. One whose client has given up is dropped when its turn comes.
    """
    run, queue = replica.run, replica.queue
    deadline_s = run.deadline_s
    while queue:
        limit = kept_out(replica, steps)
        if limit is not None:
            run.log.held_up[limit].add(queue.head())
            return False
        if deadline_s is None or deadline_s[queue.head()] >= now_s:
            return True
        i = queue.drop()
        replica.outstanding -= 1
        replica.queued_tokens -= run.goals[i]
        run.gave_up.append(i)
    return False


def tell_tried(replica: MacroReplica, now_s: float) -> None:
    """Mark who was to be tried at a boundary of the running stretch, if that lies before now.

    The stretch goes on there, so nobody else asks. Until then another one may have become the head
    of the queue, or the replica may have died.
    """
    if replica.tried is not None:
        at_s, limit, head = replica.tried
        replica.tried = None
        if at_s < now_s:
            replica.run.log.held_up[limit].add(head)


def start_with(replica: MacroReplica, present: int, i: int) -> int:
    """Start sequence `i`, some of whose tokens are present; returns how many are not."""
    run = replica.run
    goal = run.goals[i]
    replica.queued_tokens -= present
    if run.queue_loads is not None:
        run.queue_loads.changed(replica)
    if present < goal:
        replica.prefilling[i] = present
        replica.aside_blocks += run.goal_blocks[i]
        return goal - present
    join(replica, i)
    return 0


def join(replica: MacroReplica, i: int) -> None:
    """Sequence `i` decodes without a prefill, and holds the blocks of its next step already."""
    run = replica.run
    goal = run.goals[i]
    replica.early_blocks += blocks_for(goal) - blocks_for(goal - 1)
    replica.running[i] = finish = replica.decoded + run.totals[i] - goal
    heappush(replica.finishing, (finish, i))
    if replica.counted is not None:
        replica.counted.join(run.totals[i] - 1 - finish)
    replica.batch += 1
    replica.context += goal
    run.since[i] = len(replica.stretches_s)


def missing(replica: MacroReplica, i: int) -> int:
    """Tokens that a waiting sequence has to prefill."""
    if replica.cache is not None and i not in replica.run.present:
        return caching.missing(replica, replica.cache, i)
    return replica.run.goals[i] - replica.run.present.get(i, 0)
