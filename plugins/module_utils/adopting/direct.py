"""Variables that stand for one part of a setting: a key of DATABASES or CACHES, the whole of a directory."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .environment import Reader
from .python_files import dotted, strings

#: Methods that leave a directory where it is.
_KEEPS = ("strip", "rstrip", "resolve", "absolute", "expanduser", "as_posix", "joinpath")
_JOINS = ("join", "Path", "str", "abspath", "realpath", "normpath", "expanduser")


def keys(reader: Reader, setting: str) -> Iterator[tuple[str, str]]:
    """Yield ``(key, variable)`` for the keys of a dictionary whose value is what one variable says."""
    node = reader.constants.nodes.get(setting)
    for inner in ast.walk(node) if node is not None else ():
        if isinstance(inner, ast.Dict):
            for key, value in zip(inner.keys, inner.values, strict=True):
                names = reader.names(value) if isinstance(key, ast.Constant) else []
                if len(names) == 1 and not isinstance(value, ast.Dict):
                    yield key.value, names[0]


def directory(reader: Reader, setting: str) -> tuple[str, str] | None:
    """Return the variable that a directory in the settings starts with, and the path below it; None where none does.

    `os.path.join(DATA, "media")` with `DATA = os.environ["SHOP_DATA"]` is SHOP_DATA and media.
    """
    return _anchored(reader, reader.constants.nodes.get(setting), 6)


def _anchored(reader: Reader, node: ast.AST | None, depth: int) -> tuple[str, str] | None:
    if node is None or not depth:
        return None
    name, default = reader.reads(node)
    if name:
        # Where it stands in for another one, that other one is the older name.
        return _anchored(reader, default, depth - 1) or (name, "")
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _anchored(reader, reader.constants.nodes.get(dotted(node).rpartition(".")[2]), depth - 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _below(_anchored(reader, node.left, depth), [node.right])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _keeps(node):
        further = node.args if node.func.attr == "joinpath" else []
        return _below(_anchored(reader, node.func.value, depth), further)
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _JOINS and node.args:
        return _below(_anchored(reader, node.args[0], depth), node.args[1:])
    fallback = [word.value for word in node.keywords if word.arg == "fallback"] if isinstance(node, ast.Call) else []
    if fallback:
        return _anchored(reader, fallback[0], depth)
    names = reader.names(node) if isinstance(node, ast.Call) else []
    return (names[0], "") if len(names) == 1 else None


def _keeps(node: ast.Call) -> bool:
    return node.func.attr in _KEEPS and all(isinstance(argument, ast.Constant) for argument in node.args)


def _below(start: tuple[str, str] | None, further: list[ast.expr]) -> tuple[str, str] | None:
    parts = [text.strip("/") for node in further for text in strings(node)]
    return (start[0], "/".join(filter(None, [start[1], *parts]))) if start else None
