"""`inference-lab update`: brings a new edition of the course and keeps your work."""

from __future__ import annotations

import argparse

from inference_lab.cli.folder_option import for_a_folder, takes_course


def add(commands) -> None:
    """Register the sub-command."""
    parser = for_a_folder(commands, "update", "bring your lessons up to date and keep your work")
    takes_course(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Update the folder and say what was done."""
    from inference_lab.workbook.folder import find_course
    from inference_lab.workbook.update import update

    course = args.course or find_course(args.workbook)
    for line in update(course, args.workbook) or ["everything is up to date"]:
        print(line)
    return 0
