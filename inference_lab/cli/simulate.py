"""`inference-lab simulate`: replay a trace on a cluster and print what it measured."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from inference_lab.cli.trace_options import add_trace_options, trace_workload


def add(commands: argparse._SubParsersAction) -> None:
    """Register the sub-command."""
    from inference_lab.serving.cluster import SCHEDULERS
    from inference_lab.serving.router import ROUTERS
    from inference_lab.serving.simulator import ENGINES

    sub = commands.add_parser("simulate", help="replay a request trace on a cluster")
    add_trace_options(sub)
    sub.add_argument("--llm", required=True, help="such as Llama-3.1-70B")
    sub.add_argument("--gpu", required=True, help="such as H100-SXM5-80GB")
    sub.add_argument("--tp", type=int, default=1, help="GPUs of a replica (default 1)")
    sub.add_argument("--precision", default="bf16", help="of the weights (default bf16)")
    sub.add_argument("--stack", default="ideal", help="the software (default ideal)")
    sub.add_argument("--replicas", type=int, default=1, help="equal replicas (default 1)")
    sub.add_argument("--router", default="round_robin", help=", ".join(ROUTERS))
    sub.add_argument("--scheduler", default="continuous", help=", ".join(SCHEDULERS))
    sub.add_argument("--engine", default="macro", help=", ".join(ENGINES))
    sub.add_argument("--ttft-slo", type=float, default=2.0, help="seconds (default 2)")
    sub.add_argument("--tpot-slo", type=float, default=0.2, help="seconds (default 0.2)")
    sub.add_argument("--seed", type=int, default=0, help="of router and jitter (default 0)")
    sub.add_argument("--json", action="store_true", help="print one JSON object, not a table")
    sub.add_argument("--plot", type=Path, metavar="PNG", help="draw the TTFT over time")
    sub.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate, with progress bars on stderr."""
    from functools import partial

    from tqdm import tqdm

    import inference_lab as il

    if args.plot and args.plot.suffix != ".png":
        raise ValueError(f"--plot {args.plot} must end in .png: it is written as a PNG picture")
    if args.plot and not args.plot.parent.is_dir():
        raise ValueError(
            f"--plot {args.plot}: there is no folder {args.plot.parent}; make it first"
        )
    replica = il.Replica(
        il.LLM.named(args.llm),
        il.GPU.named(args.gpu),
        tp=args.tp,
        precision=args.precision,
        stack=args.stack,
    )
    cluster = il.Cluster(
        replica, replicas=args.replicas, router=args.router, scheduler=args.scheduler
    )
    bar = partial(tqdm, file=sys.stderr, leave=False)
    load = trace_workload(args, partial(bar, desc="reading", unit=" lines"))
    print(load.source, file=sys.stderr)
    with bar(total=len(load), desc="simulating", unit=" requests") as progress:
        result = il.simulate(
            cluster, load, seed=args.seed, engine=args.engine, progress=progress.update
        )
    summary = result.summary(args.ttft_slo, args.tpot_slo)
    if args.json:
        print(json.dumps(_finite(summary.to_dict()), allow_nan=False))
    else:
        print(summary)
    if args.plot:
        _plot(result, args)
    return 0


def _finite(value: object) -> object:
    """JSON knows no nan: a figure that does not exist is null."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    return None if isinstance(value, float) and value != value else value


def _plot(result: object, args: argparse.Namespace) -> None:
    from matplotlib.figure import Figure  # not pyplot, which would keep it open

    fig = Figure(figsize=(8, 4), layout="constrained")
    axes = fig.subplots()
    axes.plot(result.arrival_s / 60, result.ttft_s, ".", markersize=2, label="one request")
    axes.axhline(args.ttft_slo, linestyle="--", color="black", label="TTFT SLO")
    axes.set(
        xlabel="arrival (minutes)",
        ylabel="TTFT (seconds)",
        yscale="log",
        title=f"{args.trace.name}: {args.replicas} x {args.llm} on {args.tp} x {args.gpu}, "
        f"{args.router}",
    )
    axes.legend()
    fig.savefig(args.plot, dpi=150)
