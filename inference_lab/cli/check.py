"""`inference-lab check`."""

import argparse


def add(commands) -> None:
    """Register the sub-command."""
    commands.add_parser("check").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Not built yet."""
    raise ValueError("'check' is not built yet")
