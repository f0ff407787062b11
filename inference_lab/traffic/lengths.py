"""Lengths: how many tokens each prompt and each output has."""

from __future__ import annotations

import numbers
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inference_lab.physics.checks import whole

Lengths = int | tuple[int, int] | Sequence[int] | NDArray[np.integer]
"""An int for all, a (low, high) tuple of independent uniform integers with both ends, or one entry
each."""


def draw_lengths(
    name: str, lengths: Lengths, requests: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """One length for each request, in tokens.

    Parameters
    ----------
    name : str
        The argument's name, for errors.
    lengths : int, (low, high) or array of shape (requests,)
        A pair is a tuple; a list or an array gives each request its own length.
    requests : int
        How many.
    rng : numpy.random.Generator
        Used for a pair only.

    Raises
    ------
    TypeError, ValueError
        If a length is not a whole number >= 1, a pair is out of order, or the array has another
        shape.

    Examples
    --------
    >>> draw_lengths("prompt_tokens", (7, 7), 3, np.random.default_rng(0))
    array([7, 7, 7])
    """
    if isinstance(lengths, numbers.Number):
        return np.full(requests, whole(name, lengths, at_least=1), dtype=np.int64)
    if isinstance(lengths, tuple) and len(lengths) == 2:
        low = whole(f"{name}[0]", lengths[0], at_least=1)
        high = whole(f"{name}[1]", lengths[1], at_least=1)
        if low > high:
            raise ValueError(f"{name}={lengths!r}: the low end exceeds the high end; swap them")
        return rng.integers(low, high, endpoint=True, size=requests)
    return token_counts(name, lengths, requests)


def token_counts(name: str, values: ArrayLike, requests: int) -> NDArray[np.int64]:
    """An array of token counts, checked.

    Raises
    ------
    TypeError, ValueError
        If it is not a one-dimensional array of `requests` whole numbers >= 1.
    """
    try:
        counts = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} is ragged: give one whole number for each request") from error
    if not np.issubdtype(counts.dtype, np.integer):
        raise TypeError(f"{name} has dtype {counts.dtype}: give whole numbers of tokens")
    if counts.shape != (requests,):
        raise ValueError(f"{name} has shape {counts.shape}: give {requests}, one for each request")
    if requests and counts.min() < 1:
        at = int(counts.argmin())
        raise ValueError(
            f"{name}[{at}]={counts[at]} is too small: every length is at least 1 token"
        )
    return counts.astype(np.int64)
