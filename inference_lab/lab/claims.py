"""Verdicts on the claims of the text, each computed from a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .experiments import TtftAtLoad
from .roofline import Step

HOLDS, FAILS = "holds", "does not hold"


@dataclass(frozen=True)
class Verdict:
    """What a run says of a claim.

    Parameters
    ----------
    verdict : str
        ``"holds"``, ``"holds if ..."`` or ``"does not hold"``.
    because : str
        The figures that it rests on.
    """

    verdict: str
    because: str

    def __str__(self) -> str:
        return f"{self.verdict} ({self.because})"


def ttft_is_mostly_prefill(points: Sequence[TtftAtLoad], tail: bool) -> Verdict:
    """What we test of claim C31, "TTFT depends on prefill speed": is TTFT mostly prefill, or queue?

    Mostly prefill is at least half. (A faster GPU shortens the queue as well.)

    Parameters
    ----------
    points : sequence of TtftAtLoad
        Runs at rising loads.
    tail : bool
        Judge the p99 instead of the mean.

    Raises
    ------
    ValueError
        When there is no run, or loads do not rise.
    """
    loads = [point.load for point in points]
    if not loads or loads != sorted(loads):
        raise ValueError(f"points must hold runs at rising loads, not at {loads}")
    shares = [p.p99_queue_share if tail else p.mean_queue_share for p in points]
    because = f"queue in it: {100 * shares[0]:.0f} % at load {100 * loads[0]:.0f} %, "
    because += f"{100 * shares[-1]:.0f} % at load {100 * loads[-1]:.0f} %"
    good = _first([share > 0.5 for share in shares])
    if good == len(shares):
        return Verdict(HOLDS, because)
    if good == 0:
        return Verdict(FAILS, because)
    return Verdict(f"holds if the load is at most {100 * loads[good - 1]:.0f} %", because)


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
        When there is no prefill.
    """
    if not prefills:
        raise ValueError("prefills must hold at least one prompt length")
    (shortest, first), (longest, last) = prefills[0], prefills[-1]
    because = f"{first.intensity:,.0f} FLOP/B at prompt length {shortest:,}, "
    because += f"{last.intensity:,.0f} at {longest:,}; the ridge is {ridge:.0f}"
    short = len(prefills) - _first([s.intensity < ridge for _, s in reversed(prefills)])
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
        When there is no decode step.
    """
    if not decodes:
        raise ValueError("decodes must hold at least one batch")
    (smallest, first), (largest, last) = decodes[0], decodes[-1]
    because = f"{first.intensity:,.0f} FLOP/B at batch {smallest}, "
    because += f"{last.intensity:,.0f} at {largest}; the ridge is {ridge:.0f}"
    bound = _first([step.intensity >= ridge for _, step in decodes])
    if bound == len(decodes):
        return Verdict(HOLDS, because)
    if bound == 0:
        return Verdict(FAILS, because)
    return Verdict(f"holds if the batch is at most {decodes[bound - 1][0]}", because)


def _first(flags: list[bool]) -> int:
    """The index of the first true flag; the length when there is none."""
    return flags.index(True) if True in flags else len(flags)
