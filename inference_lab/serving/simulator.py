"""Simulate a cluster under a workload, and check the physics of every run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inference_lab.checks import one_of
from inference_lab.serving import reference
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.log import OUTCOMES, Log
from inference_lab.serving.macro import engine as macro
from inference_lab.serving.metrics import Result
from inference_lab.traffic.workload import Workload

ENGINES = {"macro": macro.run, "reference": reference.run}
"""Engines by name."""


def simulate(
    cluster: Cluster,
    workload: Workload,
    seed: int = 0,
    engine: str = "macro",
    progress: Callable[[int], object] | None = None,
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
        Told how many requests have just ended, such as the ``update`` of a tqdm bar.

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
    log, arrivals = ENGINES[one_of("engine", engine, ENGINES)](cluster, workload, seed, progress)
    result = _result(cluster, workload, log, np.fromiter(arrivals.sent_s, float))
    _check_conservation(cluster, result, log)
    return result


def _result(cluster: Cluster, workload: Workload, log: Log, sent_s: np.ndarray) -> Result:
    back_s = cluster.network_s / 2
    replica = np.fromiter(log.replica, int)  # for a list of numbers faster than np.array
    outcome = np.array(OUTCOMES)[np.frombuffer(log.outcome, dtype=np.uint8)]
    served = outcome == "served"
    times_s = (log.first_token_s, log.finish_s, log.prefill_s, log.routed_s)
    first_s, finish_s, prefill_s, routed_s = (np.fromiter(column, float) for column in times_s)
    ttft_s, e2e_s = first_s + back_s - sent_s, finish_s + back_s - sent_s
    gaps = workload.output_tokens - 1
    parts = {
        "network": np.where(served, cluster.network_s, np.nan),
        "router": np.where(served, cluster.router_s, np.nan),
        "queue": first_s - routed_s - prefill_s,
        "prefill": np.where(served, prefill_s, np.nan),
    }
    return Result(
        arrival_s=sent_s,
        ttft_s=ttft_s,
        tpot_s=np.divide(e2e_s - ttft_s, gaps, out=np.full(len(gaps), np.nan), where=gaps > 0),
        e2e_s=e2e_s,
        max_itl_s=np.where(served & (gaps > 0), log.max_itl_s, np.nan),
        ttft_parts=parts,
        prompt_tokens=workload.prompt_tokens,
        output_tokens=workload.output_tokens,
        replica=replica,
        outcome=outcome,
        preemptions=log.preemptions,
    )


def _check_conservation(cluster: Cluster, result: Result, log: Log) -> None:
    """Tokens, blocks and Little's law; engines count these as they go."""
    served = result.served
    expected = int(result.output_tokens[served].sum())
    if np.isnan(result.e2e_s[served]).any():
        raise RuntimeError("a request was lost: it was queued, and never ended")
    if log.tokens != expected:
        raise RuntimeError(f"tokens are not conserved: {log.tokens} emitted, {expected} asked for")
    if log.kv_left:
        raise RuntimeError(f"KV-cache is not conserved: {log.kv_left} blocks or tokens left")
    at_replica_s = (result.e2e_s - cluster.network_s - cluster.router_s)[served].sum()
    at_replica_s += sum(left_s - log.routed_s[i] for i, left_s in log.gave_up_s.items())
    if not np.isclose(log.area_s, at_replica_s, rtol=1e-6, atol=1e-6):
        raise RuntimeError(
            f"Little's law is broken: {log.area_s} request seconds in the system by its count, "
            f"{at_replica_s} by the times of the requests"
        )
