"""`inference-lab pack`."""

import argparse


def add(commands) -> None:
    """Register the sub-command."""
    commands.add_parser("pack").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Not built yet."""
    raise ValueError("'pack' is not built yet")
