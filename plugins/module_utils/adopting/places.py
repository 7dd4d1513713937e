"""Directories that a project writes to: which variables name them, and where they have to lie on a host."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from .environment import Reader, Variable
from .python_files import strings

PLACE = re.compile(r"_(DIR|DIRECTORY|PATH|ROOT|FILE|FOLDER)$")
#: Of a container's own, which no application's user may make on a host.
_ELSEWHERE = re.compile(r"/(app|data|home|opt|code|srv)/\w")
#: Directories that are written to, by their names; templates and the like are read only.
_WRITTEN = re.compile(
    r"(?:^|_)(DATA|MEDIA|UPLOADS?|LOGS?|LOGGING|CACHE|CONSUM\w+|EXPORTS?|IMPORTS?|BACKUPS?|STORAGE|FILES|VAR|SPOOL|INBOX"
    r"|ARCHIVE|TRASH)_?(?:DIR|DIRECTORY|FOLDER|PATH|ROOT)$"
)


def shared(variable: Variable, reader: Reader) -> str:
    """Return the name of the directory that stands for a variable's below the application's shared one; else empty.

    Its default is one that the application's user could not make, as below its home, or lies in the source, which
    nobody may write to.
    """
    home = next((text for text in strings(variable.given) if text.startswith("~/")), "") if variable.given else ""
    if home and PLACE.search(variable.name):
        return PurePosixPath(home).name.lstrip(".")
    default = variable.default if isinstance(variable.default, str) else ""
    if PLACE.search(variable.name) and _ELSEWHERE.match(default):
        return PurePosixPath(default).name
    written = _WRITTEN.search(variable.name)
    if not written or variable.given is None or not _in_source(variable.given, default, reader, 6):
        return ""
    parts = [part for text in strings(variable.given) for part in text.split("/") if part.strip(".")]
    return parts[-1] if parts else written[1].lower()


def _in_source(node: ast.AST, default: str, reader: Reader, depth: int) -> bool:
    if default:
        return not default.startswith(("/", "~")) and "://" not in default
    if not depth or next(reader.read(reader.modules[0], node), None):
        return False
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    nodes = [reader.constants.nodes[name] for name in names if name in reader.constants.nodes]
    if "__file__" in names or any(_in_source(inner, "", reader, depth - 1) for inner in nodes):
        return True
    # Below something that cannot be told: an absolute place would be written somewhere.
    below = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and bool(nodes)
    return below and not any(text.startswith(("/", "~")) for part in nodes for text in strings(part))
