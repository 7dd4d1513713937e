"""Python files as syntax trees; nothing is imported."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from .tree import Tree


@dataclass(frozen=True)
class Module:
    """A file: its ``path`` in the source, its dotted ``name`` as it is imported, its ``syntax``."""

    path: str
    name: str
    syntax: ast.Module

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of its syntax: to walk a large project anew for each question takes minutes."""
        return tuple(ast.walk(self.syntax))

    @cached_property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if PurePosixPath(self.path).name == "__init__.py" else self.name.rpartition(".")[0]

    @cached_property
    def named(self) -> dict[str, list[ast.expr]]:
        """Every value with a name: assigned (also to an attribute), in a dictionary, or given as an argument."""
        found: dict[str, list[ast.expr]] = {}
        for name, value in _named(self.nodes):
            found.setdefault(name, []).append(value)
        return found

    def place(self, node: ast.AST) -> str:
        """Return `path:line` of a node."""
        return f"{self.path}:{node.lineno}"


class Project:
    """The Python files of a source by dotted name, as imported from the directory ``base``."""

    def __init__(self, tree: Tree, base: str = "") -> None:
        self.tree, self.base = tree, base
        prefix = f"{base}/" if base else ""
        self._paths = {dotted_name(path.removeprefix(prefix)): path for path in reversed(tree.find("*.py"))}
        self._names = {path: name for name, path in self._paths.items()}
        self._parsed: dict[str, Module | None] = {}

    def module(self, name: str) -> Module | None:
        """Return a module by its dotted name; None where it is not in the source, or is no Python 3."""
        if name not in self._parsed:
            path = self._paths.get(name)
            syntax = parse(self.tree.text(path)) if path else None
            self._parsed[name] = Module(path, name, syntax) if syntax else None
        return self._parsed[name]

    def modules(self) -> list[Module]:
        """Return all modules, the shallowest first."""
        return [module for name in reversed(self._paths) if (module := self.module(name))]

    def reached(self, *starts: Module) -> list[Module]:
        """Return modules and what of the source they import, directly or not; the nearest first."""
        found = {module.name: module for module in starts}
        queue = list(starts)
        while queue:
            module = queue.pop(0)
            for name in (*imported(module), *self._included(module)):
                other = self.module(name)
                if other and other.name not in found:
                    found[other.name] = other
                    queue.append(other)
        return list(found.values())

    def _included(self, module: Module) -> Iterator[str]:
        """Yield the names of the files that django-split-settings puts into a module, `include("base.py", ...)`."""
        if "split_settings.tools" not in imported(module):
            return
        beside = PurePosixPath(module.path).parent
        for node in module.nodes:
            if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "include":
                for pattern in (text for argument in node.args for text in strings(argument)):
                    yield from (name for path, name in self._names.items() if fnmatch(path, str(beside / pattern)))


def parse(text: str) -> ast.Module | None:
    """Return the syntax of a file; None where it has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def dotted_name(path: str) -> str:
    """Return the dotted name of a file: config/settings/__init__.py is config.settings."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def dotted(node: ast.AST) -> str:
    """Return `os.environ.get` for such an expression; empty for others."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        start = dotted(node.value)
        return f"{start}.{node.attr}" if start else ""
    return ""


def imported(module: Module) -> Iterator[str]:
    """Yield the dotted names that a module imports, the modules that a `from` may mean included."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.package.split(".") if module.package else []
            start = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            origin = ".".join(filter(None, (start, node.module)))
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names if alias.name != "*")


def strings(node: ast.AST) -> list[str]:
    """Return the string constants of an expression, those inside f-strings included, in order."""
    found = [n for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [n.value for n in sorted(found, key=lambda n: (n.lineno, n.col_offset))]


class Constants:
    """The values of names in some modules, the first module outranking the later ones."""

    def __init__(self, modules: list[Module]) -> None:
        self.nodes: dict[str, ast.expr] = {}
        for module in modules:
            own: dict[str, ast.expr] = {}
            for statement in module.nodes:
                if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                    own |= dict(_assigned(statement))
                elif isinstance(statement, ast.ImportFrom):
                    renamed = (alias for alias in statement.names if alias.asname)
                    own |= {alias.asname: ast.Name(alias.name, ast.Load()) for alias in renamed}
            self.nodes = own | self.nodes

    def value(self, node: ast.AST | None, depth: int = 8) -> Any:
        """Return what an expression is where that is plain to see, else None."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [value for entry in node.elts if (value := self.value(entry, depth)) is not None]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            factors = [self.value(node.left, depth), self.value(node.right, depth)]
            return factors[0] * factors[1] if all(type(factor) is int for factor in factors) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.value(node.left, depth), self.value(node.right, depth)
            return left + right if type(left) is type(right) and isinstance(left, (str, list, int)) else left or right
        if isinstance(node, ast.Subscript):
            whole, index = self.value(node.value, depth), self.value(node.slice, depth)
            plain = isinstance(whole, list) and isinstance(index, int) and -len(whole) <= index < len(whole)
            return whole[index] if plain else None
        if isinstance(node, ast.Call) and dotted(node.func) == "str" and len(node.args) == 1:
            inner = self.value(node.args[0], depth)
            return str(inner) if isinstance(inner, (str, int)) else None
        if isinstance(node, (ast.Name, ast.Attribute)) and depth:
            name = dotted(node).rpartition(".")[2]
            return self.value(self.nodes.get(name), depth - 1)
        return None

    def resolved(self, node: ast.AST | None) -> ast.AST | None:
        """Return the expression that a name stands for, the node itself where it is no such name."""
        for _ in range(8):
            name = dotted(node).rpartition(".")[2] if isinstance(node, (ast.Name, ast.Attribute)) else ""
            if name not in self.nodes:
                break
            node = self.nodes[name]
        return node


def _assigned(statement: ast.Assign | ast.AnnAssign) -> Iterator[tuple[str, ast.expr]]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id, statement.value
        elif isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
            pairs = zip(target.elts, statement.value.elts, strict=False)
            yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))


def _named(nodes: tuple[ast.AST, ...]) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if name := dotted(target):
                    yield name.rpartition(".")[2], node.value
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value
