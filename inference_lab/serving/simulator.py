"""Simulate a cluster under a workload, and check the physics of every run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import one_of, real
from inference_lab.serving import reference
from inference_lab.serving.beside import beside, reporting
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.gateway import Gateway
from inference_lab.serving.log import OUTCOMES, Log
from inference_lab.serving.macro import engine as macro
from inference_lab.serving.parts import BESIDE, PARTS
from inference_lab.serving.result import Result
from inference_lab.serving.source import MakeSource
from inference_lab.serving.transfers import Transfers
from inference_lab.serving.two_pools import new_gateway
from inference_lab.traffic.workload import Workload

ENGINES = {"macro": macro.run, "reference": reference.run}
"""Engines by name."""


def simulate(
    cluster: Cluster,
    workload: Workload,
    seed: int = 0,
    engine: str = "macro",
    progress: Callable[[int], object] | None = None,
    spans: bool = False,
    sample_s: float | None = None,
) -> Result:
    """Run a workload through a cluster until the last request has ended.

    Parameters
    ----------
    cluster : Cluster
        Replicas, router and scheduler.
    workload : Workload
        The requests.
    seed : int
        Of the router's random choices; the arrivals have their own.
    engine : str
        A name of `ENGINES`.
    progress : callable or None
        Told how many requests have just ended, served or not, such as the ``update`` of a tqdm
        bar.
    spans : bool
        Whether ``result.spans`` is wanted: a row for each interval of each request and replica, see
        `inference_lab.serving.spans.SPAN`, and ``result.itl_s``: every gap between two tokens.
        Without it, they are None and cost nothing.
    sample_s : float or None
        How often ``result.samples`` looks at each replica, from 0 on, see
        `inference_lab.serving.samples.SAMPLE`; None is never.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or a router returns no valid index.
    RuntimeError
        If a run breaks a conservation law: a bug in the engine.

    Examples
    --------
    >>> from inference_lab import AffineReplica
    >>> one = AffineReplica(prefill_s=(0.2, 0, 0), decode_s=(0.03, 0, 0))
    >>> load = Workload.from_arrays(arrival_s=[0, 0], prompt_tokens=[9, 9], output_tokens=[1, 1])
    >>> simulate(Cluster(one), load).ttft_s
    array([0.2, 0.4])
    """
    if not isinstance(cluster, Cluster):
        raise TypeError(f"cluster={cluster!r} must be a Cluster: use Cluster(replica, replicas=8)")
    if not isinstance(workload, Workload):
        raise TypeError(f"workload={workload!r} must be a Workload: use Workload.poisson(...)")
    if cluster.rag is not None:
        workload = cluster.rag.extended(workload)
    if sample_s is not None:
        sample_s = real("sample_s", sample_s, above=0)
    log = Log(len(workload), spans, sample_s)
    gateway = new_gateway(cluster, workload, seed, log, progress)
    return run(one_of("engine", engine, ENGINES), cluster, workload, gateway, log)


def run(
    engine: str,
    cluster: Cluster,
    workload: Workload,
    gateway: Gateway,
    log: Log,
    others: Sequence[MakeSource] = (),
) -> Result:
    """One run with whatever other sources take part in it; see `simulate`."""
    transfers = Transfers(cluster.links) if cluster.links else None
    others = [*beside(cluster, log, transfers), *others, *reporting(cluster)]
    ENGINES[engine](cluster, workload, gateway, log, others)
    log.close()
    result = _result(cluster, workload, log, gateway, transfers)
    _check_conservation(result, log, gateway)
    return result


def _result(
    cluster: Cluster, workload: Workload, log: Log, gateway: Gateway, transfers: Transfers | None
) -> Result:
    sent_s = np.fromiter(gateway.sent_s, float)  # for a list of numbers faster than np.array
    frontend_s = _frontend_s(cluster, log)
    back_s = gateway.way.network_s / 2 + frontend_s
    outcome = np.array(OUTCOMES)[np.frombuffer(log.outcome, dtype=np.uint8)]
    served = outcome == "served"
    ttft_s, e2e_s = log.first_token_s + back_s - sent_s, log.finish_s + back_s - sent_s
    gaps = workload.output_tokens - 1
    return Result(
        arrival_s=sent_s,
        ttft_s=ttft_s,
        tpot_s=np.divide(e2e_s - ttft_s, gaps, out=np.full(len(gaps), np.nan), where=gaps > 0),
        e2e_s=e2e_s,
        max_itl_s=np.where(served & (gaps > 0), log.max_itl_s, np.nan),
        ttft_parts=_parts(cluster, log, gateway, served, frontend_s),
        prompt_tokens=workload.prompt_tokens,
        output_tokens=workload.output_tokens,
        replica=log.replica,
        outcome=outcome,
        preempted=_sparse(log.preempted, len(workload)),
        retries=_sparse(log.retries, len(workload)),
        cached_tokens=_cached(log, served),
        held_by={limit: _noted(held_up, len(served)) for limit, held_up in log.held_up.items()},
        spans=None if log.spans is None else log.spans.table(),
        itl_s=None if log.spans is None else log.spans.gaps_of(served),
        samples=None if log.samples is None else log.samples.table(),
        tenant=None if workload.tenant is None else np.fromiter(workload.tenant, object),
        prefill_replica=None if log.prefill_replica is None else np.array(log.prefill_replica),
        link_bytes=None if transfers is None else _link_bytes(cluster, transfers),
        training_steps_s=None if cluster.training is None else np.array(log.steps_s),
    )


def _link_bytes(cluster: Cluster, transfers: Transfers) -> NDArray[np.float64]:
    """Of a fabric, only its own links: what is beside them is not a wire."""
    wires = None if cluster.fabric is None else len(cluster.fabric.link_bytes_per_s)
    return np.array(transfers.close()[:wires])


def _parts(
    cluster: Cluster,
    log: Log,
    gateway: Gateway,
    served: NDArray[np.bool_],
    frontend_s: float | NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:
    """Every part of the TTFT; an engine that does not charge the queue leaves it as the rest."""
    charged = log.charged
    charged |= {"network": gateway.way.network_s, "rag": gateway.way.rag_s, "frontend": frontend_s}
    charged["router"] = charged.get("router", 0.0) + cluster.router_s
    if "queue" not in charged:
        at_replica_s = log.first_token_s - log.routed_s
        again_s = charged["router"] - cluster.router_s
        others_s = [part_s for name, part_s in charged.items() if name not in BESIDE]
        charged["queue"] = at_replica_s - sum(others_s) - again_s
    return {name: _where(served, charged.get(name, 0.0)) for name in PARTS}


def _frontend_s(cluster: Cluster, log: Log) -> float | NDArray[np.float64]:
    """Seconds beside the engine: of all requests, or by the replica that served each."""
    of_replicas = [costs.frontend_s for costs in cluster.fleet]
    if len(set(of_replicas)) == 1:
        return of_replicas[0]
    return np.array(of_replicas)[log.replica]


def _where(served: NDArray[np.bool_], value: float | NDArray) -> NDArray[np.float64]:
    """`value` where a request was served, else nan; copied only where it must be."""
    if not served.all():
        return np.where(served, value, np.nan)
    return np.broadcast_to(np.asarray(value, float), len(served))


def _cached(log: Log, served: NDArray[np.bool_]) -> NDArray[np.int64]:
    cached = _sparse(log.cached, len(served))
    return np.where(served, cached, 0) if log.cached else cached


def _noted(requests: set[int], n: int) -> NDArray[np.bool_]:
    """Which of n requests are in a set."""
    if not requests:
        return np.broadcast_to(False, n)
    column = np.zeros(n, bool)
    column[list(requests)] = True
    return column


def _sparse(values: dict[int, int], requests: int) -> NDArray[np.int64]:
    """A column that is 0 where nothing was noted."""
    if not values:
        return np.broadcast_to(0, requests)
    column = np.zeros(requests, int)
    column[list(values)] = list(values.values())
    return column


def _check_conservation(result: Result, log: Log, gateway: Gateway) -> None:
    """Parts, tokens, blocks and Little's law; engines count these as they go."""
    served = result.served
    expected = int(result.output_tokens[served].sum())
    if np.isnan(result.e2e_s[served]).any():
        raise RuntimeError("a request was lost: it was queued, and never ended")
    rest_s = result.ttft_s.copy()
    for part_s in result.ttft_parts.values():
        rest_s -= part_s
    if served.any() and not np.nanmax(np.abs(rest_s, out=rest_s)) <= 1e-9:
        raise RuntimeError("the parts of a TTFT do not sum to it")
    del rest_s
    if result.itl_s is not None and len(result.itl_s) != expected - served.sum():
        raise RuntimeError(f"gaps are lost: {len(result.itl_s)} between {expected} tokens")
    if log.tokens != expected:
        raise RuntimeError(f"tokens are not conserved: {log.tokens} emitted, {expected} asked for")
    if log.kv_left:
        raise RuntimeError(f"KV-cache is not conserved: {log.kv_left} blocks or tokens left")
    at_replica_s = (log.finish_s - log.routed_s)[served].sum()
    at_replica_s += sum(left_s - log.routed_s[i] for i, left_s in log.unserved_s.items())
    if not np.isclose(gateway.area_s, at_replica_s, rtol=1e-6, atol=1e-6):
        raise RuntimeError(
            f"Little's law is broken: {gateway.area_s} request seconds in the system by its count, "
            f"{at_replica_s} by the times of the requests"
        )
