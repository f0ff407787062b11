"""What a replica of the macro-step engine starts next: the policies of `serving.scheduler`, by
event.

Each starts at most one iteration or stretch.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import TYPE_CHECKING, Any

from inference_lab.serving.macro.admission import can_admit, missing, tell_tried
from inference_lab.serving.macro.memory import kept_out
from inference_lab.serving.macro.running import running_step
from inference_lab.serving.macro.starting import decode, process

if TYPE_CHECKING:
    from inference_lab.serving.macro.replica import Chunks, MacroReplica


def nothing(replica: MacroReplica, now_s: float) -> None:
    """A dead replica: whoever is there waits."""


def continuous(replica: MacroReplica, now_s: float) -> None:
    """Prefill while the head of the queue is admitted, else decode."""
    while replica.queue and can_admit(replica, now_s):
        i, tokens = first = replica.admit()
        if tokens:  # else it decodes already
            budget = replica.table.token_budget
            if budget is None and not replica.prefilling[i]:
                process(replica, now_s, [first], replica.table.prompt_s[tokens])
                return
            chunks = [first]
            if budget is not None:
                chunks += within(budget - tokens, replica, now_s)
            process(replica, now_s, chunks, iteration_s(replica, chunks))
            return
    if replica.batch:
        decode(replica, now_s)


def within(left: int, replica: MacroReplica, now_s: float) -> Chunks:
    """More prompts, as long as they fit `left` tokens."""
    chunks = []
    while can_admit(replica, now_s):
        left -= missing(replica, replica.queue.head())
        if left < 0:
            break
        chunk = replica.admit()
        if chunk[1]:
            chunks.append(chunk)
    return chunks


def static(replica: MacroReplica, now_s: float) -> None:
    """When idle, prefill as many as fit together; then decode until all have ended."""
    chunks = []
    if not replica.batch:
        while can_admit(replica, now_s):
            chunk = replica.admit()
            if chunk[1]:
                chunks.append(chunk)
    if chunks:
        process(replica, now_s, chunks, iteration_s(replica, chunks))
    elif replica.batch:
        decode(replica, now_s)


def chunked(replica: MacroReplica, now_s: float) -> None:
    """One token for each decoding sequence, and chunks of prompts in what is left of the budget.

    The batch takes its blocks for the coming step before a prompt is admitted.
    """
    pre_empted = replica.make_room(now_s)
    left: int = replica.table.token_budget - replica.batch  # type: ignore[operator] # it has one
    run, chunks = replica.run, []
    for i, done in replica.prefilling.items():
        if left <= 0:
            break
        chunks.append((i, min(left, run.goals[i] - done)))
        left -= chunks[-1][1]
    while replica.queue and left > 0 and not pre_empted and can_admit(replica, now_s, steps=1):
        i, tokens = replica.admit()
        if tokens:
            chunks.append((i, min(left, tokens)))
            left -= chunks[-1][1]
    if chunks:
        replica.steps = 1 if replica.batch else 0
        seconds = iteration_s(replica, chunks, replica.batch, replica.context)
        process(replica, now_s, chunks, seconds)
    elif replica.batch:
        decode(replica, now_s, pre_empted)


def iteration_s(
    replica: MacroReplica, chunks: Chunks, batch: int = 0, context_tokens: int = 0
) -> float:
    """Seconds of an iteration over prompts, of some of which tokens are there already."""
    done = [(replica.prefilling[i], tokens) for i, tokens in chunks]
    seconds = replica.table.iteration_s(done, batch, context_tokens)
    return seconds + sum(replica.fetch_s.values()) if replica.fetch_s else seconds


def cut_short(replica: MacroReplica, now_s: float, step_first: bool = False) -> None:
    """End the running stretch with its present step, if the head of the queue can then start.

    With `step_first`, the batch takes its blocks for one more step before that. Nothing has to be
    undone: what a stretch leaves behind is written at its end, from `steps`. The old end stays in
    the calendar and is ignored when it comes, as `next_s` differs.
    """
    steps, ends_s = running_step(replica, now_s)
    if steps == replica.steps:
        return
    tell_tried(replica, ends_s)
    limit = kept_out(replica, steps + step_first)
    if limit is not None:
        replica.tried = ends_s, limit, replica.queue.head()
        return
    replica.steps, replica.next_s = steps, ends_s
    heappush(replica.run.events, (ends_s, replica.index))


def newcomer_to_chunked(replica: MacroReplica, now_s: float) -> None:
    """The batch takes its blocks and tokens first."""
    if replica.table.token_budget > replica.batch:  # type: ignore[operator] # it has one
        cut_short(replica, now_s, step_first=True)


def newcomer_to_static(replica: MacroReplica, now_s: float) -> None:
    """Waits until all have ended."""


Policy = Callable[[Any, float], None]

BY_NAME: dict[str, tuple[Policy, Policy]] = {
    "continuous": (continuous, cut_short),
    "chunked": (chunked, newcomer_to_chunked),
    "static": (static, newcomer_to_static),
}
"""By name of `inference_lab.physics.costs.SCHEDULERS`: what to start at the end of an instant, and
what to do when a newcomer heads the queue during a stretch."""
