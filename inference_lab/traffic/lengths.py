"""Lengths: how many tokens each prompt and each output has."""

from __future__ import annotations

import numbers
import reprlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import whole
from inference_lab.traffic.streams import stream

MOST_TOKENS = 2**40
"""Longest prompt or output: sums over eight million of them are still exact in 64 bits."""


class Law(Protocol):
    """A random length, such as `Geometric`, `LogNormal` or `Quantiles`."""

    def draw(self, requests: int, rng: np.random.Generator) -> NDArray[np.integer]:
        """Lengths of so many requests, whole tokens >= 1."""


Lengths = int | tuple[int, int] | Law | Sequence[int] | NDArray[np.integer]
"""An int for all, a (low, high) tuple of independent uniform integers with both ends, a law, or one
entry each."""


def draw_lengths(
    name: str, lengths: Lengths, requests: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """One length for each request, in tokens.

    Parameters
    ----------
    name : str
        The argument's name, for errors.
    lengths : int, (low, high), law or array of shape (requests,)
        A pair is a tuple; a list or an array gives each request its own length.
    requests : int
        How many.
    rng : numpy.random.Generator
        Used for a pair and for a law.

    Raises
    ------
    TypeError, ValueError
        If a length is not a whole number from 1 to `MOST_TOKENS`, a pair is out of order, or the
        array has another shape.

    Examples
    --------
    >>> draw_lengths("prompt_tokens", (7, 7), 3, np.random.default_rng(0))
    array([7, 7, 7])
    """
    if isinstance(lengths, numbers.Number):
        same = whole(name, lengths, at_least=1, at_most=MOST_TOKENS)
        return np.full(requests, same, dtype=np.int64)
    if isinstance(lengths, tuple) and len(lengths) == 2:
        low = whole(f"{name}[0]", lengths[0], at_least=1)
        high = whole(f"{name}[1]", lengths[1], at_least=1, at_most=MOST_TOKENS)
        if low > high:
            raise ValueError(f"{name}={lengths!r}: the low end exceeds the high end; swap them")
        return rng.integers(low, high, endpoint=True, size=requests)
    if hasattr(lengths, "draw") and not isinstance(lengths, type):
        return token_counts(name, lengths.draw(requests, rng), requests)
    return token_counts(name, lengths, requests)


def draw_both(
    requests: int, prompt_tokens: Lengths, output_tokens: Lengths, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The prompt and the output of each request, each from its own random stream.

    Raises
    ------
    TypeError, ValueError
        If `draw_lengths` refuses one of them.
    """
    return (
        draw_lengths("prompt_tokens", prompt_tokens, requests, stream(seed, "prompts")),
        draw_lengths("output_tokens", output_tokens, requests, stream(seed, "outputs")),
    )


def token_counts(name: str, values: object, requests: int) -> NDArray[np.int64]:
    """An array of token counts, checked.

    Raises
    ------
    TypeError, ValueError
        If it is not a one-dimensional array of `requests` whole numbers from 1 to `MOST_TOKENS`.
    """
    fix = f"give {requests} whole numbers, one for each request"
    try:
        counts = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name}={reprlib.repr(values)} is ragged: {fix}") from error
    if counts.shape != (requests,):
        raise ValueError(f"{name}={reprlib.repr(values)} has shape {counts.shape}: {fix}")
    if not np.issubdtype(counts.dtype, np.integer):
        raise TypeError(f"{name}={reprlib.repr(values)} has dtype {counts.dtype}: {fix}")
    for at, edge, side in (
        (int(counts.argmin()), ">= 1", "small"),
        (int(counts.argmax()), f"<= {MOST_TOKENS}", "large"),
    ):
        if not 1 <= counts[at] <= MOST_TOKENS:
            raise ValueError(f"{name}[{at}]={counts[at]} is too {side}: give whole numbers {edge}")
    return counts.astype(np.int64)
