"""`inference-lab pack`: writes the zip of your notebooks that you hand in."""

from __future__ import annotations

import argparse
from pathlib import Path

from inference_lab.cli.folder_option import for_a_folder


def add(commands) -> None:
    """Register the sub-command."""
    parser = for_a_folder(commands, "pack", "write your notebooks into the zip that you hand in")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: my_course.zip")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the zip and say what is in it."""
    from collections import Counter

    from inference_lab.workbook.attempts import attempts
    from inference_lab.workbook.folder import pack

    archive = args.out or args.workbook.resolve().with_suffix(".zip")
    tried = attempts(args.workbook)
    names = pack(args.workbook, archive)
    print(f"wrote {archive} with {len(names)} notebooks: {', '.join(names)}")
    for status, count in Counter(each.status for each in tried).most_common():
        which = ", ".join(each.exercise for each in tried if each.status == status)
        print(f"  {count} {status}: {which}")
    for each in tried:
        if each.reason:
            print(f"  {each.exercise}: {each.reason}")
    print(
        "The zip holds your notebooks as last saved. Save your notebooks first, then pack them. "
        "`inference-lab check` runs every saved exercise and says which are right."
    )
    return 0
