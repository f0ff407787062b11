"""The interactive views of the lessons; each is one call, shown as the last line of a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules

import inference_lab as il
from inference_lab.checks import real, whole
from inference_lab.experiments.goodput import RATE_SCALES
from inference_lab.lab.views.batch import STEPS, BatchView
from inference_lab.lab.views.cluster import TTFT_SLO_S, ClusterView
from inference_lab.lab.views.cluster_words import Routers, names_of
from inference_lab.lab.views.goodput import GoodputView
from inference_lab.lab.views.goodput_words import SLOS
from inference_lab.lab.views.latency import LOAD_PERCENT, PROMPTS, LatencyView
from inference_lab.lab.views.leaf import NICS_GBIT_PER_S, UPLINKS_GBIT_PER_S, LeafView


def ttft_under_load(
    replica: il.Replica | il.AffineReplica,
    load_percent: int = 40,
    prompts: str = "2,048 tokens",
) -> LatencyView:
    """A slider for the load of one replica; TTFT split into queue and prefill.

    Parameters
    ----------
    replica : Replica or AffineReplica
        What is simulated.
    load_percent : int
        Where the slider stands at first, from 5 to 90.
    prompts : str
        A key of `inference_lab.lab.views.latency.PROMPTS`.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    low, high = LOAD_PERCENT
    if not low <= load_percent <= high:
        raise ValueError(f"load_percent={load_percent!r} must be from {low} to {high}")
    if prompts not in PROMPTS:
        raise ValueError(f"prompts={prompts!r} is not offered: use one of {', '.join(PROMPTS)}")
    return LatencyView(replica, load_percent=load_percent, prompts=prompts)


def batch_against_tpot(
    replicas: il.Replica | il.AffineReplica | Mapping[str, il.Replica | il.AffineReplica],
    users: int = 16,
) -> BatchView:
    """A slider for the users of one replica: tokens a second against the wait for each token.

    Parameters
    ----------
    replicas : Replica, AffineReplica or a dict of them by name
        What can be chosen, such as the same replica with several stacks; the first is shown.
    users : int
        Where the slider stands at first, one of `inference_lab.lab.views.batch.STEPS`.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or requests of 2,048 and 128 tokens do not fit.
    """
    if not isinstance(replicas, Mapping):
        stack = getattr(replicas, "stack", "replica")
        replicas = {stack if isinstance(stack, str) else stack.name: replicas}
    if not replicas:
        raise ValueError('replicas={} is empty: give at least one, such as {"ideal": replica}')
    for name, replica in replicas.items():
        if not isinstance(name, str):
            raise TypeError(f"replicas has the key {name!r}: use names, such as 'ideal'")
        il.Cluster(replica)
    if users not in STEPS:
        raise ValueError(f"users={users!r} is no step: use one of {', '.join(map(str, STEPS))}")
    return BatchView(replicas, users=users)


def goodput_over_rate(
    replica: il.Replica | il.AffineReplica,
    rate_scales: Sequence[float] = RATE_SCALES,
    requests: int = 20_000,
    slo: str = next(iter(SLOS)),
) -> GoodputView:
    """A long run with Run, Stop and a progress bar: goodput of one replica, rate after rate.

    Parameters
    ----------
    replica : Replica or AffineReplica
        What is simulated under the load of a public chat service.
    rate_scales : sequence of float
        How many times as fast as in the trace; one simulation each.
    requests : int
        Of each simulation.
    slo : str
        What is chosen at first, a key of `inference_lab.lab.views.goodput_words.SLOS`.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.
    """
    il.Cluster(replica)
    whole("requests", requests, at_least=2)
    if slo not in SLOS:
        raise ValueError(f"slo={slo!r} is not offered: use one of {', '.join(SLOS)}")
    return GoodputView(replica, rate_scales, requests, slo)


def leaf_at_work(ratio: float = 4, kv_moves: bool = True) -> LeafView:
    """Sixteen hosts under a leaf; its oversubscription is dragged at the uplinks.

    Parameters
    ----------
    ratio : float
        Of the NICs to the uplinks at first, from 1 to 8.
    kv_moves : bool
        Whether KV-cache moves at first, or text alone.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.
    """
    least = NICS_GBIT_PER_S / UPLINKS_GBIT_PER_S[1]
    ratio = real("ratio", ratio, above=0, at_most=NICS_GBIT_PER_S / UPLINKS_GBIT_PER_S[0])
    if ratio < least:
        raise ValueError(f"ratio={ratio:g} is below {least:g}: give NICs over uplinks, 4 for 4:1")
    return LeafView(uplinks_gbit_per_s=round(NICS_GBIT_PER_S / ratio), kv_moves=bool(kv_moves))


def replay(
    cluster: il.Cluster,
    workload: il.Workload,
    routers: Routers = ("round_robin", "least_queued_tokens"),
    limit_s: float = TTFT_SLO_S,
    seed: int = 0,
    request: int | None = None,
) -> ClusterView:
    """A cluster at work: its prompts, answers and first tokens, under one or two routers.

    Parameters
    ----------
    cluster : Cluster
        What is simulated; its own router is replaced.
    workload : Workload
        The requests. Up to 2,000 are simulated again when a prompt is dragged to another lane.
    routers : sequence of one or two (str or callable), or dict of name to such
        Whom to watch side by side; a function is called by its own name.
    limit_s : float
        The TTFT beyond which a request is late.
    seed : int
        Of the routers' random choices.
    request : int, optional
        The request that the picture is about; by default the late one that waits longest.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the request gets no token.
    """
    if not isinstance(cluster, il.Cluster):
        raise TypeError(f"cluster={cluster!r} must be a Cluster: use Cluster(replica, replicas=8)")
    if not isinstance(workload, il.Workload):
        raise TypeError(f"workload={workload!r} must be a Workload: use Workload.poisson(...)")
    limit_s = real("limit_s", limit_s, above=0)
    if request is not None:
        request = whole("request", request, at_most=len(workload) - 1)
    return ClusterView(cluster, workload, names_of(routers), limit_s, whole("seed", seed), request)


for _found in iter_modules(__path__):  # a view that only its lesson imports is registered too
    import_module(f"{__name__}.{_found.name}")
