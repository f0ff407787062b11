"""C30: does a server have to choose between throughput and time per token?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from inference_lab.experiments.batching import TpotAtUsers
from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict, first_true


def batch_trades_tpot_for_throughput(points: Sequence[TpotAtUsers]) -> Verdict:
    """Claim C30: training wants throughput, inference TTFT and TPOT.

    They are two aims if a larger batch serves more tokens a second, and each user slower: then no
    batch is best for both.

    Parameters
    ----------
    points : sequence of TpotAtUsers
        Runs with more and more users.

    Raises
    ------
    ValueError
        If there are fewer than two runs, or users do not rise.
    """
    users = [point.users for point in points]
    if len(users) < 2 or users != sorted(set(users)):
        raise ValueError(f"points must hold at least two runs with rising users, not {users}")
    first, last = points[0], points[-1]
    throughput = last.output_tokens_per_s / first.output_tokens_per_s
    because = f"from {first.users} to {last.users} users throughput times {throughput:.1f}, "
    because += f"TPOT times {last.tpot_s / first.tpot_s:.1f}"
    traded = [
        after.output_tokens_per_s > before.output_tokens_per_s and after.tpot_s > before.tpot_s
        for before, after in itertools.pairwise(points)
    ]
    good = first_true([not each for each in traded])
    if good == len(traded):
        return Verdict(HOLDS, because)
    if good == 0:
        return Verdict(FAILS, because)
    return Verdict(f"holds if there are at most {users[good]} users", because)
