"""What a replica of the macro-step engine starts next: the policies of `serving.scheduler`, by
event.

Each starts at most one iteration or stretch.
"""

from __future__ import annotations

from collections.abc import Callable

from inference_lab.serving.macro.replica import MacroReplica


def continuous(replica: MacroReplica, now_s: float) -> None:
    """Prefill while the oldest waiting sequence is admitted, else decode."""
    if replica.waiting and replica.can_admit(now_s):
        chunks = [replica.admit()]
        first = chunks[0][1]
        budget = replica.run.cluster.token_budget
        if budget is None:
            replica.process(now_s, chunks, replica.table.prompt_s[first])
            return
        left = budget - first
        while replica.can_admit(now_s):
            left -= replica.run.goals[replica.waiting[0]]
            if left < 0:
                break
            chunks.append(replica.admit())
        replica.process(now_s, chunks, prompts_s(replica, chunks))
    elif replica.batch:
        replica.decode(now_s)


def static(replica: MacroReplica, now_s: float) -> None:
    """When idle, prefill as many as fit together; then decode until all have ended."""
    if replica.batch:
        replica.decode(now_s)
        return
    chunks = []
    while replica.can_admit(now_s):
        chunks.append(replica.admit())
    if chunks:
        replica.process(now_s, chunks, prompts_s(replica, chunks))


def chunked(replica: MacroReplica, now_s: float) -> None:
    """One token for each decoding sequence, and chunks of prompts in what is left of the budget.

    The batch takes its blocks for the coming step before a prompt is admitted.
    """
    pre_empted = replica.make_room()
    left = replica.run.cluster.token_budget - replica.batch
    run, chunks = replica.run, []
    for i, done in replica.prefilling.items():
        if left <= 0:
            break
        chunks.append((i, min(left, run.goals[i] - done)))
        left -= chunks[-1][1]
    while left > 0 and not pre_empted and replica.can_admit(now_s, steps=1):
        i, tokens = replica.admit()
        chunks.append((i, min(left, tokens)))
        left -= chunks[-1][1]
    if chunks:
        done = [(replica.prefilling[i], tokens) for i, tokens in chunks]
        seconds = replica.table.iteration_s(done, replica.batch, replica.context)
        replica.steps = 1 if replica.batch else 0
        replica.process(now_s, chunks, seconds)
    elif replica.batch:
        replica.decode(now_s, pre_empted)


def prompts_s(replica: MacroReplica, chunks: list[tuple[int, int]]) -> float:
    """Seconds to prefill whole prompts."""
    if len(chunks) == 1:
        return replica.table.prompt_s[chunks[0][1]]
    return replica.table.iteration_s([(0, tokens) for _, tokens in chunks], 0, 0)


def newcomer_to_continuous(replica: MacroReplica, now_s: float) -> None:
    """A request has joined the queue while a stretch runs: end that early if it can start."""
    if replica.steps > 1 and len(replica.waiting) == 1:
        replica.interrupt(now_s)


def newcomer_to_chunked(replica: MacroReplica, now_s: float) -> None:
    """The same; the batch takes its blocks and tokens first."""
    tokens_left = replica.run.cluster.token_budget - replica.batch
    if replica.steps > 1 and len(replica.waiting) == 1 and tokens_left > 0:
        replica.interrupt(now_s, step_first=True)


def newcomer_to_static(replica: MacroReplica, now_s: float) -> None:
    """Waits until all have ended."""


Policy = Callable[[MacroReplica, float], None]

SCHEDULERS: dict[str, tuple[Policy, Policy]] = {
    "continuous": (continuous, newcomer_to_continuous),
    "chunked": (chunked, newcomer_to_chunked),
    "static": (static, newcomer_to_static),
}
"""What to start at the end of an instant, and what to do about a newcomer during a stretch."""
