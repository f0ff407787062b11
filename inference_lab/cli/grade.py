"""`inference-lab grade`."""

import argparse


def add(commands) -> None:
    """Register the sub-command."""
    commands.add_parser("grade").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Not built yet."""
    raise ValueError("'grade' is not built yet")
