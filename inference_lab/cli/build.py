"""`inference-lab build`: makes the notebooks of the course from their sources."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add(commands) -> None:
    """Register the sub-command."""
    text = "make the notebooks of the course from their sources, for authors"
    parser = commands.add_parser("build", help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument(
        "lessons", nargs="*", metavar="NN", help="lesson numbers, or `glossary` (default: all)"
    )
    parser.add_argument(
        "--check", action="store_true", help="run and write nothing; say what a build would change"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Build, or with ``--check`` compare; exit code 1 when something differs."""
    from inference_lab.pipeline import glossary
    from inference_lab.pipeline.build import build
    from inference_lab.pipeline.drift import drift
    from inference_lab.pipeline.project import lessons

    here = Path.cwd()
    numbers = [each for each in args.lessons if each != glossary.NAME]
    chosen = lessons(here, numbers) if numbers or not args.lessons else []
    with_glossary = not args.lessons or len(numbers) < len(args.lessons)
    if not args.check:
        for lesson in chosen:
            for path in build(lesson):
                print(f"wrote {path.relative_to(here)}")
        if with_glossary:
            for path in glossary.build(here):
                print(f"wrote {path.relative_to(here)}")
        return 0
    found = [each for lesson in chosen for each in drift(lesson)]
    found += glossary.drift(here) if with_glossary else []
    for each in found:
        print(each, file=sys.stderr)
    if found:
        print("Run `inference-lab build` and commit what it writes.", file=sys.stderr)
    return int(bool(found))
