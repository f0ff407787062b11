"""SLOs: what clients were promised, and by how many requests it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import real


class Times(Protocol):
    """Of each request, such as a `Result` has them; nan where there is none."""

    @property
    def ttft_s(self) -> NDArray[np.float64]:
        """Time to first token."""

    @property
    def tpot_s(self) -> NDArray[np.float64]:
        """Time per output token."""


@dataclass(frozen=True)
class SLO:
    """At least a share of all requests keeps both limits.

    Parameters
    ----------
    ttft_s, tpot_s : float or None
        Limits of the time to first token and of the time per output token; None is no limit. A
        request of one token has no TPOT and keeps any.
    share : float
        Of all requests, those that were not served included; 0.99 bounds both p99.

    Raises
    ------
    TypeError, ValueError
        If a limit is not a positive number of seconds, both are missing, or the share is not
        above 0 and at most 1.

    Examples
    --------
    >>> print(SLO(ttft_s=0.45, tpot_s=0.04))
    99 % of the requests with TTFT <= 0.45 s and TPOT <= 0.04 s
    """

    ttft_s: float | None = None
    tpot_s: float | None = None
    share: float = 0.99

    def __post_init__(self) -> None:
        for name in ("ttft_s", "tpot_s"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, real(name, getattr(self, name), above=0))
        if self.ttft_s is None and self.tpot_s is None:
            raise ValueError("ttft_s=None and tpot_s=None promise nothing: give at least one limit")
        object.__setattr__(self, "share", real("share", self.share, above=0, at_most=1))

    def __str__(self) -> str:
        return f"{100 * self.share:g} % of the requests with {' and '.join(self.kept_by)}"

    @property
    def kept_by(self) -> tuple[str, ...]:
        """The limits in words."""
        limits = (("TTFT", self.ttft_s), ("TPOT", self.tpot_s))
        return tuple(f"{name} <= {limit:g} s" for name, limit in limits if limit is not None)

    def kept(self, times: Times) -> tuple[NDArray[np.bool_], ...]:
        """By which requests each limit is kept, in the order of `kept_by`."""
        served = ~np.isnan(times.ttft_s)
        kept = []
        if self.ttft_s is not None:
            kept.append(times.ttft_s <= self.ttft_s)
        if self.tpot_s is not None:
            kept.append(served & (np.isnan(times.tpot_s) | (times.tpot_s <= self.tpot_s)))
        return tuple(kept)

    def met(self, times: Times) -> NDArray[np.bool_]:
        """By which requests both limits are kept."""
        return np.logical_and.reduce(self.kept(times))
