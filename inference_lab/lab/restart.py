"""What to do about a name that a fresh kernel does not know, in place of a traceback.

Each kernel of the environment that ``lab.py`` opens loads it, because after a restart no cell has
imported anything yet. Elsewhere ``%load_ext inference_lab.lab.restart`` does.
"""

from __future__ import annotations

from typing import Any

AFTER_A_RESTART = (
    "{} is not known: was the kernel restarted? Choose Run > Run All Above Selected Cell in the "
    "menu, then run this cell again."
)
NOT_RUN_YET = "{} is not known: run the cell of the exercise that defines it, then this one again."


def what_to_do(name: str) -> str | None:
    """What a learner does about a missing name; None for a name that no lesson gives.

    >>> what_to_do("check")[:44]
    'check is not known: was the kernel restarted'
    """
    from inference_lab import lab
    from inference_lab.lab import catalogue

    if name in lab.__all__:
        return AFTER_A_RESTART.format(name)
    exercises = [each for number in catalogue.lessons() for each in catalogue.of_lesson(number)]
    if name in {each["function"] for each in exercises}:
        return NOT_RUN_YET.format(name)
    return None


def load_ipython_extension(shell: Any) -> None:
    """Show a missing name of a lesson in a line; any other missing name as before."""
    from inference_lab.lab.notice import wrapped

    def missing(shell: Any, kind: type, error: NameError, trace: Any, tb_offset: Any = None) -> Any:
        advice = what_to_do(error.name)
        if advice is None:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return None
        lines = wrapped(advice)
        shell._showtraceback(kind, error, lines)
        return lines

    shell.set_custom_exc((NameError,), missing)
