"""`inference-lab progress`: reads the six-character code that `progress()` prints."""

from __future__ import annotations

import argparse


def add(commands) -> None:
    """Register the sub-command."""
    text = "read the code of six characters that `progress()` prints"
    parser = commands.add_parser("progress", help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("code", nargs="+", help="six characters, such as J7B MNH")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say which exercises are right; no proof: anybody can compute a code."""
    from inference_lab.lab.progress_code import decode

    print(decode("".join(args.code)))
    return 0
