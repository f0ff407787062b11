"""The names in a function, and the arguments that each of them comes from."""

from __future__ import annotations

import ast


class Names:
    """What each name in a function depends on, in terms of its arguments."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self.arguments = [each.arg for each in function.args.args]
        self.made: dict[str, set[str]] = {each: {each} for each in self.arguments}
        for _ in range(3):  # a name may depend on one that is made below it, in a loop
            for node in ast.walk(function):
                self._learn(node)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._comes_from(target, node.value)
        elif isinstance(node, ast.AugAssign):
            self._comes_from(node.target, node.value)
        elif isinstance(node, ast.For | ast.comprehension):
            self._comes_from(node.target, node.iter)

    def _comes_from(self, target: ast.expr, value: ast.expr) -> None:
        """Each name of the target depends on the value, or on its own part of `zip` and such."""
        while isinstance(value, ast.Call) and getattr(value.func, "id", "") == "_bounded":
            value = value.args[0]
        name = (
            value.func.id
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
            else ""
        )
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Call | ast.Tuple):
            parts = value.args if isinstance(value, ast.Call) else value.elts
            if name == "enumerate" and len(target.elts) == 2:
                self._comes_from(target.elts[1], parts[0])
                return
            if (name == "zip" or not name) and len(parts) == len(target.elts):
                for each, part in zip(target.elts, parts, strict=True):
                    self._comes_from(each, part)
                return
        for each in ast.walk(target):
            if isinstance(each, ast.Name):
                self.made.setdefault(each.id, set()).update(self.of(value))

    def of(self, node: ast.AST) -> tuple[str, ...]:
        """The arguments that an expression depends on, in the order of the `def` line."""
        found: set[str] = set()
        for each in ast.walk(node):
            if isinstance(each, ast.Name):
                found |= self.made.get(each.id, set())
        return tuple(name for name in self.arguments if name in found)

    def only(self, node: ast.AST, other: ast.AST) -> tuple[str, ...]:
        """Those that the other expression does not depend on; all of them where none is left."""
        about = self.of(node)
        return tuple(name for name in about if name not in self.of(other)) or about
