"""Affinity: requests of one conversation go to one replica, and stay when others come or go."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from hashlib import blake2b
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from inference_lab.traffic.request import Request


def affinity_key(request: Request) -> Hashable:
    """What holds a request to a replica: its session, else a hash of its prompt, else its index.

    The second hash goes before the first, which a system prompt shares with everybody.

    Examples
    --------
    >>> affinity_key(Request(5, 0.0, 1200, (0, 14, 15), None, None))
    14
    """
    if request.session is not None:
        return request.session
    blocks = request.prefix_blocks
    return blocks[min(1, len(blocks) - 1)] if blocks else request.index


def rendezvous(key: Hashable, replicas: Sequence[int] | NDArray[np.integer]) -> int:
    """The place in `replicas` of the one that a key belongs to.

    Each replica draws a number from the key and its own index, and the largest wins, so a replica
    that leaves takes only its own keys with it (rendezvous hashing: Thaler and Ravishankar, IEEE/
    ACM Transactions on Networking 6(1), 1998). The draw is the same in every process, unlike
    Python's own hash of text.

    Parameters
    ----------
    key : int, str or another value with a lasting repr
        Such as a session.
    replicas : sequence of int
        Indices of those that are alive, in the fleet.

    Raises
    ------
    ValueError
        If there is no replica.

    Examples
    --------
    >>> [rendezvous(session, range(4)) for session in ("ann", "bob", 7)]
    [2, 2, 3]
    """
    if not len(replicas):
        raise ValueError("replicas is empty: give at least one to choose from")
    text = str(int(key)) if isinstance(key, Integral) else repr(key)
    drawn = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
    own = _mixed(np.asarray(replicas, dtype=np.uint64))
    return int(_mixed(own ^ np.uint64(drawn)).argmax())


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """64 bits of which each depends on all (SplitMix64: Steele, Lea and Flood, OOPSLA 2014)."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
