"""An exercise cell is handed in alone: what it takes from elsewhere, and what no grader runs.

The check and the grader share these lines, so that they say the same of one cell.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import re
import symtable
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

OF_EVERY_MODULE = {"__name__", "__file__", "__doc__", "__builtins__", "__annotations__"}
NOT_PLAIN_PYTHON = {"get_ipython", "display"}  # IPython adds them to the built-in names

# Magics that change no result: a cell means the same without them.
IDLE = (
    "timeit|matplotlib|config|load_ext|reload_ext|autoreload|precision|xmode|pdb|prun|who|whos|pwd"
    "|pip|conda|memit|pinfo|history|lsmagic"
)
IDLE_CELL_MAGIC = re.compile(r"\s*%%(time|timeit|capture|prun)\b[^\n]*")
IDLE_LINE = re.compile(
    rf"%({IDLE})\b|!(?!=)|get_ipython\(\)\.((system|getoutput)\(|run_line_magic\('({IDLE}|time)')"
    r"|\??\??[A-Za-z_][\w.]*\?\??$|\?\??[A-Za-z_][\w.]*$"
)
TIMED_LINE = re.compile(r"%time[ \t]+(?=\S)")
ANY_MAGIC = re.compile(r"%%?[A-Za-z]|!(?!=)")

APART = {  # standard modules whose work the grader's box does not allow
    *("threading", "_thread", "multiprocessing", "concurrent", "subprocess", "asyncio", "socket"),
    *("socketserver", "ssl", "http", "urllib", "ftplib", "smtplib", "sqlite3", "dbm", "shelve"),
    *("tempfile", "shutil", "webbrowser", "tkinter", "turtle", "signal"),
}
FILES = {
    *("open", "write_text", "write_bytes", "read_text", "read_bytes", "mkdir", "FileHandler"),
    *("loadtxt", "savetxt", "genfromtxt", "fromfile", "tofile", "savez", "memmap"),
}


def source_of(function: Callable[..., Any]) -> str:
    """The whole text of the cell (or file) that defines a function; empty when unknown."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return ""
    return "".join(linecache.getlines(code.co_filename)) or _typed(code.co_name)


def definition(function: Callable[..., Any]) -> ast.FunctionDef | None:
    """The syntax tree of a function, with its lines counted as in its cell; None when unknown."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    try:
        tree = ast.parse(source_of(function))
    except (SyntaxError, ValueError):  # IPython's own lines
        return None
    for node in ast.walk(tree):
        is_function = isinstance(node, ast.FunctionDef) and code is not None
        if is_function and (node.name, node.lineno) == (code.co_name, code.co_firstlineno):
            return node
    return None


def is_in_a_cell(function: Callable[..., Any]) -> bool:
    """Whether a function was typed in a notebook: no file holds it."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and not Path(code.co_filename).exists()


def _typed(name: str) -> str:
    """The cell that defined a name last, as it was typed; `%%time` keeps its text nowhere else."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    history = getattr(getattr(shell, "history_manager", None), "input_hist_raw", [])
    head = re.compile(rf"^[ \t]*(async[ \t]+)?def[ \t]+{re.escape(name)}\b", re.MULTILINE)
    return next((text for text in reversed(history) if head.search(text)), "")


def without_magics(source: str) -> str:
    """The cell without IPython's lines that change no result; every other line keeps its number.

    >>> without_magics("%%time\\ndef f(x):\\n    return x\\n%timeit f(1)")
    '\\ndef f(x):\\n    return x\\n'

    Parameters
    ----------
    source : str
        The text of a cell, as typed or as IPython rewrote it.
    """
    if not any(sign in source for sign in ("%", "!", "?", "get_ipython()")):
        return source
    if "get_ipython()" not in source and _is_python(source):
        return source
    while begins := IDLE_CELL_MAGIC.match(source):
        source = "\n" * begins[0].count("\n") + source[begins.end() :]
    return "\n".join(map(_without_magic, source.split("\n")))


def _without_magic(line: str) -> str:
    text = line.lstrip(" \t")
    indent = line[: len(line) - len(text)]
    if IDLE_LINE.match(text.rstrip()):
        return indent and indent + "pass"
    return indent + TIMED_LINE.sub("", text, count=1) if text.startswith("%time") else line


def refused(source: str) -> str | None:
    """Why the grader does not run a cell that works in a notebook; None when it does.

    The grader has Python's standard library and numpy, no files, no threads, no network and no
    IPython.

    >>> refused("import tqdm\\ndef f(x): return x")
    'it imports `tqdm`: the grader has the standard library and numpy, nothing else'
    >>> refused("import math\\ndef f(x): return math.sqrt(x)") is None
    True

    Parameters
    ----------
    source : str
        The text of a cell.
    """
    source = without_magics(source)
    try:
        tree = ast.parse(source)
        compile(tree, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _not_python(source)
    for node in ast.walk(tree):
        for name in _imported(node):
            room = name.partition(".")[0]
            if room in APART:
                return f"it imports `{room}`: threads, processes, files and network are not allowed"
            if room != "numpy" and room not in sys.stdlib_module_names:
                return f"it imports `{room}`: {ONLY}"
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", None))
            owner = getattr(getattr(node.func, "value", None), "id", None)
            if called in FILES or (owner in ("np", "numpy") and called in ("load", "save")):
                return f"it calls `{called}`: no cell may read or write files when it is graded"
            if called == "input" and isinstance(node.func, ast.Name):
                return "it calls `input`: nobody is there to answer when it is graded"
    return None


NOT_PYTHON = "it is not plain Python"
ONLY = "the grader has the standard library and numpy, nothing else"


def _not_python(source: str) -> str:
    for line in source.split("\n"):
        if ANY_MAGIC.match(line.lstrip(" \t")):
            return f"{NOT_PYTHON}: take out `{line.strip()[:60]}`"
    try:
        compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return NOT_PYTHON
    return "it has an `await` outside of a function: the grader runs plain Python"


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""] if not node.level else ["."]
    return []


def foreign_names(source: str) -> list[str]:
    """The names that a cell uses and neither defines nor imports itself, sorted.

    >>> foreign_names("import math\\ndef f(x):\\n    return math.sqrt(helper(x))")
    ['helper']

    Raises
    ------
    SyntaxError
        If the cell is not plain Python.
    """
    top = symtable.symtable(without_magics(source), "cell", "exec")
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
