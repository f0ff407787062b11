"""`inference-lab check`: tells which exercises of your own notebooks are right by now."""

from __future__ import annotations

import argparse
from pathlib import Path

from inference_lab.cli.folder_option import for_a_folder, takes_course


def add(commands) -> None:
    """Register the sub-command."""
    parser = for_a_folder(commands, "check", "say which of your exercises are right by now")
    takes_course(parser)
    parser.add_argument("--junit", type=Path, metavar="PATH", help="write a JUnit XML report too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print a table; exit code 0 when every exercise is right, else 1. It gives no marks."""
    from inference_lab.workbook.folder import find_course
    from inference_lab.workbook.selfcheck import RIGHT, selfcheck

    course = args.course or find_course(args.workbook)
    outcomes = selfcheck(course, args.workbook, args.junit)
    lesson = None
    for each in outcomes:
        if each.lesson != lesson:
            lesson = each.lesson
            print(lesson)
        print(f"  {each.what:<8} {each.title:<40} {each.status}")
        if each.said:
            print(f"  {'':<8} {each.said}")
    count = sum(each.status == RIGHT for each in outcomes)
    print(f"{count} of {len(outcomes)} right. These are the public checks; they give no marks.")
    return int(count < len(outcomes))
