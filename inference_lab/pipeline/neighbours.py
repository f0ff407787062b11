"""What the solution would give if one thing were taken wrongly, as fingerprints for the check."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from inference_lab.lab.exercise import Exercise
from inference_lab.lab.mistakes.bounded import bounded, compiled, value
from inference_lab.lab.mistakes.expressions import Slip
from inference_lab.lab.mistakes.neighbours import KINDS, PLAIN, fingerprint, is_plain
from inference_lab.lab.mistakes.slips import slips
from inference_lab.pipeline.disturbed import Inputs, disturbed

MOST_NAMED = 2
FEW = 3  # slips with the same numbers; of more of them a faint kind is no likely one
LEAST = 2  # numbers other than 0 in an answer that tells something
VALUES = ("as 0", "as 1")  # of a part that is left out; else only a value among others
LEFT_OUT = ("without", "limit", "case", "uncondition", "idle", "omitted")


def neighbours(exercise: Exercise, source: str) -> dict[str, str]:
    """The slips that the check can tell by the numbers: their fingerprints, kinds and arguments.

    Parameters
    ----------
    exercise : Exercise
        One with a right answer.
    source : str
        Its solved cell.

    Returns
    -------
    dict of str to str
        From `fingerprint` to what `lab.mistakes.neighbours.told` takes. A slip that fails,
        is right on the public inputs, or looks like too many others is left out.
    """
    public = list(exercise.public)
    cell: dict[str, Any] = {"__name__": "slip"}
    exec(compile(source, f"<solution of {exercise.id}>", "exec"), cell)
    function = bounded(definition(source, exercise.function))
    right = _values(compiled(function, cell), public) or []
    found: dict[str, set[Slip]] = defaultdict(set)
    for slip, values in _outcomes(function, cell, public):
        mark = fingerprint(values) if values and _tells(values, right) else None
        if mark is not None:
            found[mark].add(slip)
    chosen = {mark: _chosen(slips) for mark, slips in sorted(found.items())}
    chosen.pop(fingerprint(right) or "", None)
    return {mark: entry for mark, entry in chosen.items() if entry}


def spare(exercise: Exercise, source: str) -> list[str]:
    """The arguments that the solution does not read, so that an answer need not either."""
    body = definition(source, exercise.function).body
    read = {each.id for node in body for each in ast.walk(node) if isinstance(each, ast.Name)}
    return [name for name in exercise.public[0] if name not in read]


def definition(source: str, name: str) -> ast.FunctionDef:
    """The function of this name in a cell."""
    return next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    )


def _outcomes(
    function: ast.FunctionDef, cell: dict[str, Any], public: Inputs
) -> Iterator[tuple[Slip, list[Any] | None]]:
    solution = compiled(function, cell)
    for slip, inputs in disturbed(public):
        yield slip, _values(solution, inputs)
    for slip, _ in slips(function):
        if slip[0] in KINDS:
            yield slip, _values(compiled(function, cell), public)


def _tells(values: list[Any], right: list[Any]) -> bool:
    """Whether numbers say something of the slip: they are neither all 0 nor all the same."""
    numbers, expected = _flat(values), _flat(right)
    if len(set(map(str, right))) == 1 or len(expected) < 2:
        return True
    return len(set(map(str, values))) > 1 and sum(map(bool, numbers)) >= LEAST


def _flat(value: Any) -> list[Any]:
    if type(value) is dict:
        return [one for each in value.values() for one in _flat(each)]
    return [one for each in value for one in _flat(each)] if type(value) is list else [value]


def _chosen(same: set[Slip]) -> str | None:
    """What is told of slips that give the same numbers; None if that would be a guess."""
    for name in {about[0] for kind, about in same if kind in ("as 0", "each 0")}:
        if same & {("as 1", (name,)), ("each 1", (name,))}:
            same = same | {("idle", (name,))}
    is_left_out = {name for kind, about in same if kind in LEFT_OUT for name in about}
    sure = {
        (kind, about)
        for kind, about in same
        if is_plain(kind) and not (kind in VALUES and about[0] not in is_left_out)
    }
    few = same if len(same) <= FEW else set()
    for among in (sure, few):
        by_kind: dict[str, list[Slip]] = defaultdict(list)
        for kind, about in sorted(among):
            by_kind[kind].append((kind, about))
        for kind in sorted(by_kind, key=_rank):
            if len(by_kind[kind]) <= MOST_NAMED:
                return "|".join(f"{kind}:{','.join(about)}" for _, about in by_kind[kind])
    return None


def _rank(kind: str) -> int:
    ranks = list(KINDS)
    return ranks.index(kind) if kind in KINDS else len(PLAIN)


def _values(function: Callable[..., Any] | None, inputs: Inputs) -> list[Any] | None:
    if function is None:
        return None
    try:
        return [value(function, each) for each in inputs]
    except Exception:  # whatever a slip leads to: it has no numbers
        return None
