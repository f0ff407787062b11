"""A function from its syntax tree, run so that it ends, in silence."""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import math
import statistics
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from inference_lab.lab.answer import plain

ROUNDS = 20_000  # of all loops of a call together


class Unending(Exception):
    """Loops that have taken too many rounds."""


def bounded(function: ast.FunctionDef) -> ast.FunctionDef:
    """A copy of a function whose loops all end; only `compiled` can compile it."""
    made = _Bounded().visit(copy.deepcopy(function))
    made.decorator_list = []
    return ast.fix_missing_locations(made)


def compiled(function: ast.FunctionDef, names: dict[str, Any]) -> Callable[..., Any] | None:
    """The function that `bounded` gave, with a slip or without; None if Python does not take it.

    Parameters
    ----------
    function : ast.FunctionDef
        It is not changed.
    names : dict
        What it uses, such as the names of its cell. They are copied.
    """
    rounds = _Rounds()
    known = {"ceil": math.ceil, "floor": math.floor, "mean": statistics.fmean} | names
    known["_bounded"] = rounds.bounded
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(ast.Module([function], []), "<slip>", "exec"), known)
    except (SyntaxError, ValueError, TypeError):
        return None
    made = known[function.name]

    def call(**given: Any) -> Any:
        rounds.left = ROUNDS
        return made(**given)

    return call


def value(function: Callable[..., Any], inputs: dict[str, Any]) -> Any:
    """The plain value of a call on a copy of the inputs, in silence.

    Raises
    ------
    Exception
        If the call raises, whatever it is.
    """
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return plain(function(**copy.deepcopy(inputs)))


class _Rounds:
    def __init__(self) -> None:
        self.left = ROUNDS

    def bounded(self, items: Any) -> Iterator[Any]:
        for item in items:
            self.left -= 1
            if self.left < 0:
                raise Unending
            yield item


class _Bounded(ast.NodeTransformer):
    """Makes each loop end."""

    def visit_For(self, node: ast.For) -> Any:
        self.generic_visit(node)
        node.iter = _call("_bounded", node.iter)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        self.generic_visit(node)
        node.iter = _call("_bounded", node.iter)
        return node

    def visit_While(self, node: ast.While) -> Any:
        self.generic_visit(node)
        test = ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Break()], [])
        forever = _call("_bounded", _call("range", ast.Constant(2 * ROUNDS)))
        return ast.For(ast.Name("_", ast.Store()), forever, [test, *node.body], node.orelse)


def _call(name: str, argument: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])
