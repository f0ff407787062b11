"""`inference-lab predict`: what a serving benchmark would measure on one replica."""

from __future__ import annotations

import argparse
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inference_lab.physics.replica import Replica

REQUESTS_PER_USER = 10
"""As serving benchmarks do; the first burst is part of the means."""

SHORTEST = 0.8
"""Lengths are uniform between this share of the given one and the given one."""


def add(commands: Any) -> None:
    """Register the sub-command."""
    parser = commands.add_parser("predict", help="TTFT and TPOT of one replica in a closed loop")
    parser.add_argument("--llm", required=True, help="model, as in LLM.names()")
    parser.add_argument("--gpu", required=True, help="GPU, as in GPU.names()")
    parser.add_argument("--tp", type=int, default=1, help="tensor parallelism")
    parser.add_argument("--precision", default="bf16", help="of the weights: bf16 or fp8")
    parser.add_argument("--kv-precision", help="of the KV-cache; the stack's own if not given")
    parser.add_argument("--stack", default="vllm-2025", help="software, or ideal")
    parser.add_argument("--prompt", type=int, required=True, help="longest prompt, tokens")
    parser.add_argument("--output", type=int, required=True, help="longest output, tokens")
    parser.add_argument("--concurrency", type=int, default=1, help="users, one request each")
    parser.add_argument("--seed", type=int, default=0, help="of the lengths")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the prediction."""
    import json

    from inference_lab import GPU, LLM, Replica

    replica = Replica(
        LLM.named(args.llm),
        GPU.named(args.gpu),
        tp=args.tp,
        precision=args.precision,
        kv_precision=args.kv_precision,
        stack=args.stack,
    )
    prediction = closed_loop(replica, args.prompt, args.output, args.concurrency, args.seed)
    if args.json:
        print(json.dumps(prediction))
        return 0
    for name, value in prediction.items():
        shown = "none" if value is None else f"{value:.6g}" if isinstance(value, float) else value
        print(f"{name:20} {shown}")
    return 0


def closed_loop(
    replica: Replica, prompt_tokens: int, output_tokens: int, concurrency: int, seed: int = 0
) -> dict[str, float | int | bool | None]:
    """Means over all requests of a closed loop, the first burst included.

    Parameters
    ----------
    replica : Replica
        The only one.
    prompt_tokens, output_tokens : int
        Lengths are uniform on [0.8 L, L].
    concurrency : int
        Users; each sends ten requests, one after the other.
    seed : int
        Of the lengths.

    Returns
    -------
    dict
        ``ttft_s``, ``tpot_s``, ``output_tokens_per_s`` (None if no request could be served),
        ``kv_capacity_tokens``, ``fits`` (the weights and one request of that size).

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.
    """
    from numpy import isfinite, nanmax

    from inference_lab import Cluster, Workload, simulate
    from inference_lab.checks import whole
    from inference_lab.serving.kv_cache import BLOCK_TOKENS, blocks_for

    prompt = whole("prompt", prompt_tokens, at_least=1)
    output = whole("output", output_tokens, at_least=1)
    users = whole("concurrency", concurrency, at_least=1)
    load = Workload.closed_loop(
        users,
        requests=REQUESTS_PER_USER * users,
        prompt_tokens=(ceil(SHORTEST * prompt), prompt),
        output_tokens=(ceil(SHORTEST * output), output),
        seed=seed,
    )
    cluster = Cluster(replica)
    result = simulate(cluster, load, seed=seed)
    served = isfinite(result.e2e_s)
    duration_s = float(nanmax(result.arrival_s + result.e2e_s)) if served.any() else 0.0
    tokens = int(result.output_tokens[served].sum())
    blocks = replica.kv_capacity_tokens // BLOCK_TOKENS
    return {
        "ttft_s": _mean(result.ttft_s),
        "tpot_s": _mean(result.tpot_s),
        "output_tokens_per_s": tokens / duration_s if duration_s else None,
        "kv_capacity_tokens": replica.kv_capacity_tokens,
        "fits": blocks_for(prompt + output - 1) <= blocks,
    }


def _mean(times_s: Any) -> float | None:
    from numpy import isfinite

    known = times_s[isfinite(times_s)]
    return float(known.mean()) if len(known) else None
