"""`inference-lab build`."""

import argparse


def add(commands) -> None:
    """Register the sub-command."""
    commands.add_parser("build").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Not built yet."""
    raise ValueError("'build' is not built yet")
