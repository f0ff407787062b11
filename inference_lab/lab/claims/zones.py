"""C24: whom the loss of a zone touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from inference_lab.experiments.zones import TPOT_SLO_S, TTFT_SLO_S, ZoneLost
from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict, first_true


def others_are_unaffected(runs: Mapping[float, Sequence[ZoneLost]]) -> Verdict:
    """Claim C24: replicas can be lost without affecting those who were not on them.

    They are unaffected when no request is lost, and the p99 of their TTFT and TPOT during the
    outage, averaged over the draws, stay within the limits.

    Parameters
    ----------
    runs : dict
        For each load, as a share of what the whole cluster can do, rising: its draws.

    Raises
    ------
    ValueError
        If there is no load, a load without draws, or they do not rise.
    """
    loads = list(runs)
    if not loads or loads != sorted(loads) or not all(runs.values()):
        raise ValueError(f"runs must hold draws at rising loads, not {runs!r}")
    kept, said = [], []
    for load, draws in runs.items():
        ttft_s = float(np.mean([each.p99_ttft_s for each in draws]))
        tpot_s = float(np.mean([each.p99_tpot_s for each in draws]))
        lost = sum(each.lost for each in draws)
        kept.append(ttft_s <= TTFT_SLO_S and tpot_s <= TPOT_SLO_S and not lost)
        said.append(f"{1e3 * ttft_s:.0f}/{1e3 * tpot_s:.1f} ms at {100 * load:.0f} %")
    because = f"p99 TTFT/TPOT {', '.join(said)}; limits {1e3 * TTFT_SLO_S:.0f}/"
    because += f"{1e3 * TPOT_SLO_S:.0f} ms"
    good = first_true([not each for each in kept])
    if good == len(kept):
        return Verdict(HOLDS, because)
    if good == 0:
        return Verdict(FAILS, because)
    return Verdict(f"holds if the load is at most {100 * loads[good - 1]:.0f} %", because)
