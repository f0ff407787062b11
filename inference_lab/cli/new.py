"""`inference-lab new`: writes the skeleton of a lesson, for authors."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(commands) -> None:
    """Register the sub-command."""
    text = "write the skeleton of a lesson, for authors"
    parser = commands.add_parser("new", help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("number", metavar="NN", help="two digits, such as 07")
    parser.add_argument("name", help="words joined by _, such as the_big_differences")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the files and say what comes next."""
    from inference_lab.pipeline.new import new

    here = Path.cwd()
    for path in new(here, args.number, args.name):
        print(f"wrote {path.relative_to(here)}")
    print(f"Now `inference-lab build {args.number}`; solutions/README.md says what goes where.")
    return 0
