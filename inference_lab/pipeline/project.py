"""Where the parts of a lesson lie in a checkout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lesson:
    """One lesson of a checkout.

    Parameters
    ----------
    root : Path
        The checkout.
    name : str
        Number and words, such as ``"05_the_latency_that_matters"``.
    """

    root: Path
    name: str

    @property
    def number(self) -> str:
        """The two digits, such as ``"05"``."""
        return self.name[:2]

    @property
    def source(self) -> Path:
        """The one file that an author edits."""
        return self.root / "solutions" / f"{self.name}.py"

    @property
    def solved(self) -> Path:
        """The executed notebook with the solutions."""
        return self.root / "solutions" / f"{self.name}.ipynb"

    @property
    def course(self) -> Path:
        """The executed notebook that learners open."""
        return self.root / "course" / f"{self.name}.ipynb"

    @property
    def definitions(self) -> Path:
        """The exercises as Python: inputs, misconceptions, hints. It need not exist."""
        return self.root / "solutions" / f"exercises_{self.number}.py"

    @property
    def answers(self) -> Path:
        """The exercises as plain numbers, which the checks in the notebook read."""
        return self.root / "inference_lab" / "lab" / "exercises" / f"{self.number}.json"


def lessons(root: Path, numbers: list[str] | None = None) -> list[Lesson]:
    """The lessons of a checkout in their order.

    Parameters
    ----------
    root : Path
        The checkout: the folder that holds ``solutions/``.
    numbers : list of str, optional
        Only these, such as ``["00", "05"]``; ``"5"`` is read as ``"05"``.

    Raises
    ------
    FileNotFoundError
        If `root` holds no ``solutions/``.
    ValueError
        If a number names no lesson, or two lessons have one number.
    """
    folder = Path(root) / "solutions"
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not there: run this in the root of a checkout")
    found = {}
    for path in sorted(folder.glob("[0-9][0-9]_*.py")):
        lesson = Lesson(Path(root), path.stem)
        if not re.fullmatch(r"\d\d_[a-z0-9_]+", lesson.name):
            raise ValueError(f"{path.name}: a lesson is named like 05_the_latency_that_matters.py")
        if lesson.number in found:
            raise ValueError(f"two lessons have the number {lesson.number}: rename {path.name}")
        found[lesson.number] = lesson
    if not numbers:
        return list(found.values())
    unknown = [number for number in numbers if number.zfill(2) not in found]
    if unknown:
        raise ValueError(f"no lesson {', '.join(unknown)}; there are {', '.join(found)}")
    return [found[number.zfill(2)] for number in numbers]
