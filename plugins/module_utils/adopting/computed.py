"""Variables whose names a project computes: `config.get("database", "host")` reads SHOP_DATABASE_HOST."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .python_files import Constants, Module, dotted

#: The parts of a name: text, or the position of an argument.
Parts = list[str | int]


class ComputedNames:
    """Objects of a project's own classes whose methods make the name of a variable out of their arguments."""

    def __init__(self, modules: list[Module], constants: Constants) -> None:
        self._constants = constants
        classes = {
            node.name: readers
            for module in modules
            for node in module.nodes
            if isinstance(node, ast.ClassDef) and (readers := dict(_readers(node)))
        }
        self._objects: dict[str, dict[str, Parts]] = {}
        for node in (node for module in modules for node in module.nodes if classes):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                made = dotted(node.value.func).rpartition(".")[2]
                self._objects |= {dotted(target): classes[made] for target in node.targets if made in classes}

    def read(self, node: ast.Call) -> tuple[str, ast.expr | None] | None:
        """Return the name that a call reads, and the expression of its default; None for any other call."""
        start, _, method = dotted(node.func).rpartition(".")
        parts = self._objects.get(start, {}).get(method)
        if not parts:
            return None
        given = [self._constants.value(argument) for argument in node.args]
        if any(isinstance(part, int) and (part >= len(given) or not isinstance(given[part], str)) for part in parts):
            return None
        name = "".join(part if isinstance(part, str) else given[part].upper() for part in parts)
        defaults = [keyword.value for keyword in node.keywords if keyword.arg in ("fallback", "default")]
        return re.sub(r"\W", "_", name), defaults[0] if defaults else None


def _readers(made: ast.ClassDef) -> Iterator[tuple[str, Parts]]:
    """Yield the methods of a class that read a variable, each with the parts of its name."""
    methods = [node for node in made.body if isinstance(node, ast.FunctionDef)]
    makers = {method.name: parts for method in methods if (parts := _parts(method))}
    for method in methods:
        if method.name in makers or not any(dotted(node) == "os.environ" for node in ast.walk(method)):
            continue
        called = (node.func.attr for node in ast.walk(method) if isinstance(node, ast.Call) and _is_own(node.func))
        # Beside the variable itself there may be one that names a file with its value.
        names = sorted((name for name in called if name in makers), key=lambda name: "file" in name)
        if names:
            yield method.name, makers[names[0]]


def _parts(method: ast.FunctionDef) -> Parts | None:
    """Return what a method makes a name of, where it returns an f-string of its arguments and of nothing else."""
    arguments = [argument.arg for argument in method.args.args[1:]]
    for node in ast.walk(method):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.JoinedStr):
            found: Parts = []
            for piece in node.value.values:
                name = dotted(piece.value) if isinstance(piece, ast.FormattedValue) else ""
                if isinstance(piece, ast.Constant):
                    found.append(str(piece.value))
                elif name in arguments:
                    found.append(arguments.index(name))
                else:
                    return None
            return found if any(isinstance(part, int) for part in found) else None
    return None


def _is_own(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and dotted(func.value) == "self"
