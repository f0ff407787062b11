"""C31: is the time to the first token prefill, or queue?"""

from __future__ import annotations

from collections.abc import Sequence

from inference_lab.experiments.queue import TtftAtLoad
from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict, first_true


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
        If there is no run, or loads do not rise.
    """
    loads = [point.load for point in points]
    if not loads or loads != sorted(loads):
        raise ValueError(f"points must hold runs at rising loads, not at {loads}")
    shares = [p.p99_queue_share if tail else p.mean_queue_share for p in points]
    because = f"queue in it: {100 * shares[0]:.0f} % at load {100 * loads[0]:.0f} %, "
    because += f"{100 * shares[-1]:.0f} % at load {100 * loads[-1]:.0f} %"
    good = first_true([share > 0.5 for share in shares])
    if good == len(shares):
        return Verdict(HOLDS, because)
    if good == 0:
        return Verdict(FAILS, because)
    return Verdict(f"holds if the load is at most {100 * loads[good - 1]:.0f} %", because)
