"""Likenesses: requests with the statistics of a public trace, without its file."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from inference_lab.traffic.quantiles import Quantiles
from inference_lab.traffic.streams import stream

SHIPPED = ("azure-2023-conv",)
"""Traces whose statistics (counts a minute, quantiles of both lengths) are part of the package."""


def draw_like(
    name: str, requests: int | None, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Arrival times in seconds, prompt tokens and output tokens.

    The count of each minute is kept, arrivals are uniform within it; lengths are drawn
    independently from the quantile tables, with straight lines between their points.

    Parameters
    ----------
    name : str
        One of `SHIPPED`.
    requests : int or None
        The first so many, the trace being repeated if it is shorter; None for all of it once.
    seed : int
        The same seed gives the same requests.
    """
    text = files("inference_lab.traffic").joinpath("data", f"{name}.json").read_text("utf-8")
    facts = json.loads(text)
    counts = np.array(facts["requests_per_minute"])
    n = int(counts.sum()) if requests is None else requests
    rounds = -(-n // int(counts.sum()))
    minute_start_s = 60.0 * np.arange(len(counts))
    width_s = np.minimum(60.0, facts["duration_s"] - minute_start_s)
    start_s = (np.arange(rounds)[:, None] * facts["duration_s"] + minute_start_s).ravel()
    minute = np.repeat(np.arange(len(start_s)), np.tile(counts, rounds))
    within_s = stream(seed, "arrivals").random(len(minute)) * np.tile(width_s, rounds)[minute]
    arrival_s = np.sort(start_s[minute] + within_s)[:n]

    def lengths(column: str, purpose: str) -> NDArray[np.int64]:
        return Quantiles(facts["quantiles"], facts[column]).draw(n, stream(seed, purpose))

    return arrival_s, lengths("prompt_tokens", "prompts"), lengths("output_tokens", "outputs")
