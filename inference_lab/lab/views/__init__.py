"""The interactive views of the lessons; each is one call, shown as the last line of a cell."""

from __future__ import annotations

import inference_lab as il

from .latency import LOAD_PERCENT, PROMPTS, LatencyView


def ttft_under_load(
    replica: il.Replica | il.AffineReplica,
    load_percent: int = 5,
    prompts: str = "2,048 tokens",
) -> LatencyView:
    """A slider for the load of one replica; TTFT split into queue and prefill.

    Parameters
    ----------
    replica : Replica or AffineReplica
        What is simulated.
    load_percent : int
        Where the slider stands at first, from 5 to 90.
    prompts : str
        A key of `inference_lab.lab.views.latency.PROMPTS`.

    Raises
    ------
    ValueError
        When an argument is out of range.
    """
    low, high = LOAD_PERCENT
    if not low <= load_percent <= high:
        raise ValueError(f"load_percent={load_percent!r} must be from {low} to {high}")
    if prompts not in PROMPTS:
        raise ValueError(f"prompts={prompts!r} is not offered: use one of {', '.join(PROMPTS)}")
    return LatencyView(replica, load_percent=load_percent, prompts=prompts)
