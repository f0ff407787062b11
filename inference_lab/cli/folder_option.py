"""The learner's folder, as every command takes it that works in one."""

from __future__ import annotations

import argparse
from pathlib import Path


def for_a_folder(commands, name: str, text: str) -> argparse.ArgumentParser:
    """Register a sub-command that takes the learner's folder.

    Parameters
    ----------
    commands : argparse sub-parsers
        Where it is registered.
    name, text : str
        The sub-command, and what it does in a few words.

    Returns
    -------
    argparse.ArgumentParser
        The sub-command's parser; it puts the folder into ``workbook``.
    """
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument(
        "workbook",
        nargs="?",
        type=Path,
        default=Path("my_course"),
        help="your folder of lessons (default: my_course)",
    )
    return parser


def takes_course(parser: argparse.ArgumentParser) -> None:
    """Let a sub-command be told where the course lies."""
    parser.add_argument(
        "--course", type=Path, help="the course's folder (default: the command looks for it)"
    )
