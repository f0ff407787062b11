"""The command `inference-lab`: one module of this folder for each sub-command."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS = (
    "simulate",
    "replay",
    "predict",
    "capacity",
    "list",
    "check",
    "pack",
    "update",
    "progress",
    "doctor",
    "new",
    "build",
    "grade",
)


def parser() -> argparse.ArgumentParser:
    """The command line with all its sub-commands."""
    text = "The commands of inference_lab. `inference-lab COMMAND --help` explains one of them."
    top = argparse.ArgumentParser(prog="inference-lab", description=text)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        importlib.import_module(f"inference_lab.cli.{name}").add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command; bad input ends in one line on stderr and exit code 2."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, TypeError, OSError) as error:
        print(f"inference-lab {options.command}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
