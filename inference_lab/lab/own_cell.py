"""An exercise cell is handed in alone: which names does it take from other cells?"""

from __future__ import annotations

import builtins
import inspect
import linecache
import symtable
from collections.abc import Callable
from typing import Any

OF_EVERY_MODULE = {"__name__", "__file__", "__doc__", "__builtins__", "__annotations__"}
NOT_PLAIN_PYTHON = {"get_ipython", "display"}  # IPython adds them to the built-in names


def source_of(function: Callable[..., Any]) -> str:
    """The whole text of the cell (or file) that defines a function; empty when unknown."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return "".join(linecache.getlines(code.co_filename)) if code else ""


def foreign_names(source: str) -> list[str]:
    """The names that a cell uses and neither defines nor imports itself, sorted.

    >>> foreign_names("import math\\ndef f(x):\\n    return math.sqrt(helper(x))")
    ['helper']

    Raises
    ------
    SyntaxError
        If the cell is not plain Python.
    """
    top = symtable.symtable(source, "cell", "exec")
    used: set[str] = set()
    defined: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables.extend(table.get_children())
        for symbol in table.get_symbols():
            is_global = symbol.is_global() or table is top
            if is_global and symbol.is_referenced():
                used.add(symbol.get_name())
            if is_global and (symbol.is_assigned() or symbol.is_imported()):
                defined.add(symbol.get_name())
    known = (set(dir(builtins)) - NOT_PLAIN_PYTHON) | OF_EVERY_MODULE
    return sorted(used - defined - known)
