"""`inference-lab doctor`."""

import argparse


def add(commands) -> None:
    """Register the sub-command."""
    commands.add_parser("doctor").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Not built yet."""
    raise ValueError("'doctor' is not built yet")
