"""`inference-lab replay`: a cluster at work, as one web page that needs no Python."""

from __future__ import annotations

import argparse
from pathlib import Path

LIKE_SCALE = 9.0  # at which eight replicas of the default are busy, and one request in 50 is late


def add(commands: argparse._SubParsersAction) -> None:
    """Register the sub-command."""
    from inference_lab.serving.router import ROUTERS
    from inference_lab.traffic.likeness import SHIPPED

    sub = commands.add_parser("replay", help="write a cluster at work as one web page")
    sub.add_argument("--html", type=Path, required=True, metavar="FILE", help="the page to write")
    load = sub.add_mutually_exclusive_group()
    load.add_argument("--like", default=SHIPPED[0], help=f"{', '.join(SHIPPED)} (default)")
    load.add_argument("--trace", type=Path, help="Azure CSV or Mooncake JSONL, also .gz")
    sub.add_argument("--requests", type=int, default=2000, help="the first so many (default 2000)")
    sub.add_argument(
        "--rate-scale", type=float, help=f"times as fast (default {LIKE_SCALE:g}, of a trace 1)"
    )
    sub.add_argument("--llm", default="Llama-3.1-70B", help="default Llama-3.1-70B")
    sub.add_argument("--gpu", default="H100-SXM5-80GB", help="default H100-SXM5-80GB")
    sub.add_argument("--tp", type=int, default=4, help="GPUs of a replica (default 4)")
    sub.add_argument("--precision", default="bf16", help="of the weights (default bf16)")
    sub.add_argument("--stack", default="vllm-2025", help="the software (default vllm-2025)")
    sub.add_argument("--replicas", type=int, default=8, help="equal replicas (default 8)")
    sub.add_argument(
        "--router",
        nargs="+",
        default=["round_robin", "least_queued_tokens"],
        help=f"one or two of {', '.join(ROUTERS)}",
    )
    sub.add_argument("--ttft-slo", type=float, default=0.45, help="seconds (default 0.45)")
    sub.add_argument("--seed", type=int, default=0, help="of arrivals and routers (default 0)")
    sub.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate, and write the page."""
    import inference_lab as il
    from inference_lab.lab.page import checked
    from inference_lab.lab.views import replay

    path = checked(args.html)
    replica = il.Replica(
        il.LLM.named(args.llm),
        il.GPU.named(args.gpu),
        tp=args.tp,
        precision=args.precision,
        stack=args.stack,
    )
    cluster = il.Cluster(replica, replicas=args.replicas)
    view = replay(cluster, _load(args), args.router, limit_s=args.ttft_slo, seed=args.seed)
    gpus = f"{args.tp} \N{MULTIPLICATION SIGN} {args.gpu}"
    title = f"{args.replicas} replicas of {args.llm}, each on {gpus}"
    view.save_html(path, title)
    print(view.picture["reading"])
    print(f"The replay is in {path}: open it in a browser.")
    return 0


def _load(args: argparse.Namespace) -> object:
    """The requests of the options."""
    from dataclasses import replace

    import inference_lab as il
    from inference_lab.checks import whole

    n = whole("requests", args.requests, at_least=1)
    if args.trace is None:
        scale = LIKE_SCALE if args.rate_scale is None else args.rate_scale
        return il.Workload.like(args.like, scale, requests=n, seed=args.seed)
    load = il.Workload.from_trace(args.trace, args.rate_scale or 1.0)
    blocks = load.prefix_blocks
    return replace(
        load,
        arrival_s=load.arrival_s[:n],
        prompt_tokens=load.prompt_tokens[:n],
        output_tokens=load.output_tokens[:n],
        prefix_blocks=None if blocks is None else [blocks[i] for i in range(len(load))[:n]],
    )
