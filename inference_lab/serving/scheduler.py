"""Schedulers: what the next iteration of a replica does.

A scheduler is a function of the replica's state; it admits and pre-empts through the state and
returns an `Iteration`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference_lab.serving.batch import Batch
from inference_lab.serving.sequence import Sequence


@dataclass(frozen=True)
class Iteration:
    """The work of one iteration.

    Parameters
    ----------
    chunks : list of (Sequence, int)
        Prompts to process, and how many tokens of each.
    decodes : list of Sequence
        Sequences that get one token each.
    """

    chunks: list[tuple[Sequence, int]]
    decodes: list[Sequence]


Scheduler = Callable[[Batch, Any], Iteration]
"""``scheduler(batch, token_budget)`` returns the next iteration; an empty one when nothing can
run."""


def nothing(batch: Batch, token_budget: int | None) -> Iteration:
    """A dead replica: whoever is there waits."""
    return Iteration([], [])


def continuous(batch: Batch, token_budget: int | None) -> Iteration:
    """Prefill while the head of the queue is admitted, else decode the whole batch by one token.

    A prefill iteration takes one prompt, or as many as fit a token budget.
    """
    chunks: list[tuple[Sequence, int]] = []
    tokens = 0
    while (token_budget is not None or not chunks) and batch.can_admit():
        tokens += batch.missing(batch.queue.head())
        if chunks and token_budget is not None and tokens > token_budget:
            break
        sequence = batch.admit()
        if not sequence.decoding:
            chunks.append((sequence, sequence.missing))
    if chunks:
        return Iteration(chunks, [])
    batch.make_room()
    return Iteration([], batch.decoding())


def chunked(batch: Batch, token_budget: int) -> Iteration:
    """One token for each decoding sequence, then chunks of prompts up to the budget, started ones
    first. A newcomer whose tokens are all present decodes at once, beyond the budget.

    Sarathi-Serve, arXiv:2403.02310, algorithm 3; the default of vLLM 1.
    """
    pre_empted = batch.make_room()
    left = token_budget - len(batch.decoding())
    chunks: list[tuple[Sequence, int]] = []
    started = [sequence for sequence in batch.running if not sequence.decoding]
    while left > 0:
        if started:
            sequence = started.pop(0)
        elif not pre_empted and batch.can_admit():
            sequence = batch.admit()
        else:
            break
        if not sequence.decoding:
            chunks.append((sequence, min(left, sequence.missing)))
            left -= chunks[-1][1]
    return Iteration(chunks, batch.decoding())  # those who joined just now, too


def static(batch: Batch, token_budget: int | None) -> Iteration:
    """When idle, prefill as many as fit together; then decode until all have ended: for
    contrast."""
    if batch.running:
        batch.make_room()
        return Iteration([], batch.decoding())
    chunks: list[tuple[Sequence, int]] = []
    while batch.can_admit():
        sequence = batch.admit()
        if not sequence.decoding:
            chunks.append((sequence, sequence.missing))
    return Iteration(chunks, [] if chunks else batch.decoding())


BY_NAME: dict[str, Scheduler] = {
    "continuous": continuous,
    "chunked": chunked,
    "static": static,
}
"""What each name of `inference_lab.physics.costs.SCHEDULERS` means to the reference engine."""
