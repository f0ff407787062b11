"""`inference-lab replay`: a cluster at work, as one web page that needs no Python."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from inference_lab.cli.system_options import add_system_options, cluster_of, misfit
from inference_lab.cli.trace_options import add_trace_options, trace_workload

if TYPE_CHECKING:
    from inference_lab.traffic.workload import Workload

LIKE_SCALE = 9.0  # at which eight replicas of the default are busy, and one request in 50 is late
COMPARED = ("round_robin", "least_queued_tokens")
FIRST = 2000  # of the requests: the page stays about a megabyte
OF_A_FILE = ("columns", "time_unit", "between", "every", "skip_empty", "jitter")


def add(commands: argparse._SubParsersAction) -> None:
    """Register the sub-command."""
    from inference_lab.traffic.likeness import SHIPPED

    sub = commands.add_parser(
        "replay",
        help="write a cluster at work as one web page",
        usage="%(prog)s --html FILE [options]",
        description="Write a cluster at work as one web page: the same requests under one router, "
        f"or under two side by side; the first {FIRST:,} unless --first is given.",
    )
    sub.add_argument("--html", type=Path, required=True, metavar="FILE", help="the page to write")
    sub.add_argument("--ttft-slo", type=float, default=0.45, help="seconds (default %(default)s)")
    sub.add_argument("--seed", type=int, default=0, help="of all that is random (default 0)")
    sub.add_argument(
        "--like",
        metavar="NAME",
        help=f"without a file, requests like those of {' or '.join(SHIPPED)} (default "
        f"{SHIPPED[0]}), {LIKE_SCALE:g} times as fast unless --rate-scale is given",
    )
    add_trace_options(sub, required=False)
    add_system_options(sub, COMPARED, llm="Llama-3.1-70B", gpu="H100-SXM5-80GB")
    sub.set_defaults(run=run, first=FIRST, rate_scale=None, tp=4, replicas=8)


def run(args: argparse.Namespace) -> int:
    """Simulate, and write the page."""
    from inference_lab.lab.page import checked
    from inference_lab.lab.views import replay

    path = checked(args.html)
    cluster = cluster_of(args)
    replica = cluster.fleet[0]
    load = _load(args)
    too_small = misfit(cluster, int((load.prompt_tokens + load.output_tokens).min()))
    if too_small:
        raise ValueError(too_small)
    view = replay(cluster, load, args.router, limit_s=args.ttft_slo, seed=args.seed)
    gpus = f"{args.tp} \N{MULTIPLICATION SIGN} {replica.gpu.name}"
    view.save_html(path, f"{args.replicas} replicas of {replica.llm.name}, each on {gpus}")
    print(view.picture["reading"])
    print(f"The replay is in {path}: open it in a browser.")
    return 0


def _load(args: argparse.Namespace) -> Workload:
    """The requests of the options."""
    from inference_lab.checks import whole
    from inference_lab.traffic.likeness import SHIPPED
    from inference_lab.traffic.workload import Workload

    if args.trace is not None:
        if args.like is not None:
            raise ValueError(f"--like {args.like} does not go with --trace: leave one out")
        args.rate_scale = 1.0 if args.rate_scale is None else args.rate_scale
        return trace_workload(args)
    for name in OF_A_FILE:
        if getattr(args, name):
            raise ValueError(f"--{name.replace('_', '-')} goes with --trace FILE: give one")
    scale = LIKE_SCALE if args.rate_scale is None else args.rate_scale
    n = whole("first", args.first, at_least=1)
    return Workload.like(args.like or SHIPPED[0], scale, requests=n, seed=args.seed)
