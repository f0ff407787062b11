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
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AugAssign):
            targets, value = [node.target], node.value
        elif isinstance(node, ast.For | ast.comprehension):
            targets, value = [node.target], node.iter
        for target in targets:
            for each in ast.walk(target):
                if isinstance(each, ast.Name) and value is not None:
                    known = self.made.setdefault(each.id, set())
                    known |= set(self.of(value))

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
