"""Quantile tables: lengths with the statistics of a trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import real, whole
from inference_lab.traffic.lengths import MOST_TOKENS


@dataclass(frozen=True)
class Quantiles:
    """Straight lines between the points of a quantile table, rounded to whole tokens.

    Parameters
    ----------
    shares : sequence of float
        From 0 to 1, rising.
    tokens : sequence of int
        Length that this share of the requests does not exceed.

    Raises
    ------
    TypeError, ValueError
        If the table is not one.

    Examples
    --------
    >>> law = Quantiles(shares=(0, 0.5, 1), tokens=(1, 101, 1001))
    >>> law.mean_tokens
    301.0
    """

    shares: Sequence[float]
    tokens: Sequence[int]

    def __post_init__(self) -> None:
        for name in ("shares", "tokens"):
            given = getattr(self, name)
            if isinstance(given, str | bytes) or not isinstance(given, Sequence):
                raise TypeError(f"{name}={given!r} must be a list of numbers")
            object.__setattr__(self, name, tuple(given))
        for i, share in enumerate(self.shares):
            real(f"shares[{i}]", share, at_most=1)
        for i, tokens in enumerate(self.tokens):
            whole(f"tokens[{i}]", tokens, at_least=1, at_most=MOST_TOKENS)
        if len(self.shares) != len(self.tokens) or len(self.shares) < 2:
            raise ValueError(
                f"shares has {len(self.shares)} entries, tokens {len(self.tokens)}: give the same "
                "number, at least 2"
            )
        if (self.shares[0], self.shares[-1]) != (0, 1) or np.diff(self.shares).min() <= 0:
            raise ValueError(f"shares={self.shares!r} must rise from 0 to 1")
        if np.diff(self.tokens).min() < 0:
            raise ValueError(f"tokens={self.tokens!r} must not fall")

    @property
    def mean_tokens(self) -> float:
        """Mean of what is drawn."""
        tokens = np.array(self.tokens)
        return float(np.diff(self.shares) @ (tokens[1:] + tokens[:-1]) / 2)

    def draw(self, requests: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Lengths of so many requests."""
        return np.rint(np.interp(rng.random(requests), self.shares, self.tokens)).astype(np.int64)
