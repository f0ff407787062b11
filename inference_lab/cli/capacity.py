"""`inference-lab capacity`: the most load, or the fewest replicas, within an SLO."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING, Any

from inference_lab.cli.system_options import add_system_options, cluster_of, described, misfit
from inference_lab.cli.trace_options import add_trace_options, trace_workload

if TYPE_CHECKING:
    from inference_lab.sweep.capacity import Capacity

LIKE_REQUESTS = 10_000
"""Of each draw of a load, unless `--requests` says otherwise: 100 of them make a p99."""

OF_A_TRACE = ("columns", "time_unit", "between", "every", "first", "skip_empty", "jitter")
"""Options that a drawn load has no use for."""


def add(commands: Any) -> None:
    """Register the sub-command."""
    from inference_lab.sweep.capacity import SEEDS
    from inference_lab.traffic.likeness import SHIPPED

    sub = commands.add_parser(
        "capacity",
        help="the most load, or the fewest replicas, within an SLO",
        usage="%(prog)s (--trace FILE | --like NAME) --llm NAME --gpu NAME [options]",
        description="The largest rate, or with --fewest the fewest replicas, at which a share of "
        "the requests keeps an SLO, by bisection over simulations.",
    )
    group = sub.add_argument_group("SLO")
    for name in ("ttft", "tpot"):
        group.add_argument(
            f"--{name}-slo", type=float, metavar="SECONDS", help=f"limit of the {name.upper()}"
        )
    group.add_argument(
        "--share",
        type=float,
        default=0.99,
        help="of all requests that keep both limits (default 0.99)",
    )
    sub.add_argument(
        "--fewest", action="store_true", help="find the fewest replicas for the load as it is"
    )
    group = sub.add_argument_group("drawn load, instead of a trace")
    group.add_argument("--like", metavar="NAME", help=f"drawn as {', '.join(SHIPPED)}")
    group.add_argument(
        "--requests",
        type=int,
        metavar="N",
        help=f"of each draw (default {LIKE_REQUESTS:,})",
    )
    group.add_argument(
        "--seeds",
        type=int,
        metavar="N",
        help=f"draws; their spread is said (default {len(SEEDS)})",
    )
    add_trace_options(sub, required=False)
    add_system_options(sub, routers=["round_robin"])
    sub.add_argument("--seed", type=int, default=0, help="first one of all draws (default 0)")
    sub.add_argument("--json", action="store_true", help="print one JSON object")
    sub.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Search, and print what was found."""
    from inference_lab import SLO, Workload
    from inference_lab import capacity as search
    from inference_lab.checks import whole
    from inference_lab.sweep.capacity import SEEDS

    if (args.trace is None) == (args.like is None):
        raise ValueError("give a load: either --trace FILE or --like NAME")
    without = ("requests", "seeds") if args.like is None else OF_A_TRACE
    for name in without:
        if getattr(args, name):
            option, load_option = name.replace("_", "-"), "like" if args.like is None else "trace"
            raise ValueError(f"--{option} goes with --{load_option} only: leave it out")
    cluster = cluster_of(args)
    slo = SLO(args.ttft_slo, args.tpot_slo, args.share)
    first = whole("seed", args.seed)
    load: Any
    if args.like is None:
        load, seeds = trace_workload(args), range(first, first + 1)
    else:
        draws = len(SEEDS) if args.seeds is None else args.seeds
        seeds = range(first, first + whole("seeds", draws, at_least=1))
        n = LIKE_REQUESTS if args.requests is None else args.requests

        def load(seed: int) -> Workload:
            return Workload.like(args.like, args.rate_scale, requests=n, seed=seed)

    one = load if args.trace else load(first)
    too_long = misfit(cluster, int((one.prompt_tokens + one.output_tokens).min()))
    if too_long:
        raise ValueError(too_long)
    found = search(cluster, load, slo, replicas=args.fewest, seeds=seeds)
    if args.json:
        replica = cluster.fleet[0]
        print(json.dumps(figures(found) | {"stack": replica.stack, "source": replica.source}))
    else:
        print(found)
        fleet = replace(cluster, replicas=int(found.value)) if args.fewest else cluster
        print(described(fleet))
    return 0


def figures(found: Capacity) -> dict[str, Any]:
    """The same as plain numbers; null where nobody can know."""
    low, high = found.interval
    return {
        "replicas" if found.replicas else "rate_scale": found.value,
        "requests_per_s": found.rate_per_s,
        "low": None if isnan(low) else low,
        "high": None if isnan(high) else high,
        "values": found.values.tolist(),
        "seeds": list(found.seeds),
        "beyond": found.beyond,
        "is_steady": found.is_steady,
        "slo": vars(found.slo),
    }
