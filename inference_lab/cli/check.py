"""`inference-lab check`: tells which exercises of your own notebooks are right by now."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(commands) -> None:
    """Register the sub-command."""
    text = "say which of your exercises are right by now"
    parser = commands.add_parser("check", help=text, description=f"{text[0].upper()}{text[1:]}.")
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
