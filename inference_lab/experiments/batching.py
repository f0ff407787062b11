"""Batches: a closed loop of users on one replica, its TPOT and its tokens a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import inference_lab as il
from inference_lab.checks import whole

ROUNDS = 3  # requests of each user: one to fill the batch, one to measure, one to end with
FEWEST = 64


@dataclass(frozen=True)
class TpotAtUsers:
    """What one replica gives to so many users at once.

    Parameters
    ----------
    users : int
        Each of them has one request in flight, always.
    tpot_s : float
        Mean TPOT.
    output_tokens_per_s : float
        Of all users together.
    room : int
        Users whose whole requests fit into the KV-cache and the batch at once.
    """

    users: int
    tpot_s: float
    output_tokens_per_s: float
    room: int

    @property
    def waiting(self) -> int:
        """Users that find no room and queue."""
        return max(0, self.users - self.room)


def tpot_at_users(
    replica: il.Replica | il.AffineReplica,
    users: int,
    prompt_tokens: int = 2048,
    output_tokens: int = 128,
    seed: int = 0,
) -> TpotAtUsers:
    """Simulate a closed loop on one replica and measure it while it is full.

    Counted are the requests that end after the first round and before the users run out of
    requests.

    Parameters
    ----------
    replica : Replica or AffineReplica
        The one replica; a `Replica` is scheduled as its stack does.
    users : int
        Users, each of whom starts a request the instant the last one has ended.
    prompt_tokens, output_tokens : int
        Lengths of every request; an answer of 1 token has no TPOT.
    seed : int
        Which run.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, a request does not fit the KV-cache, or nothing takes
        time.

    Notes
    -----
    All answers have one length, so users start and end in step. With mixed lengths prompts come
    between the tokens more evenly; the tokens a second are nearly the same, TPOT is longer.

    Examples
    --------
    >>> one = il.AffineReplica(prefill_s=(0.001, 0, 0), decode_s=(0.01, 0, 0))
    >>> one_user = tpot_at_users(one, users=1, output_tokens=101)
    >>> round(one_user.tpot_s, 6), round(one_user.output_tokens_per_s, 1)
    (0.01, 100.9)
    """
    whole("users", users, at_least=1)
    prompt = whole("prompt_tokens", prompt_tokens, at_least=1)
    output = whole("output_tokens", output_tokens, at_least=2)
    load = il.Workload.closed_loop(
        users,
        requests=max(FEWEST, ROUNDS * users),
        prompt_tokens=prompt,
        output_tokens=output,
        seed=seed,
    )
    cluster = il.Cluster(replica)
    result = il.simulate(cluster, load, seed=seed)
    if result.refused:
        raise ValueError(
            f"prompt_tokens={prompt} and output_tokens={output} do not fit the KV-cache of "
            f"{replica.kv_capacity_tokens} tokens: shorten them, or give the replica more GPUs"
        )
    end_s = result.arrival_s + result.e2e_s
    full_s, last_s = np.sort(end_s)[users - 1], result.arrival_s.max()
    counted = (end_s > full_s) & (end_s <= last_s)
    if not counted.any():
        raise ValueError(f"replica={replica!r} takes no time: give it costs above 0")
    return TpotAtUsers(
        users=users,
        tpot_s=float(result.tpot_s[counted].mean()),
        output_tokens_per_s=float(result.output_tokens[counted].sum() / (last_s - full_s)),
        room=min(replica.max_batch, replica.kv_capacity_tokens // (prompt + output)),
    )
