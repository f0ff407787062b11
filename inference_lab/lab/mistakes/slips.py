"""Functions with one slip each: what people write who have nearly understood.

The build makes them of a solution, to recognise the numbers; the check makes them of a learner's
function, to see whether one step back makes all numbers right.
"""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Callable, Iterator
from typing import Any

from inference_lab.lab.mistakes.expressions import Slip, additions, near_numbers, of_expression
from inference_lab.lab.mistakes.names import Names

Change = Callable[[Any], None]


def slips(function: ast.FunctionDef, adding: bool = False) -> Iterator[tuple[Slip, int]]:
    """Each slip that can be made in a function, and its line; the function has it meanwhile.

    Parameters
    ----------
    function : ast.FunctionDef
        It has one slip while the caller looks at the pair, and none in the end.
    adding : bool
        Whether parts are added as well, which puts right where something is missing.

    Examples
    --------
    >>> tree = ast.parse("def f(a, b): return a + b").body[0]
    >>> [(slip[0], ast.unparse(tree.body)) for slip, line in slips(tree)][:2]
    [('sign', 'return a - b'), ('without', 'return b')]
    """
    names = Names(function)
    whole = _terms(function) if adding else set()
    for node, change in list(_places(function)):
        found = list(of_expression(node, names))
        if node in whole:
            found += list(additions(node, names))
        for slip, new in found:
            if not hasattr(new, "lineno"):
                ast.fix_missing_locations(ast.copy_location(new, node))
            change(new)
            yield slip, getattr(node, "lineno", function.lineno)
        if found:
            change(node)
    for node in list(ast.walk(function)):
        yield from _of_blocks(node, names)


def _terms(function: ast.FunctionDef) -> set[ast.AST]:
    """What may lack something: a value that is kept, given or returned, and a term of a sum."""
    found: set[ast.AST | None] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return):
            found.add(node.value)
        elif isinstance(node, ast.Call):
            found.update(node.args)
        elif isinstance(node, ast.GeneratorExp | ast.ListComp):
            found.add(node.elt)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            found.update((node.left, node.right))
    terms = ast.BinOp | ast.Subscript | ast.Name | ast.Call
    return {each for each in found if isinstance(each, terms)}


def _places(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, Change]]:
    """Each node below the function's body, and what puts another one in its place."""
    for parent in ast.walk(function):
        for field, value in ast.iter_fields(parent):
            if parent is function and field != "body":
                continue
            if isinstance(value, ast.AST):
                yield value, functools.partial(setattr, parent, field)
            elif isinstance(value, list):
                for at, each in enumerate(value):
                    if isinstance(each, ast.AST):
                        yield each, functools.partial(value.__setitem__, at)


def _of_blocks(node: ast.AST, names: Names) -> Iterator[tuple[Slip, int]]:
    """Statements of a block left out, moved into a loop or out of it, or in another order."""
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if not isinstance(block, list) or not all(isinstance(each, ast.stmt) for each in block):
            continue
        for place, statement in enumerate(block):
            for slip, new in _of_statement(statement, block[:place], block[place + 1 :], names):
                made = [
                    each if hasattr(each, "lineno") else ast.copy_location(each, statement)
                    for each in new or [ast.Pass()]
                ]
                setattr(node, field, [ast.fix_missing_locations(each) for each in made])
                yield slip, statement.lineno
                setattr(node, field, block)


def _of_statement(
    statement: ast.stmt, before: list[ast.stmt], after: list[ast.stmt], names: Names
) -> Iterator[tuple[Slip, list[ast.stmt]]]:
    about = names.of(statement)
    if isinstance(statement, ast.AugAssign):
        yield ("omitted", names.of(statement.value)), before + after
        kept = ast.Assign([statement.target], statement.value)
        yield ("last", names.of(statement.value)), [*before, kept, *after]
        for op, other in ((ast.Add, ast.Sub()), (ast.Sub, ast.Add())):
            if isinstance(statement.op, op):
                new = ast.AugAssign(statement.target, other, statement.value)
                yield ("sign", names.of(statement.value)), [*before, new, *after]
    elif isinstance(statement, ast.Expr | ast.Assign):
        yield ("omitted", about), before + after
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            for _, near in near_numbers(statement.value, "start"):
                yield ("start", ()), [*before, ast.Assign(statement.targets, near), *after]
    elif isinstance(statement, ast.If):
        yield ("case", names.of(statement.test)), [*before, *statement.body, *after]
        yield ("case", names.of(statement.test)), [*before, *statement.orelse, *after]
    if after and not isinstance(statement, ast.Return) and not isinstance(after[0], ast.Return):
        yield ("steps", ()), [*before, after[0], statement, *after[1:]]
    if isinstance(statement, ast.For | ast.While):
        once, inside, outside = (copy.copy(statement) for _ in range(3))
        once.body = [*statement.body, ast.Break()]
        yield ("once", about), [*before, once, *after]
        if after:
            inside.body = [*statement.body, after[0]]
            yield ("inside", ()), [*before, inside, *after[1:]]
        if len(statement.body) > 1:
            outside.body = statement.body[:-1]
            yield ("outside", ()), [*before, outside, statement.body[-1], *after]
