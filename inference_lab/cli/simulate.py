"""`inference-lab simulate`: replay a trace on a cluster and print what it measured."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference_lab.cli.system_options import add_system_options, cluster_of, described, misfit
from inference_lab.cli.trace_options import add_trace_options, trace_workload

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from inference_lab.serving.result import Result
    from inference_lab.traffic.workload import Workload

MOST_GAPS = 50_000_000
"""Each takes some 40 bytes while they are sorted: 2 GB."""

SAMPLES = 1000
"""Of the memory of each replica, while requests arrive."""

SHORTEST_SAMPLE_S = 0.1
"""A burst may be worked off for a thousand times as long as it came."""

TITLE_CHARACTERS = 80
"""Of a line of the plot's title, which is as wide as the picture."""


def add(commands: argparse._SubParsersAction) -> None:
    """Register the sub-command."""
    from inference_lab.serving.simulator import ENGINES
    from inference_lab.serving.summary import TPOT_SLO_S, TTFT_SLO_S

    sub = commands.add_parser(
        "simulate",
        help="replay a request trace on a cluster",
        usage="%(prog)s --trace FILE --llm NAME --gpu NAME [options]",
        description="Replay a request trace on a cluster, and print what its clients would have "
        "measured, in seconds.",
    )
    add_trace_options(sub)
    add_system_options(sub, routers=["round_robin"])
    group = sub.add_argument_group("run and report")
    group.add_argument(
        "--warmup",
        type=int,
        default=0,
        metavar="N",
        help="leave the first N requests out of the figures (default 0)",
    )
    group.add_argument(
        "--count-failed",
        action="store_true",
        help="count requests that were not served as infinitely slow in the percentiles",
    )
    for name, slo_s in (("ttft", TTFT_SLO_S), ("tpot", TPOT_SLO_S)):
        group.add_argument(
            f"--{name}-slo",
            type=float,
            default=slo_s,
            metavar="SECONDS",
            help=f"limit of the {name.upper()} in the goodput (default {slo_s:g})",
        )
    group.add_argument(
        "--engine", default="macro", metavar="NAME", help=f"{', '.join(ENGINES)} (default macro)"
    )
    group.add_argument("--seed", type=int, default=0, help="of all that is random (default 0)")
    group.add_argument("--json", action="store_true", help="print one JSON object, not a table")
    group.add_argument(
        "--requests-csv", type=Path, metavar="CSV", help="write a row for each request"
    )
    group.add_argument("--plot", type=Path, metavar="PNG", help="draw the TTFT over time")
    sub.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate, with progress bars on stderr where that is a terminal."""
    from functools import partial

    from tqdm import tqdm

    import inference_lab as il

    _check_path("--plot", args.plot, ".png")
    _check_path("--requests-csv", args.requests_csv, ".csv")
    cluster = cluster_of(args)
    replica = cluster.fleet[0]
    bar = partial(tqdm, file=sys.stderr, leave=False, disable=None)  # None: where no terminal is
    load = trace_workload(args, partial(bar, desc="reading", unit=" lines"))
    print(load.source, file=sys.stderr)
    with bar(total=len(load), desc="simulating", unit=" requests") as progress:
        result = il.simulate(
            cluster,
            load,
            seed=args.seed,
            engine=args.engine,
            progress=progress.update,
            **_recorded(load),
        )
    summary = result.summary(args.ttft_slo, args.tpot_slo, args.warmup, args.count_failed)
    if args.json:
        figures = summary.to_dict() | {"stack": replica.stack, "source": replica.source}
        print(json.dumps(_finite(figures), allow_nan=False))
    if args.requests_csv:
        write_csv(result, args.requests_csv)
    sizes = load.prompt_tokens + load.output_tokens
    if not result.served[args.warmup :].any():
        raise ValueError(misfit(cluster, int(sizes.min())) or _nothing_served(result))
    too_long = misfit(cluster, int(sizes.max()))
    if too_long:
        print(f"longest request: {too_long}", file=sys.stderr)
    if not args.json:
        print(summary)
        print(described(cluster))
    if args.plot:
        title = f"{args.trace.name}: {args.replicas} x {replica.llm.name} {replica.precision} on "
        title += f"{args.tp} x {args.gpu}, {args.stack}, {cluster.router}"
        ttft_figure(result, title, args.ttft_slo).savefig(args.plot, dpi=150)
    return 0


def _recorded(load: Workload) -> dict[str, Any]:
    """What is noted for the percentiles of the ITL and the use of the memory."""
    tokens = int(load.output_tokens.sum())
    if tokens > MOST_GAPS:
        print(
            f"{tokens:,} output tokens: of the ITL only the mean is reported, to save memory",
            file=sys.stderr,
        )
    span_s = float(load.arrival_s[-1] - load.arrival_s[0])
    return {"spans": tokens <= MOST_GAPS, "sample_s": max(span_s / SAMPLES, SHORTEST_SAMPLE_S)}


def _check_path(option: str, path: Path | None, suffix: str) -> None:
    """Before the run, not after it."""
    if path is None:
        return
    if path.suffix != suffix:
        raise ValueError(f"{option} {path} must end in {suffix}: that is what is written")
    if not path.parent.is_dir():
        raise ValueError(f"{option} {path}: there is no folder {path.parent}; make it first")


def write_csv(result: Result, path: Path) -> None:
    """A row for each request, under the names of `Result.to_columns`; empty where there is none."""
    import csv

    columns = {name: column.tolist() for name, column in result.to_columns().items()}
    rows = zip(*columns.values(), strict=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([None if entry != entry else entry for entry in row] for row in rows)


def _nothing_served(result: Result) -> str:
    return (
        f"no request to report on was served: of {len(result.arrival_s):,} in all "
        f"{result.refused:,} were too long, {result.rejected:,} met a full queue and "
        f"{result.timed_out:,} timed out"
    )


def _finite(value: object) -> object:
    """JSON knows neither nan nor infinity: a figure that does not exist is null."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    return None if isinstance(value, float) and not isfinite(value) else value


def ttft_figure(result: Result, title: str, ttft_slo_s: float) -> Figure:
    """The TTFT of each request over its arrival, on a logarithmic scale, beside the SLO."""
    from matplotlib.figure import Figure  # not pyplot, which would keep it open

    fig = Figure(figsize=(8, 4), layout="constrained")
    axes = fig.subplots()
    axes.plot(result.arrival_s / 60, result.ttft_s, ".", markersize=2, label="one request")
    axes.axhline(ttft_slo_s, linestyle="--", color="black", label="TTFT SLO")
    axes.set(xlabel="arrival (minutes)", ylabel="TTFT (seconds)", yscale="log")
    fig.suptitle(textwrap.fill(title, TITLE_CHARACTERS), fontsize="medium")
    fig.legend(loc="outside lower right", ncols=2)
    return fig
