"""The options that say which trace a command replays, and how it is read."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

KEPT = ("columns", "time_unit", "first", "every", "skip_empty", "rate_scale")
"""Options that are arguments of `Workload.from_trace` by the same name."""


def add_trace_options(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Add the group of options to a sub-command; `trace_workload` reads what they say."""
    group = parser.add_argument_group(
        "trace",
        "Azure, Mooncake, Bailian, BurstGPT, Vidur, splitwise-sim and ServeGen requests are told "
        "by their columns; CSV or JSON lines, plain or gzip.",
    )
    group.add_argument("--trace", type=Path, required=required, metavar="FILE", help="the file")
    group.add_argument(
        "--columns",
        metavar="ROLE=NAME,...",
        help="what other columns are: arrival=...,prompt=...,output=..., also blocks, session, "
        "parent, tenant",
    )
    group.add_argument("--time-unit", metavar="UNIT", help="of numeric times: s, ms, us or ns")
    group.add_argument(
        "--between",
        type=float,
        nargs=2,
        metavar=("A", "B"),
        help="only requests from A to B seconds after the earliest one",
    )
    group.add_argument("--every", type=int, metavar="K", help="of these only one in K")
    group.add_argument("--first", type=int, metavar="N", help="of these only the first N")
    group.add_argument("--skip-empty", action="store_true", help="leave out requests of 0 tokens")
    group.add_argument(
        "--jitter",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="delay each request by its own uniform time, where times are rounded down (default 0)",
    )
    group.add_argument(
        "--rate-scale", type=float, default=1.0, help="2 replays twice as fast (default 1)"
    )


def trace_workload(
    options: argparse.Namespace, progress: Callable[[Iterable], Iterable] = iter
) -> Any:
    """The `Workload` that the options ask for; `options.seed` is that of the jitter."""
    from inference_lab.traffic.workload import Workload

    return Workload.from_trace(
        options.trace,
        progress=progress,
        jitter_s=options.jitter,
        seed=options.seed,
        between_s=options.between,
        **{name: getattr(options, name) for name in KEPT},
    )
