"""Variables that turn on what the kit brings: tasks, and a proxy in front that speaks TLS."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .environment import Reader, Variable
from .python_files import dotted

_CELERY = re.compile(r"([A-Z0-9]+_)*?((USE|ENABLE)_CELERY|CELERY_ENABLED?)")
_HTTPS = re.compile(r"([A-Z0-9]+_)*?((USE|ENABLE)_HTTPS|HTTPS_ENABLED?)")
_OFF = (False, 0, "", "0", "False", "false", "no", None)
_HEADER = "SECURE_PROXY_SSL_HEADER"
#: What nginx tells an application of a request that came by TLS.
_PAIR = ("HTTP_X_FORWARDED_PROTO", "https")


def switched(variable: Variable, reader: Reader, celery: bool) -> tuple[str, str] | None:
    """Return a value and the reason for it; None for a variable that turns nothing on, or is on."""
    if variable.default not in _OFF:
        return None
    if celery and _CELERY.fullmatch(variable.name):
        return "True", f"{variable.place}: without it there are no tasks"
    if _HTTPS.fullmatch(variable.name):
        return "True", f"{variable.place}: browsers come by TLS alone"
    for value in _values(reader):
        if variable.name in reader.names(value):
            form = f'["{_PAIR[0]}", "{_PAIR[1]}"]' if "json" in ast.unparse(value) else ",".join(_PAIR)
            return form, f"{variable.place}: how nginx tells that a request came by TLS"
    if any(variable.name in reader.names(test) for test in _conditions(reader)):
        return "True", f"{variable.place}, on which {_HEADER} depends"
    return None


def _values(reader: Reader) -> Iterator[ast.expr]:
    """Yield what the setting may be that is no plain pair, in which a variable is at most the header's name."""
    for module in reader.modules:
        yield from (node for node in module.named.get(_HEADER, []) if not isinstance(node, ast.Tuple))


def _conditions(reader: Reader) -> Iterator[ast.expr]:
    """Yield the tests of each `if` that the setting is made under."""
    for module in reader.modules:
        for node in module.nodes:
            if isinstance(node, ast.If):
                made = (part for part in node.body if isinstance(part, ast.Assign))
                if any(dotted(target) == _HEADER for part in made for target in part.targets):
                    yield node.test
