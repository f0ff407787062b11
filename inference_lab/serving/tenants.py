"""Tenants: whose requests they are, and whose turn it is at a replica."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import index
from typing import TYPE_CHECKING, Any

from inference_lab.checks import one_of, whole
from inference_lab.serving.fair import Accounts, Fair, FairQueue
from inference_lab.serving.queue import FirstCome, Priority
from inference_lab.traffic.workload import Workload

if TYPE_CHECKING:
    from inference_lab.serving.cluster import Cluster

QUEUES = ("fcfs", "priority", "fair")
"""Names of the disciplines: first come first served, by class, by virtual token counters."""

Queue = FirstCome | Priority | FairQueue


def checked_queue(queue: object, priorities: object) -> tuple[str | Fair, dict[Any, int]]:
    """A discipline, and the class of each tenant, as a cluster takes them.

    Raises
    ------
    TypeError, ValueError
        If the discipline is unknown, a class is no whole number >= 0, or the two do not go
        together.
    """
    if not isinstance(queue, Fair):
        queue = one_of("queue", queue, QUEUES)
    classes = by_tenant("priorities", priorities)
    for tenant, each in classes.items():
        whole(f"priorities[{tenant!r}]", each)
    if bool(classes) != (queue == "priority"):
        raise ValueError(
            f"queue={queue!r} does not go with priorities={priorities!r}: give both "
            "queue='priority' and priorities={tenant: class}, or neither"
        )
    return Fair() if queue == "fair" else queue, classes


def by_tenant(name: str, value: object) -> dict[Any, Any]:
    """A dict with an entry for some tenants; empty for None.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{name}={value!r} must be a dict with an entry for each tenant, or None")
    return dict(value)


def queue_maker(
    cluster: Cluster, workload: Workload, index_of: Callable[[Any], int] = index
) -> Callable[[], Queue]:
    """What makes the queue of each replica of a run.

    Parameters
    ----------
    cluster : Cluster
        For the discipline.
    workload : Workload
        For the tenants.
    index_of : callable
        The index of the request of whoever waits: itself, unless an engine queues something else.

    Raises
    ------
    TypeError, ValueError
        If the discipline is one for tenants, and the requests have none.
    """
    if cluster.queue == "fcfs":
        return FirstCome
    tenants = tenants_of(workload, f"queue={cluster.queue!r}")
    if not isinstance(cluster.queue, Fair):
        class_of = cluster.priorities or {}
        classes = [class_of.get(tenant, 0) for tenant in tenants]
        return lambda: Priority(lambda item: classes[index_of(item)])
    numbers = {tenant: number for number, tenant in enumerate(dict.fromkeys(tenants))}
    accounts = Accounts(
        cluster.queue, [numbers[tenant] for tenant in tenants], workload.prompt_tokens
    )
    return lambda: FairQueue(accounts, index_of)


def tenants_of(workload: Workload, argument: str) -> list[Any]:
    """The tenant of each request, for an argument that needs them.

    Raises
    ------
    TypeError, ValueError
        If the requests have none, or one is neither a name nor a number.
    """
    if workload.tenant is None:
        raise ValueError(
            f"{argument} needs tenants, and the requests have none: give the workload tenant="
        )
    tenants = list(workload.tenant)
    try:
        set(tenants)
    except TypeError as error:
        raise TypeError(f"tenant has an entry of {error}: give names or numbers") from None
    return tenants
