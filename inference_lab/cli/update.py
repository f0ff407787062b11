"""`inference-lab update`."""

import argparse


def add(commands) -> None:
    """Register the sub-command."""
    commands.add_parser("update").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Not built yet."""
    raise ValueError("'update' is not built yet")
