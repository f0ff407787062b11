"""C37: when is it the network that a user waits for?"""

from __future__ import annotations

from collections.abc import Sequence

from inference_lab.experiments.network import Situation
from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict


def network_dominates_only_if_kv_moves(situations: Sequence[Situation]) -> Verdict:
    """Claim C37: the network dominates only when KV-cache moves between replicas.

    It dominates when it is more than half of the time to the first token.

    Parameters
    ----------
    situations : sequence of Situation
        What is looked at; at least one.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not situations:
        raise ValueError("situations must hold at least one")
    others = [s for s in situations if s.network_share > 0.5 and not s.kv_moves]
    below = [s for s in situations if s.network_share <= 0.5 and s.kv_moves]
    said = [f"it dominates without a KV transfer: {_shares(others)}"] if others else []
    said += [f"it does not dominate in spite of one: {_shares(below)}"] if below else []
    return Verdict(FAILS if others else HOLDS, "; ".join(said) or "only where KV-cache moves")


def _shares(situations: Sequence[Situation]) -> str:
    return ", ".join(f"{s.name} {100 * s.network_share:.0f} %" for s in situations)
