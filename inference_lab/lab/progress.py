"""What is done and what is not, for the learner, and as a code to read out."""

from __future__ import annotations

from inference_lab.lab import catalogue, record
from inference_lab.lab.memo import LINES
from inference_lab.lab.notice import WrongType, WrongValue
from inference_lab.lab.predictions import MADE
from inference_lab.lab.progress_code import encode

STATES = {True: "right", False: "tried", None: "not yet"}
STRETCH = "  Stretch path:"
WITHOUT_MEMO = ("00",)


def progress(lesson: str | None = None) -> None:
    """Print what is done: exercises and hints, predictions, the memo, and a code to read out.

    *right* tells that a check of the exercise was right once, *tried* that none was yet. The
    exercises of the stretch path come last. Those that the course shows solved are left out. In a
    learner's own folder this is kept when the kernel ends.

    The six characters of the code tell an instructor the lesson, its right exercises and the
    number of hints: ``inference-lab progress CODE`` reads them. It is no proof and carries no
    marks: anybody can compute one. Nothing is sent anywhere.

    Parameters
    ----------
    lesson : str, optional
        Two digits, such as ``"05"``; all lessons when not given.

    Raises
    ------
    TypeError, ValueError
        If `lesson` is no text, or there is no such lesson.
    """
    known = catalogue.lessons()
    if lesson is None:
        for number in known:
            print("\n".join(_lines(number) if _begun(number) else [f"Lesson {number}: not begun"]))
        return
    if not isinstance(lesson, str):
        raise WrongType(f'lesson must be text such as "05", not {lesson!r}')
    if lesson.zfill(2) not in known:
        raise WrongValue(f"lesson {lesson!r} is not known; write one of: {', '.join(known)}")
    print("\n".join(_lines(lesson.zfill(2))))


def _lines(lesson: str) -> list[str]:
    exercises = _exercises(lesson)
    width = max((len(each["title"]) for each in exercises), default=0)
    lines = [f"Lesson {lesson}"]
    right, hints = set(), 0
    for each in exercises:
        if each.get("stretch") and STRETCH not in lines:
            lines.append(STRETCH)
        state = record.of(each["id"])
        hints += state["hints"]
        if state["right"]:
            right.add(int(each["id"].partition(".")[2]))
        shown = f"{each['title']:{width}}  {STATES[state['right']]:7}"
        lines.append(f"  {each['id']}  {shown}  hints taken: {state['hints']}")
    made = [name for name in sorted(MADE.load()) if _lesson_of(name) == lesson]
    lines.append(f"  Predictions: {', '.join(made) or 'none yet'}")
    if lesson not in WITHOUT_MEMO:
        lines.append(f"  Memo: {'written' if lesson in LINES.load() else 'not yet'}")
    code = encode(int(lesson), right, hints)
    return [*lines, f"  Code to read out: {code[:3]} {code[3:]}"]


def _begun(lesson: str) -> bool:
    tried = [record.of(each["id"]) for each in _exercises(lesson)]
    return (
        any(each["hints"] or each["right"] is not None for each in tried)
        or any(_lesson_of(name) == lesson for name in MADE.load())
        or lesson in LINES.load()
    )


def _exercises(lesson: str) -> list[dict]:
    own = [each for each in catalogue.of_lesson(lesson) if each["points"]]
    return sorted(own, key=lambda each: each.get("stretch", False))


def _lesson_of(name: str) -> str:
    return name.partition(".")[0].zfill(2)
