"""A new lesson: the files that an author fills in, which build and pass from the first minute."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

SKELETON = Path(__file__).parent / "skeleton"
FILES = {
    "lesson": "solutions/${NN}_$name.py",
    "exercises": "solutions/exercises_$NN.py",
    "experiment": "inference_lab/experiments/$name.py",
    "claim": "inference_lab/lab/claims/$name.py",
    "view": "inference_lab/lab/views/$name.py",
    "script": "inference_lab/lab/views/$name.js",
    "test": "tests/lessons/test_${name}_$NN.py",
    "answers": "tests/lessons/answers_$NN.py",
}
"""Text in ``skeleton/``, and the file of a checkout that it becomes."""


def new(root: Path, number: str, name: str) -> list[Path]:
    """Write the skeleton of a lesson: source, exercises, experiment, claim, view and tests.

    Its subject is a toy; what it shows is where each part belongs.

    Parameters
    ----------
    root : Path
        The checkout.
    number : str
        One or two digits, such as ``"7"``.
    name : str
        Words joined by ``_``, such as ``"the_big_differences"``; modules get this name too.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    FileNotFoundError
        If `root` holds no ``solutions/``.
    ValueError
        If the number or the name cannot be, or a lesson or file of it is there already.
    """
    root = Path(root)
    if not (root / "solutions").is_dir():
        raise FileNotFoundError(f"{root / 'solutions'} is not there: run this in a checkout's root")
    if not re.fullmatch(r"\d{1,2}", number):
        raise ValueError(f"number={number!r} must be one or two digits, such as 07")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise ValueError(f"name={name!r} must be lower-case words joined by _, such as two_words")
    words = {
        "NN": number.zfill(2),
        "N": str(int(number)),
        "name": name,
        "Name": name.title().replace("_", ""),
        "title": name.replace("_", " ").capitalize(),
    }
    paths = {text: root / Template(path).substitute(words) for text, path in FILES.items()}
    there = [*(root / "solutions").glob(f"{words['NN']}_*.py")]
    there += [path for path in paths.values() if path.exists()]
    if there:
        raise ValueError(f"{there[0].relative_to(root)} is there already: nothing was written")
    for text, path in paths.items():
        content = Template((SKELETON / f"{text}.txt").read_text(encoding="utf-8"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.substitute(words), encoding="utf-8")
    return list(paths.values())
