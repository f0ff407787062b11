"""Laws: geometric and log-normal lengths.

A law has ``draw(requests, rng)``, whole tokens >= 1, and ``mean_tokens``. It is cut only where
``at_most`` says so: longer values are then drawn again, and `mean_tokens` is that of what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, exp, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import real, whole
from inference_lab.traffic.lengths import MOST_TOKENS

LEAST_SHARE = 0.01
"""A cut that keeps less of a law is refused: it would be another law, and slow to draw."""


@dataclass(frozen=True, kw_only=True)
class Geometric:
    """Each token is the last with the same chance: the law without memory.

    Parameters
    ----------
    mean : float
        Mean tokens before any cut, at least 1.
    at_most : int or None
        Longer ones are drawn again.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the cut leaves less than 1 % of the law.

    Examples
    --------
    >>> round(Geometric(mean=200, at_most=400).mean_tokens, 1)
    137.8
    """

    mean: float
    at_most: int | None = None

    def __post_init__(self) -> None:
        real("mean", self.mean, at_least=1, at_most=2**30)
        _check_cut(self.at_most, self._share)

    def _share(self, tokens: int) -> float:
        return 1 - (1 - 1 / self.mean) ** tokens

    @property
    def mean_tokens(self) -> float:
        """Mean of what is drawn."""
        if self.at_most is None:
            return float(self.mean)
        kept = self._share(self.at_most)
        return self.mean - self.at_most * (1 - kept) / kept

    def draw(self, requests: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Lengths of so many requests."""
        return _redrawn(lambda n: rng.geometric(1 / self.mean, n), requests, self.at_most)


@dataclass(frozen=True, init=False)
class LogNormal:
    """The logarithm is normal: many short ones and a few very long.

    Rounded to whole tokens; what would be none is drawn again.

    Parameters
    ----------
    median, sigma : float
        Median in tokens, at least 1; standard deviation of the logarithm, at most 10.
    mean, cv : float
        Instead of these: mean, and standard deviation divided by the mean, before any cut.
    at_most : int or None
        Longer ones are drawn again.

    Raises
    ------
    TypeError, ValueError
        If not one of the two pairs is given, an argument is out of range, or the cut leaves less
        than 1 % of the law.

    Examples
    --------
    >>> law = LogNormal(mean=1000, cv=1)
    >>> round(law.median), round(law.sigma, 4), round(law.mean_tokens)
    (707, 0.8326, 1000)
    """

    median: float
    sigma: float
    at_most: int | None

    def __init__(
        self,
        *,
        median: float | None = None,
        sigma: float | None = None,
        mean: float | None = None,
        cv: float | None = None,
        at_most: int | None = None,
    ) -> None:
        pairs = {"median": median, "sigma": sigma, "mean": mean, "cv": cv}
        given = [name for name, value in pairs.items() if value is not None]
        if given == ["mean", "cv"]:
            sigma = sqrt(log1p(real("cv", cv, at_most=1e6) ** 2))
            median = real("mean", mean, at_least=1, at_most=MOST_TOKENS) / exp(sigma**2 / 2)
            if median < 1:
                raise ValueError(
                    f"mean={mean!r} with cv={cv!r} has a median of {median:.3g} tokens: "
                    "give a larger mean or a smaller cv"
                )
        elif given != ["median", "sigma"]:
            found = ", ".join(f"{name}={pairs[name]!r}" for name in pairs)
            raise ValueError(f"LogNormal got {found}: give median and sigma, or mean and cv")
        store = object.__setattr__
        store(self, "median", real("median", median, at_least=1, at_most=MOST_TOKENS))
        store(self, "sigma", real("sigma", sigma, at_most=10))
        store(self, "at_most", at_most)
        _check_cut(at_most, lambda tokens: self._share(tokens + 0.5))

    def _share(self, tokens: float, tilt: float = 0.0) -> float:
        """Share below `tokens`; of the tokens themselves with a tilt of one sigma."""
        away = log(tokens / self.median)
        if self.sigma == 0:
            return float(away >= 0)
        return (1 + erf((away / self.sigma - tilt) / sqrt(2))) / 2

    @property
    def mean_tokens(self) -> float:
        """Mean of what is drawn, before rounding, which moves it by less than half a token."""
        mean = self.median * exp(self.sigma**2 / 2)
        ends = (0.5, MOST_TOKENS if self.at_most is None else self.at_most + 0.5)
        kept, tokens = (
            self._share(ends[1], tilt) - self._share(ends[0], tilt) for tilt in (0.0, self.sigma)
        )
        return mean * tokens / kept

    def draw(self, requests: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Lengths of so many requests.

        Raises
        ------
        ValueError
            If one is longer than any request may be, and no `at_most` was given.
        """
        mu = log(self.median)

        def rounded(n: int) -> NDArray[np.float64]:
            return np.rint(np.exp(rng.normal(mu, self.sigma, n)))

        tokens = _redrawn(rounded, requests, self.at_most)
        if tokens.max(initial=1) > MOST_TOKENS:
            raise ValueError(
                f"sigma={self.sigma:g} drew {tokens.max():.3g} tokens, more than {MOST_TOKENS}: "
                "give at_most="
            )
        return tokens.astype(np.int64)


def _check_cut(at_most: int | None, share: Callable[[int], float]) -> None:
    if at_most is None:
        return
    kept = share(whole("at_most", at_most, at_least=1, at_most=MOST_TOKENS))
    if kept < LEAST_SHARE:
        raise ValueError(
            f"at_most={at_most!r} leaves {kept:.2g} of the law: give a longer one, or another law"
        )


def _redrawn(draw: Callable[[int], NDArray], requests: int, at_most: int | None) -> NDArray:
    """Values of `draw`; those below 1 or above `at_most` are drawn again."""
    tokens = draw(requests)
    highest = np.inf if at_most is None else at_most
    while len(wrong := np.flatnonzero((tokens < 1) | (tokens > highest))):
        tokens[wrong] = draw(len(wrong))
    return tokens
