"""`inference-lab update`: brings a new edition of the course and keeps your work."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(commands) -> None:
    """Register the sub-command."""
    text = "bring your lessons up to date and keep your work"
    parser = commands.add_parser("update", help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument(
        "workbook",
        nargs="?",
        type=Path,
        default=Path("my_course"),
        help="your folder of lessons (default: my_course)",
    )
    parser.add_argument(
        "--course", type=Path, help="the course's folder (default: the command looks for it)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Update the folder and say what was done."""
    from inference_lab.workbook.folder import find_course
    from inference_lab.workbook.update import update

    course = args.course or find_course(args.workbook)
    for line in update(course, args.workbook) or ["everything is up to date"]:
        print(line)
    return 0
