"""`inference-lab grade`: marks for a folder of submissions."""

from __future__ import annotations

import argparse
from pathlib import Path

STOPPED_BY_CTRL_C = 130


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
        help="secret text, 16 characters or more, which decides the hidden inputs; for one run",
    )
    parser.add_argument(
        "--answer-key",
        type=Path,
        default=Path("solutions"),
        metavar="DIR",
        help="folder of the solutions: NN_name.py and exercises_NN.py (default: solutions)",
    )
    parser.add_argument(
        "--draws",
        type=int,
        default=20,
        metavar="N",
        help="hidden inputs of an exercise; a policy gets one hidden run for every 4 (default: 20)",
    )
    parser.add_argument(
        "--no-isolation",
        action="store_true",
        help="run the submitted code unconfined, which every file of the report then says",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grade, and say how it went, for whom a person has to look, and what was left out."""
    from collections import Counter

    from inference_lab.grading import names
    from inference_lab.grading.box import Box
    from inference_lab.grading.run import grade

    box = Box.none() if args.no_isolation else Box()
    graded = grade(args.submissions, args.out, args.seed_file, args.answer_key, args.draws, box)
    for status, count in Counter(mark.status for mark in graded.marks).most_common():
        print(f"{count:6} {status}")
    shown = names.told_apart(dict.fromkeys(mark.student for mark in graded.marks))
    undecided: dict[tuple[str, str], list[str]] = {}
    for mark in graded.marks:
        if mark.points is None and mark.status != "not reached":
            undecided.setdefault((mark.student, mark.reason), []).append(mark.exercise)
    if undecided:
        print("No total yet, a person has to look:")
    for (student, reason), exercises in undecided.items():
        print(_printable(f"  student {shown[student]}, {', '.join(exercises)}: {reason}"))
    if graded.about["ignored_files"]:
        left_out = ", ".join(map(names.shown, graded.about["ignored_files"]))
        print(_printable(f"Left out, no submission: {left_out}"))
    for student, files in graded.about["left_out"].items():
        print(_printable(f"Left out of student {shown[student]}: {', '.join(files)}"))
    print(f"Marked with Python {graded.about['python']}, numpy {graded.about['numpy']}.")
    print("The seed is used up: make a new one for the next run.")
    print(_printable(f"Report: {', '.join(map(str, graded.files))}"))
    print(f"Do not forward this folder, it holds hidden inputs: {args.out / 'private'}")
    if not graded.about["complete"]:
        print("Stopped early: the report holds what was marked until then.")
        return STOPPED_BY_CTRL_C
    return 0


def _printable(line: str) -> str:
    """The line as this console can show it."""
    import sys

    from inference_lab.grading import names

    coding = getattr(sys.stdout, "encoding", None) or "ascii"
    escaped = "".join(c if c.isprintable() else names.shown(c) for c in line)
    return escaped.encode(coding, "backslashreplace").decode(coding)
