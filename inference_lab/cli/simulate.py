"""`inference-lab simulate`."""

import argparse


def add(commands) -> None:
    """Register the sub-command."""
    commands.add_parser("simulate").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Not built yet."""
    raise ValueError("'simulate' is not built yet")
