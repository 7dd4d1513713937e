"""Variables that turn on what the kit brings: tasks, and a proxy in front that speaks TLS."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .environment import Reader, Variable
from .python_files import dotted, strings

_CELERY = re.compile(r"([A-Z0-9]+_)*?((USE|ENABLE)_CELERY|CELERY_ENABLED?)")
_HTTPS = re.compile(r"([A-Z0-9]+_)*?((USE|ENABLE)_HTTPS|HTTPS_ENABLED?)")
_OFF = (False, 0, "", "0", "False", "false", "no", None)
_HEADER = "SECURE_PROXY_SSL_HEADER"
#: What nginx tells an application of a request that came by TLS.
_PAIR = ("HTTP_X_FORWARDED_PROTO", "https")


def switched(variable: Variable, reader: Reader, celery: bool) -> tuple[str, str] | None:
    """Return a value and the reason for it; None for a variable that turns nothing on, or is on."""
    if word := _chosen(variable, reader):
        return word, f"{variable.place}: with it DATABASES is PostgreSQL's"
    if variable.default not in _OFF:
        return None
    if celery and _CELERY.fullmatch(variable.name):
        return "True", f"{variable.place}: without it there are no tasks"
    if _HTTPS.fullmatch(variable.name):
        return "True", f"{variable.place}: browsers come by TLS alone"
    for value in _values(reader):
        if variable.name in reader.names(value) or variable.name in _bound(value, reader):
            form = f'["{_PAIR[0]}", "{_PAIR[1]}"]' if "json" in ast.unparse(value) else ",".join(_PAIR)
            return form, f"{variable.place}: how nginx tells that a request came by TLS"
    if any(variable.name in reader.names(test) for test in _conditions(reader)):
        return "True", f"{variable.place}, on which {_HEADER} depends"
    return None


def _values(reader: Reader) -> Iterator[ast.expr]:
    """Yield what the setting may be that is no plain pair, in which a variable is at most the header's name."""
    for module in reader.modules:
        yield from (node for node in module.named.get(_HEADER, []) if not isinstance(node, ast.Tuple))


def _chosen(variable: Variable, reader: Reader) -> str:
    """Return the word by which a variable makes DATABASES those of PostgreSQL; empty where it does no such thing."""
    for module in reader.modules:
        for node in module.nodes:
            if not (isinstance(node, ast.If) and isinstance(node.test, ast.Compare)):
                continue
            made = [
                part.value
                for part in node.body
                if isinstance(part, (ast.Assign, ast.AnnAssign)) and _is_databases(part)
            ]
            compared = variable.name in reader.names(node.test.left) and isinstance(node.test.ops[0], (ast.Eq, ast.In))
            if compared and any("postgres" in text for value in made for text in strings(value)):
                words = reader.constants.value(node.test.comparators[0])
                words = words if isinstance(words, list) else [words]
                return next((word for word in words if isinstance(word, str)), "")
    return ""


def _is_databases(statement: ast.Assign | ast.AnnAssign) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    inner = (target.value if isinstance(target, ast.Subscript) else target for target in targets)
    return any(dotted(target) == "DATABASES" for target in inner)


def _bound(value: ast.expr, reader: Reader) -> list[str]:
    """Return the variables that a value gets by `if v := os.getenv("HEADER"):` around it."""
    names = {inner.id for inner in ast.walk(value) if isinstance(inner, ast.Name)}
    tests = (test for test in _conditions(reader) if isinstance(test, ast.NamedExpr) and dotted(test.target) in names)
    return [name for test in tests for name in reader.names(test.value)]


def _conditions(reader: Reader) -> Iterator[ast.expr]:
    """Yield the tests of each `if` that the setting is made under."""
    for module in reader.modules:
        for node in module.nodes:
            if isinstance(node, ast.If):
                made = (part for part in node.body if isinstance(part, ast.Assign))
                if any(dotted(target) == _HEADER for part in made for target in part.targets):
                    yield node.test
