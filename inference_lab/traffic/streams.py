"""Random streams: one seed, split by purpose, so that a policy never disturbs the arrivals."""

from __future__ import annotations

import numpy as np

from inference_lab.checks import whole

PURPOSES = (
    *("arrivals", "prompts", "outputs", "router", "jitter", "network", "rag"),
    "decode_router",
)
"""Each purpose draws from its own stream; the order is part of what a seed means."""


def stream(seed: int, purpose: str) -> np.random.Generator:
    """The generator for one purpose of one seed.

    Raises
    ------
    TypeError, ValueError
        If the seed is not a whole number >= 0.

    Examples
    --------
    >>> bool(stream(0, "arrivals").random() == stream(0, "arrivals").random())
    True
    """
    key = (PURPOSES.index(purpose),)
    return np.random.default_rng(np.random.SeedSequence(whole("seed", seed), spawn_key=key))
