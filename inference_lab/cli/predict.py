"""`inference-lab predict`: what a serving benchmark would measure on one replica."""

from __future__ import annotations

import argparse
import json
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any

from inference_lab.cli.system_options import add_system_options, cluster_of, described, misfit

if TYPE_CHECKING:
    from inference_lab.serving.cluster import Cluster

REQUESTS_PER_USER = 10
"""As serving benchmarks do; the first burst is part of the means."""


def add(commands: Any) -> None:
    """Register the sub-command."""
    parser = commands.add_parser(
        "predict",
        help="TTFT and TPOT of one replica in a closed loop",
        usage="%(prog)s --prompt N --output N --llm NAME --gpu NAME [options]",
        description="What a serving benchmark would measure on one replica: so many users, each "
        f"of whom sends {REQUESTS_PER_USER} requests, one after the other. Prints means over all "
        "of them, in seconds.",
    )
    load = parser.add_argument_group("load")
    load.add_argument(
        "--prompt", type=int, required=True, metavar="N", help="tokens of each prompt"
    )
    load.add_argument(
        "--output", type=int, required=True, metavar="N", help="tokens of each output"
    )
    load.add_argument(
        "--lengths",
        type=float,
        default=1.0,
        metavar="F",
        help="0.8 draws both lengths uniformly from 0.8 N to N, as many benchmarks do; equal ones "
        "(1, the default) keep the users in step, so that their prompts queue together",
    )
    load.add_argument(
        "--concurrency", type=int, default=1, metavar="USERS", help="users (default 1)"
    )
    load.add_argument("--seed", type=int, default=0, help="of drawn lengths (default 0)")
    add_system_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the prediction, or what would fit."""
    cluster = cluster_of(args)
    replica = cluster.fleet[0]
    prediction = closed_loop(
        cluster, args.prompt, args.output, args.concurrency, args.seed, args.lengths
    )
    if args.json:
        print(json.dumps(prediction | {"stack": replica.stack, "source": replica.source}))
    if not prediction["fits"]:
        raise ValueError(misfit(cluster, args.prompt + args.output))
    if not args.json:
        for name, value in prediction.items():
            shown = f"{value:.6g}" if isinstance(value, float) else value
            print(f"{name:20} {'none' if value is None else shown}")
        print(described(cluster))
    return 0


def closed_loop(
    cluster: Cluster,
    prompt_tokens: int,
    output_tokens: int,
    concurrency: int,
    seed: int = 0,
    shortest: float = 1.0,
) -> dict[str, float | int | bool | None]:
    """Means over all requests of a closed loop, the first burst included.

    Parameters
    ----------
    cluster : Cluster
        Of one replica.
    prompt_tokens, output_tokens : int
        Of the longest request.
    concurrency : int
        Users; each sends ten requests, one after the other.
    seed : int
        Of the lengths.
    shortest : float
        Both lengths are uniform between this share of the longest one and the longest one.

    Returns
    -------
    dict
        ``ttft_s``, ``tpot_s`` (None if no output has a second token), ``output_tokens_per_s``,
        ``kv_capacity_tokens``, ``fits`` (the weights and one request of that size). Where it does
        not fit, there are no times: None.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the cluster's ``max_model_len`` refuses such requests.
    """
    from inference_lab import Workload, simulate
    from inference_lab.checks import real, whole

    prompt = whole("prompt", prompt_tokens, at_least=1)
    output = whole("output", output_tokens, at_least=1)
    users = whole("concurrency", concurrency, at_least=1)
    share = real("lengths", shortest, above=0, at_most=1)
    if cluster.max_model_len is not None and prompt + output > cluster.max_model_len:
        raise ValueError(
            f"max_model_len={cluster.max_model_len} refuses requests of {prompt} + {output} "
            "tokens: give shorter ones"
        )
    fits = misfit(cluster, prompt + output) is None
    times = dict.fromkeys(("ttft_s", "tpot_s", "output_tokens_per_s"))
    if fits:
        load = Workload.closed_loop(
            users,
            requests=REQUESTS_PER_USER * users,
            prompt_tokens=(ceil(share * prompt), prompt),
            output_tokens=(ceil(share * output), output),
            seed=seed,
        )
        summary = simulate(cluster, load, seed=seed).summary()
        means = (summary.ttft_s["mean"], summary.tpot_s["mean"], summary.output_tokens_per_s)
        times = {
            name: mean if isfinite(mean) else None for name, mean in zip(times, means, strict=True)
        }
    capacity = cluster.fleet[0].kv_capacity_tokens
    return times | {"kv_capacity_tokens": capacity, "fits": fits}
