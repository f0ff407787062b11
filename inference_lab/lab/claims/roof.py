"""C34: is prefill bound by computing, and decode by the memory?"""

from __future__ import annotations

from collections.abc import Sequence

from inference_lab.experiments.roofline import Step
from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict, first_true


def prefill_is_compute_bound(prefills: Sequence[tuple[int, Step]], ridge: float) -> Verdict:
    """First half of claim C34: "prefill is FLOPs-heavy".

    Parameters
    ----------
    prefills : sequence of (int, Step)
        Prompt lengths, rising, and their prefills.
    ridge : float
        FLOP per byte above which the GPU's arithmetic is the limit.

    Raises
    ------
    ValueError
        If there is no prefill.
    """
    if not prefills:
        raise ValueError("prefills must hold at least one prompt length")
    (shortest, first), (longest, last) = prefills[0], prefills[-1]
    because = f"{first.intensity:,.0f} FLOP/B at prompt length {shortest:,}, "
    because += f"{last.intensity:,.0f} at {longest:,}; the ridge is {ridge:.0f}"
    short = len(prefills) - first_true([s.intensity < ridge for _, s in reversed(prefills)])
    if short == 0:
        return Verdict(HOLDS, because)
    if short == len(prefills):
        return Verdict(FAILS, because)
    return Verdict(f"holds if the prompt has at least {prefills[short][0]:,} tokens", because)


def decode_is_memory_bound(decodes: Sequence[tuple[int, Step]], ridge: float) -> Verdict:
    """Second half of claim C34: "decode is memory-bound".

    Parameters
    ----------
    decodes : sequence of (int, Step)
        Batches, rising, and their decode steps.
    ridge : float
        As for `prefill_is_compute_bound`.

    Raises
    ------
    ValueError
        If there is no decode step.
    """
    if not decodes:
        raise ValueError("decodes must hold at least one batch")
    (smallest, first), (largest, last) = decodes[0], decodes[-1]
    because = f"{first.intensity:,.0f} FLOP/B at batch {smallest}, "
    because += f"{last.intensity:,.0f} at {largest}; the ridge is {ridge:.0f}"
    bound = first_true([step.intensity >= ridge for _, step in decodes])
    if bound == len(decodes):
        return Verdict(HOLDS, because)
    if bound == 0:
        return Verdict(FAILS, because)
    return Verdict(f"holds if the batch is at most {decodes[bound - 1][0]}", because)
