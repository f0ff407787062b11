"""`inference-lab doctor`: what works on this computer, and how to mend what does not."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path


def add(commands) -> None:
    """Register the sub-command."""
    text = "say what works on this computer, and how to mend what does not"
    command = commands.add_parser("doctor", help=text, description=text)
    command.add_argument("--json", action="store_true", help="print a list of objects")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one line for each check, and a fix below each failure.

    Returns
    -------
    int
        1 when something is missing that the course needs, else 0.
    """
    from inference_lab.cli import environment

    machine = environment.Machine(root=checkout(Path.cwd()))
    findings = []
    for check in (*environment.CHECKS, marking):
        finding = check(machine)
        findings.append(finding)
        if not args.json:
            print(line(finding), flush=True)
    if args.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2))
    return int(any(finding.required and not finding.ok for finding in findings))


def line(finding) -> str:
    """One finding as text, and its fix when one is called for."""
    word = "ok  " if finding.ok else "FAIL" if finding.required else "note"
    text = f"{word}  {finding.name:<14} {finding.text}"
    return text if finding.ok else f"{text}\n      {'':<14} -> {finding.fix}"


def marking(machine):
    """The box for student code, for those who mark submissions."""
    from inference_lab.cli.environment import Finding
    from inference_lab.grading.box import Box

    missing = Box().missing()
    text = f"not found: {', '.join(missing)}" if missing else "student code can be boxed"
    fix = "only for marking: use Linux 6.12 or later and the extra `grade`"
    return Finding("marking", not missing, text, fix, required=False)


def checkout(folder: Path) -> Path:
    """The nearest folder, from `folder` upward, with a lock file; else `folder` itself."""
    for candidate in (folder, *folder.parents):
        if (candidate / "requirements.lock").is_file():
            return candidate
    return folder
