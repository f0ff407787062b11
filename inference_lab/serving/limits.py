"""Limits: how many requests of a tenant the gateway lets in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inference_lab.checks import real
from inference_lab.serving.tenants import by_tenant, tenants_of
from inference_lab.traffic.workload import Workload

ROUNDING = 1e-9
"""Part of a request that a bucket may lack by rounding: arrivals at just the rate all pass."""


def checked_limits(limits: object) -> dict[Any, float]:
    """Requests a second of each tenant that has a limit.

    Raises
    ------
    TypeError, ValueError
        If a limit is not a positive number.
    """
    given = by_tenant("limits", limits).items()
    return {tenant: real(f"limits[{tenant!r}]", rate, above=0) for tenant, rate in given}


class Limits:
    """A token bucket for each tenant that has a limit, at the door of the gateway.

    It holds max(1, rate) requests, is full at the start, and fills at the rate.

    Parameters
    ----------
    rates : dict of tenant to float
        Requests a second.
    workload : Workload
        For the tenants.

    Raises
    ------
    ValueError
        If the requests have no tenants.
    """

    def __init__(self, rates: Mapping[Any, float], workload: Workload) -> None:
        self._tenants = tenants_of(workload, f"limits={dict(rates)!r}")
        self._rates = rates
        self._holds = {tenant: max(1.0, rate) for tenant, rate in rates.items()}
        self._filled_s = dict.fromkeys(rates, 0.0)

    def over(self, i: int, now_s: float) -> bool:
        """Whether request `i` finds its tenant's bucket empty; if not, it takes one out."""
        tenant = self._tenants[i]
        if tenant not in self._rates:
            return False
        rate = self._rates[tenant]
        found = self._holds[tenant] + rate * (now_s - self._filled_s[tenant])
        found = min(found, max(1.0, rate))
        passes = found >= 1 - ROUNDING
        self._holds[tenant], self._filled_s[tenant] = found - passes, now_s
        return not passes
