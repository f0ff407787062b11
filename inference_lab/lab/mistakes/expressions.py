"""Slips within one expression: another operator, a part left out, the wrong one of two."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

from inference_lab.lab.mistakes.names import Names

SWAPPED: dict[type[ast.operator], tuple[type[ast.operator], str]] = {
    ast.Add: (ast.Sub, "sign"),
    ast.Sub: (ast.Add, "sign"),
    ast.Mult: (ast.Div, "turned"),
    ast.Div: (ast.Mult, "turned"),
    ast.FloorDiv: (ast.Div, "whole"),
    ast.Pow: (ast.Mult, "power"),
}
EQUAL: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
OF_MANY = ("sum", "max", "min", "len", "mean")
ROUNDED = {"ceil": "up", "floor": "down", "int": "down", "round": "near"}
CONSTANTS = {1e9: (1e6, 1e12, 2.0**30, 1), 1e3: (1e6, 1), 8: (1,)}

Slip = tuple[str, tuple[str, ...]]
"""A kind and the arguments it is about."""


def of_expression(node: ast.AST, names: Names) -> Iterator[tuple[Slip, Any]]:
    """What could stand in the place of one node by a slip: the kind, and the new node."""
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node, names)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _of_comparison(node, names)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        yield from _of_call(node, names)
    elif isinstance(node, ast.UnaryOp):
        kind = "condition" if isinstance(node.op, ast.Not) else "sign"
        yield (kind, names.of(node)), node.operand
    elif isinstance(node, ast.BoolOp):
        other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield ("and or", names.of(node)), ast.BoolOp(other, node.values)
        for each in node.values:
            left = [one for one in node.values if one is not each]
            yield (
                ("uncondition", names.only(each, ast.Tuple(left, ast.Load()))),
                ast.BoolOp(node.op, left) if left[1:] else left[0],
            )
    elif isinstance(node, ast.IfExp):
        yield ("case", names.of(node.test)), node.body
        yield ("case", names.of(node.test)), node.orelse
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield from near_numbers(node, "constant")
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield from _of_entry(node, names)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names.made:
        yield from _of_name(node, names)
    elif isinstance(node, ast.comprehension) and node.ifs:
        less = copy.copy(node)
        less.ifs = []
        yield ("uncondition", names.of(node.ifs[0])), less
    elif isinstance(node, ast.Return) and node.value is not None:
        for name in names.made:
            if name not in names.arguments:
                yield ("step", ()), ast.Return(_load(name))


def _of_operation(node: ast.BinOp, names: Names) -> Iterator[tuple[Slip, Any]]:
    left, right, op = node.left, node.right, node.op
    if type(op) in SWAPPED:
        other, kind = SWAPPED[type(op)]
        yield (kind, names.of(right)), ast.BinOp(left, other(), right)
    upside = isinstance(op, ast.Div | ast.FloorDiv)
    alone = ast.BinOp(ast.Constant(1), ast.Div(), right) if upside else right
    yield _without(left, right, names), alone
    yield _without(right, left, names), left
    if isinstance(op, ast.Sub | ast.Div | ast.FloorDiv | ast.Pow):
        yield ("sides", names.of(node)), ast.BinOp(right, op, left)
    if isinstance(op, ast.Div):
        yield ("floored", names.of(node)), ast.BinOp(left, ast.FloorDiv(), right)
    sums = ast.Add | ast.Sub
    if not isinstance(op, sums):
        if isinstance(left, ast.BinOp) and isinstance(left.op, sums):
            inner = ast.BinOp(left.right, op, right)
            yield ("brackets", names.of(node)), ast.BinOp(left.left, left.op, inner)
        if isinstance(right, ast.BinOp):
            inner = ast.BinOp(left, op, right.left)
            yield ("brackets", names.of(node)), ast.BinOp(inner, right.op, right.right)
    elif isinstance(right, ast.BinOp) and not isinstance(right.op, sums):
        inner = ast.BinOp(left, op, right.left)
        yield ("grouped", names.of(node)), ast.BinOp(inner, right.op, right.right)
    elif isinstance(left, ast.BinOp) and not isinstance(left.op, sums):
        inner = ast.BinOp(left.right, op, right)
        yield ("grouped", names.of(node)), ast.BinOp(left.left, left.op, inner)

    if isinstance(op, ast.Add | ast.Mult):
        both = [left, right]
        for other in ("max", "min"):
            yield (f"taken {other}", names.of(node)), ast.Call(_load(other), both, [])
        new = ast.Mult() if isinstance(op, ast.Add) else ast.Add()
        yield ("plus times", names.of(node)), ast.BinOp(left, new, right)


def _of_entry(node: ast.Subscript, names: Names) -> Iterator[tuple[Slip, Any]]:
    if isinstance(node.slice, ast.Constant) and type(node.slice.value) is int:
        for _, near in near_numbers(node.slice, "index"):
            yield ("index", ()), ast.Subscript(node.value, near, node.ctx)
    if not isinstance(node.slice, ast.Slice):
        for other in OF_MANY:
            yield (f"taken {other}", names.of(node)), ast.Call(_load(other), [node.value], [])


def _without(part: ast.expr, left: ast.expr, names: Names) -> Slip:
    about = names.only(part, left)
    return ("without", about) if about else ("unconstant", ())


def _of_comparison(node: ast.Compare, names: Names) -> Iterator[tuple[Slip, Any]]:
    for table, kind in ((EQUAL, "equal"), (TURNED, "condition")):
        other = table.get(type(node.ops[0]))
        if other:
            yield (kind, names.of(node)), ast.Compare(node.left, [other()], node.comparators)


def _of_call(node: ast.Call, names: Names) -> Iterator[tuple[Slip, Any]]:
    name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
    args = node.args

    def called(other: str, *new: ast.expr) -> ast.Call:
        return ast.Call(_load(other), list(new or args), node.keywords)

    if name in ("min", "max"):
        yield ("minmax", names.of(node)), called("max" if name == "min" else "min")
        if len(args) > 1:
            for each in args:
                left = next(one for one in args if one is not each)
                kind = "bound" if isinstance(each, ast.Constant) else "limit"
                yield (kind, names.only(each, left)), left
        if len(args) == 2:
            for other in ("sum", "mean"):
                pair = ast.Tuple(args, ast.Load())
                yield (f"taken {other}", names.of(node)), ast.Call(_load(other), [pair], [])
            for part, kept in (args, args[::-1]):
                if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add | ast.Sub):
                    inner = called(name, part.left, kept)
                    yield ("brackets", names.of(node)), ast.BinOp(inner, part.op, part.right)
            positive = [one for one in args if not _is_zero(one)]
            if len(positive) == 1:
                yield ("absolute", names.of(node)), ast.Call(_load("abs"), positive, [])
        if node.keywords:
            yield ("unkeyed", names.of(node)), ast.Call(node.func, args, [])
    if name == "abs":
        yield ("absolute", names.of(node)), called("max", ast.Constant(0), *args)
    if name in OF_MANY and len(args) == 1:
        for other in OF_MANY:
            if other != name and not (name in ("min", "max") and other in ("min", "max")):
                yield (f"taken {other}", names.of(node)), ast.Call(_load(other), args, [])
    if name in ROUNDED and args:
        yield ("unrounded", names.of(node)), args[0]
        for other, way in ROUNDED.items():
            if way != ROUNDED[name] and other != "int":
                yield (f"rounded {way}", names.of(node)), called(other)
    if name in ("sorted", "reversed"):
        yield ("unsorted", names.of(node)), called("list", args[0])
        if name == "sorted":
            turned = called("list", ast.Call(_load("reversed"), [node], []))
            yield ("order", names.of(node)), turned
    if name == "range":
        for at, arg in enumerate(args[:2]):
            end = "end" if at == len(args) - 1 else "begin"
            for op, way in ((ast.Add(), "later"), (ast.Sub(), "earlier")):
                moved = ast.BinOp(arg, op, ast.Constant(1))
                yield (
                    (f"{end} {way}", names.of(node)),
                    called(name, *args[:at], moved, *args[at + 1 :]),
                )
    if name == "pop":
        for _, near in near_numbers(ast.Constant(0), "index"):
            yield ("index", ()), ast.Call(node.func, [near], [])
    if name == "enumerate":
        yield ("begin later", names.of(node)), called(name, *args, ast.Constant(1))
    if name == "zip" and len(args) == 1 and isinstance(args[0], ast.Starred):
        yield ("transposed", names.of(node)), args[0].value


def near_numbers(node: ast.Constant, kind: str) -> Iterator[tuple[Slip, ast.Constant]]:
    """The constants next to one, and those that a slip in a unit makes of it."""
    for near in (node.value + 1, node.value - 1):
        yield (kind, ()), ast.Constant(near)
    for other in CONSTANTS.get(node.value, ()):
        yield ("unit", ()), ast.Constant(other)


def _of_name(node: ast.Name, names: Names) -> Iterator[tuple[Slip, Any]]:
    for other in names.made:
        if other != node.id:
            both = node.id in names.arguments and other in names.arguments
            yield (("instead", (other, node.id)) if both else ("mixed", ())), _load(other)
    for op, way in ((ast.Add(), "more"), (ast.Sub(), "less")):
        yield (f"one {way}", names.of(node)), ast.BinOp(node, op, ast.Constant(1))
    yield ("each once", names.of(node)), ast.Constant(1)


def additions(node: ast.expr, names: Names) -> Iterator[tuple[Slip, ast.expr]]:
    """Parts that a whole expression may lack: a bound at 0, a summand, a factor."""
    yield ("bound", names.of(node)), ast.Call(_load("max"), [ast.Constant(0), node], [])
    for other in names.made:
        for op in (ast.Add(), ast.Sub(), ast.Mult(), ast.Div()):
            yield ("missing", ()), ast.BinOp(node, op, _load(other))


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())
