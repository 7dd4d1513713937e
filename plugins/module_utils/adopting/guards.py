"""Where modules read variables only if something holds: their presence, an `if`, a function that somebody calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .python_files import Module, dotted


def is_environ(node: ast.AST) -> bool:
    """Tell whether an expression is the environment itself."""
    return dotted(node) in {"os.environ", "environ"}


def is_get(node: ast.AST) -> bool:
    """Tell whether an expression is a function that reads a variable which need not be there."""
    return dotted(node) in {"os.environ.get", "environ.get", "os.getenv", "getenv"}


def inside(*parts: list[ast.stmt] | ast.expr) -> set[int]:
    """Return the identities of all that is in the parts of a statement, which trees keep as long as they live."""
    nodes = [node for part in parts for node in (part if isinstance(part, list) else [part])]
    return {id(inner) for node in nodes for inner in ast.walk(node)}


def conditions(modules: list[Module]) -> dict[int, str]:
    """Return, by the identity of a node, what has to hold before it is run."""
    called = {dotted(node).rpartition(".")[2] for module in modules for node in module.nodes if _is_use(node)}
    found = {}
    for module in modules:
        for statement in module.syntax.body:
            if isinstance(statement, ast.FunctionDef) and statement.name not in called:
                found |= dict.fromkeys(inside(statement.body), f"{statement.name}() is called")
        for node in module.nodes:
            if isinstance(node, (ast.If, ast.IfExp)):
                found |= dict.fromkeys(inside(node.body, node.orelse), ast.unparse(node.test))
    return found


def presence(modules: list[Module]) -> dict[int, set[str]]:
    """Return, by the identity of a node, the names of the variables that are there where it is run."""
    found: dict[int, set[str]] = {}
    for module in modules:
        for node in module.nodes:
            if isinstance(node, (ast.If, ast.IfExp)):
                names = set(_asked(node.test))
                for identity in inside(node.test, node.body) if names else ():
                    found.setdefault(identity, set()).update(names)
    return found


def _asked(test: ast.expr) -> Iterator[str]:
    """Yield the names of the variables without which a test fails."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for part in test.values:
            yield from _asked(part)
    elif isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.In) and is_environ(test.comparators[0]):
        yield from _name(test.left)
    elif isinstance(test, ast.Call) and is_get(test.func) and len(test.args) == 1:
        yield from _name(test.args[0])


def _name(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _is_use(node: ast.AST) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load)
