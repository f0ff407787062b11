"""`inference-lab grade`: marks for a folder of submissions."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(commands) -> None:
    """Register the sub-command."""
    from inference_lab import grading

    parser = commands.add_parser(
        "grade",
        help="mark a folder of submissions",
        description=grading.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "submissions", type=Path, help="folder that holds NAME.zip or NAME/ for each student"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="REPORT", help="new folder for the report"
    )
    parser.add_argument(
        "--seed-file",
        type=Path,
        required=True,
        metavar="FILE",
        help="secret text, 16 characters or more: the same file gives the same hidden inputs",
    )
    parser.add_argument(
        "--pack",
        type=Path,
        default=Path("solutions"),
        metavar="DIR",
        help="folder with NN_name.py and exercises_NN.py (default: solutions)",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=20,
        metavar="N",
        help="hidden inputs of each exercise, hidden runs of a policy times 4 (default: 20)",
    )
    parser.add_argument(
        "--no-isolation",
        action="store_true",
        help="run the submitted code unconfined, which every file of the report then says",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grade, and say in a few lines how it went."""
    from collections import Counter

    from inference_lab.grading.box import Box
    from inference_lab.grading.marking import grade

    box = Box.none() if args.no_isolation else Box()
    marks = grade(args.submissions, args.out, args.seed_file, args.pack, args.seeds, box)
    for status, count in Counter(mark.status for mark in marks).most_common():
        print(f"{count:6} {status}")
    undecided = sorted({mark.student for mark in marks if mark.points is None})
    if undecided:
        print(f"No total yet, a person has to look: {', '.join(undecided)}")
    print(f"Report: {args.out}")
    return 0
