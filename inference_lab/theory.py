"""Theory: closed forms of queueing, fabrics and the KV-cache that a simulation must meet.

Times are in units of the mean service time unless a name carries a unit; `rho` is the load of each
server, below 1. Books: Kleinrock, Queueing Systems I (1975); Kelly, Reversibility (1979).
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb, exp, factorial, floor, perm


def _stable(rho: float) -> float:
    if not 0 <= rho < 1:
        raise ValueError(f"rho={rho!r} is out of range: a queue is stable from 0 to below 1")
    return rho


def mm1_time(rho: float) -> float:
    """Mean time in system of M/M/1; of M/G/1 with processor sharing too, whatever the service law.

    Kleinrock I, section 3.2; Kelly, section 3.3.

    >>> round(mm1_time(0.8), 9)
    5.0
    """
    return 1 / (1 - _stable(rho))


def mg1_wait(rho: float, scv: float) -> float:
    """Mean wait of M/G/1 (Pollaczek-Khinchine); `scv` is that of the service, 0 for M/D/1.

    Kleinrock I, section 5.6.

    >>> [round(mg1_wait(0.8, scv), 9) for scv in (0, 1, 4, 16)]
    [2.0, 4.0, 10.0, 34.0]
    """
    return _stable(rho) * (1 + scv) / (2 * (1 - rho))


def md1_wait_within(rho: float, wait: float) -> float:
    """Share of the customers of M/D/1 that wait at most `wait` (Erlang, 1909).

    The sum alternates: good to 1e-6 for waits up to 20.

    >>> round(md1_wait_within(0.8, 6.620), 4), round(md1_wait_within(0.8, 10.356), 4)
    (0.95, 0.99)
    """
    ahead = [_stable(rho) * (wait - k) for k in range(floor(wait) + 1)]
    return (1 - rho) * sum(exp(x) * (-x) ** k / factorial(k) for k, x in enumerate(ahead))


def erlang_c(servers: int, rho: float) -> float:
    """Share of the customers of M/M/c that wait, by the recursion of Erlang B.

    Kleinrock I, section 3.5.

    >>> round(erlang_c(8, 0.9), 6)
    0.701533
    """
    offered, blocked = servers * _stable(rho), 1.0
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked / (1 - rho * (1 - blocked))


def mmc_wait(servers: int, rho: float) -> float:
    """Mean wait of M/M/c.

    >>> round(mmc_wait(8, 0.9), 6), round(mmc_wait(4, 0.8), 6)
    (0.876916, 0.745541)
    """
    return erlang_c(servers, rho) / (servers * (1 - rho))


def batching_in_system(
    rate_per_s: float, mean_output_tokens: float, step_s: Callable[[int], float]
) -> float:
    """Mean requests in continuous batching without a cap and with prefill at no cost.

    A symmetric queue: ``pi(n)`` is proportional to the product over k = 1..n of ``rate * tokens *
    step_s(k) / k``, whatever the law of the output length (Kelly, section 3.3).

    `step_s(k)` is the decode step of a batch of k; raises ValueError where the load is not stable.

    >>> [round(batching_in_system(r, 211, lambda k: 0.029 + 0.00036 * k), 3) for r in (1, 3, 5)]
    [6.704, 24.07, 49.943]
    """
    weight, total, weighted, k = 1.0, 1.0, 0.0, 0
    while weight > 1e-15 * total:
        k += 1
        weight *= rate_per_s * mean_output_tokens * step_s(k) / k
        total, weighted = total + weight, weighted + k * weight
        if total > 1e300 or k > 10**6:
            raise ValueError(f"rate_per_s={rate_per_s!r} is not stable: give a lower rate")
    return weighted / total


def power_of_d_time(rho: float, choices: int) -> float:
    """Mean time in system behind the shortest of `choices` queues, of infinitely many.

    The supermarket model (Vvedenskaya, Dobrushin and Karpelevich, 1996; Mitzenmacher, 2001).

    >>> [round(power_of_d_time(0.9, d), 4) for d in (1, 2, 3)]
    [10.0, 2.6141, 2.0279]
    """
    if choices == 1:
        return mm1_time(rho)
    time, i, term = 0.0, 1, 1.0
    while term > 1e-16:
        term = _stable(rho) ** ((choices**i - choices) / (choices - 1))
        time, i = time + term, i + 1
    return time


def round_robin_time(replicas: int, rho: float) -> float:
    """Mean time in system behind round robin: each replica is an E_n/M/1 queue.

    ``sigma = A(1 - sigma)``, A the transform of the gap between arrivals: Kleinrock I, section 6.4.

    >>> round(round_robin_time(8, 0.9), 2), round(round_robin_time(1, 0.9), 6)
    (5.78, 10.0)
    """
    rate = replicas * _stable(rho)
    sigma, before = rho, -1.0
    while abs(sigma - before) > 1e-14:
        sigma, before = (rate / (rate + 1 - sigma)) ** replicas, sigma
    return 1 / (1 - sigma)


def kv_bytes_per_token(layers: int, kv_heads: int, head_dim: int, number_bytes: int) -> int:
    """KV-cache of one token: a key and a value for each layer and KV head.

    >>> kv_bytes_per_token(80, 8, 128, 2)
    327680
    """
    return 2 * layers * kv_heads * head_dim * number_bytes


def transfer_s(size_bytes: float, link_gb_per_s: float) -> float:
    """Seconds to send bytes over a link of so many Gb/s (1e9 bits), nothing lost.

    >>> round(transfer_s(2048 * kv_bytes_per_token(80, 8, 128, 2), 10), 3)
    0.537
    """
    return 8 * size_bytes / (link_gb_per_s * 1e9)


def congestion_probability(hosts: int, active: float, oversubscription: float) -> float:
    """Chance that more hosts of a leaf send at full rate than its uplinks can carry.

    Each host sends with probability `active`, whatever the others do: a binomial tail. The uplinks
    carry ``hosts / oversubscription`` of them.

    >>> [round(100 * congestion_probability(16, p, 4), 1) for p in (0.1, 0.2, 0.3)]
    [1.7, 20.2, 55.0]
    """
    if not (0 <= active <= 1 and oversubscription >= 1):
        raise ValueError(
            f"active={active!r} must be from 0 to 1 and oversubscription={oversubscription!r} "
            "at least 1"
        )
    carried = floor(hosts / oversubscription)
    over = range(carried + 1, hosts + 1)
    return sum(comb(hosts, k) * active**k * (1 - active) ** (hosts - k) for k in over)


def ecmp_all_apart(flows: int, paths: int) -> float:
    """Chance that a hash puts no two flows on one path: the birthday problem.

    >>> round(100 * ecmp_all_apart(8, 8), 2)
    0.24
    """
    return perm(paths, flows) / paths**flows


def ecmp_mean_share(flows: int, paths: int) -> float:
    """Mean share of its rate that a flow gets when each can fill a path alone, hashed to paths.

    As a share of the rate without a collision: of all paths, so many carry something.

    >>> round(ecmp_mean_share(8, 8), 3)
    0.656
    """
    return paths * (1 - (1 - 1 / paths) ** flows) / min(flows, paths)


def ecmp_fullest(flows: int, paths: int) -> float:
    """Mean number of flows on the fullest path: exact, by counting.

    >>> round(ecmp_fullest(8, 8), 1)
    2.6
    """
    mean = 0.0
    for most in range(flows):
        ways = [1] + [0] * flows  # ways to put n flows on the paths so far, at most `most` on each
        for _ in range(paths):
            ways = [
                sum(comb(n, i) * ways[n - i] for i in range(min(n, most) + 1))
                for n in range(flows + 1)
            ]
        mean += 1 - ways[flows] / paths**flows
    return mean


def ring_over_spine(members: int, per_leaf: int, order: str) -> float:
    """Share of the hops of a ring that cross the spine, its members evenly on full leaves.

    `order`: ``"leaf"``, one leaf after the other; ``"interleaved"``, no two neighbours on a leaf;
    ``"random"``, the mean over all orders.

    >>> [ring_over_spine(64, 16, order) for order in ("leaf", "interleaved")]
    [0.0625, 1.0]
    >>> round(ring_over_spine(64, 16, "random"), 3)
    0.762
    """
    if members % per_leaf:
        raise ValueError(f"members={members!r} must fill leaves of per_leaf={per_leaf!r}")
    if members == per_leaf:
        return 0.0
    shares = {"leaf": 1 / per_leaf, "interleaved": 1.0}
    shares["random"] = (members - per_leaf) / (members - 1)
    if order not in shares:
        raise ValueError(f"order={order!r} is not known: use one of {', '.join(shares)}")
    return shares[order]


def steady_load(zones: int, lost: int = 1, limit: float = 1.0) -> float:
    """Highest load of every zone at which the others stay within `limit` when some are lost.

    >>> round(steady_load(3), 4)
    0.6667
    """
    if not 0 <= lost < zones:
        raise ValueError(f"lost={lost!r} must leave at least one of zones={zones!r}")
    return limit * (zones - lost) / zones
