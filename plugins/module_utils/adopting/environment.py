"""The variables that modules read: os.environ, getenv, django-environ, environs, decouple, dj-database-url."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .computed import ComputedNames
from .guards import conditions, inside, is_environ, is_get, presence
from .python_files import Constants, Module, dotted, imported

#: What a method of django-environ or dj-database-url reads when it is given no name.
_UNNAMED = {
    "db": "DATABASE_URL",
    "db_url": "DATABASE_URL",
    "dj_db_url": "DATABASE_URL",
    "cache": "CACHE_URL",
    "cache_url": "CACHE_URL",
    "email": "EMAIL_URL",
    "email_url": "EMAIL_URL",
}
_READERS = frozenset({"Env", "FileAwareEnv"})
#: Of decouple and starlette; a project may well have a class of that name itself.
_CONFIGS = frozenset({"Config", "AutoConfig"})
_CONFIGURED = frozenset({"decouple", "environs", "starlette.config"})


@dataclass(frozen=True)
class Variable:
    """A variable: its ``name``, whether it is ``required``, its ``default`` where that is plain, and the ``place``.

    ``condition`` is the `if` that it is read under; empty where it is read in any case. ``given`` is the default's
    expression.
    """

    name: str
    required: bool
    default: Any
    place: str
    condition: str = ""
    given: ast.expr | None = field(default=None, compare=False)

    def told(self) -> str:
        """Return what to know of a variable that need not be given."""
        if self.required:
            return f"{self.name} is needed under `if {self.condition}` ({self.place})"
        default = "" if self.default is None else f", {self.default!r} otherwise"
        return f"{self.name} may be set ({self.place}){default}"


class Reader:
    """Finds variables in some modules, which are read together: an `env` made in one is used in others."""

    def __init__(self, modules: list[Module]) -> None:
        self.modules, self.constants = modules, Constants(modules)
        self._computed = ComputedNames(modules, self.constants)
        self._objects: set[str] = {"environ.Env"}
        self._helpers: dict[str, bool] = {}
        self._given: dict[str, ast.expr] = {}
        self._lenient: set[str] = set()
        self._conditions, self._presence = conditions(modules), presence(modules)
        self._tolerated: set[int] = set()
        self._imported = {name for module in modules for name in _names_of_modules(module)}
        for module in modules:
            readers = _READERS | (_CONFIGS if _CONFIGURED & set(imported(module)) else set())
            for node in module.nodes:
                self._learn(node, readers)
                if isinstance(node, ast.Try) and node.handlers:
                    self._tolerated |= inside(node.body)
        # Those that call others of them, in whichever order they stand.
        for module in modules * 2:
            for node in module.nodes:
                if isinstance(node, ast.FunctionDef) and node.args.args and not _is_method(node):
                    self._learn_wrapper(node)

    def variables(self) -> list[Variable]:
        """Return the variables by name; one that is required in any place is required."""
        found: dict[str, Variable] = {}
        for module in self.modules:
            for variable in self.read(module, module.syntax):
                if variable.name not in found or _urgency(variable) > _urgency(found[variable.name]):
                    found[variable.name] = variable
        return sorted(found.values(), key=lambda variable: variable.name)

    def read(self, module: Module, node: ast.AST) -> Iterator[Variable]:
        """Yield the variables that an expression of a module reads."""
        for inner in module.nodes if node is module.syntax else ast.walk(node):
            found = self._subscript(inner) or self._call(inner)
            if found and found[0] and found[0].isidentifier():
                name, required, given = found
                if name in self._given:
                    required, given = False, self._given[name]
                required &= id(inner) not in self._tolerated and name not in self._presence.get(id(inner), ())
                default, condition = self.constants.value(given), self._conditions.get(id(inner), "")
                yield Variable(name, required, default, module.place(inner), condition, given)

    def reads(self, node: ast.AST) -> tuple[str, ast.expr | None]:
        """Return the variable that an expression is, taken as it comes, and its default; an empty name for others."""
        found = self._subscript(node) or self._call(node)
        return (found[0], found[2]) if found else ("", None)

    def settled(self, node: ast.AST) -> Any:
        """Return what an expression is where nobody sets a variable: its value, or the default of the one it reads."""
        value = self.constants.value(node)
        read = [] if value is not None else list(self.read(self.modules[0], node))
        return read[0].default if len(read) == 1 else value

    def names(self, node: ast.AST) -> list[str]:
        """Return the names of the variables that an expression reads, names of values followed."""
        found, seen, pending = [], set(), [node]
        while pending and len(seen) < 100:
            current = pending.pop()
            found += [variable.name for variable in self.read(self.modules[0], current)]
            for inner in ast.walk(current):
                name = inner.id if isinstance(inner, ast.Name) else ""
                if name in self.constants.nodes and name not in seen:
                    seen.add(name)
                    pending.append(self.constants.nodes[name])
        return list(dict.fromkeys(found))

    def _learn(self, node: ast.AST, readers: frozenset[str]) -> None:
        """Remember objects that read variables, the defaults they were given, and functions that do so."""
        if isinstance(node, ast.ImportFrom) and node.module in _CONFIGURED:
            self._objects |= {alias.asname or alias.name for alias in node.names if alias.name == "config"}
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if dotted(node.value.func).rpartition(".")[2] in readers:
                self._objects |= {dotted(target) for target in node.targets} - {""}
                self._given |= self._schemas(node.value.keywords)
        elif isinstance(node, ast.FunctionDef) and node.args.args and _is_method(node):
            # A method of one's own that gives a default to the one it builds on.
            if any(isinstance(inner, ast.Call) and _has_default_keyword(inner) for inner in ast.walk(node)):
                self._lenient.add(node.name)
        elif isinstance(node, ast.FunctionDef) and node.args.args:
            self._learn_helper(node)

    def _schemas(self, keywords: list[ast.keyword]) -> dict[str, ast.expr]:
        """Return name to default of `environ.Env(DEBUG=(bool, False), **MORE)`."""
        found = {keyword.arg: _schema(keyword.value) for keyword in keywords if keyword.arg}
        for keyword in keywords:
            more = None if keyword.arg else self.constants.resolved(keyword.value)
            if isinstance(more, ast.Dict):
                found |= {
                    key.value: _schema(value)
                    for key, value in zip(more.keys, more.values, strict=True)
                    if isinstance(key, ast.Constant)
                }
        return found

    def _learn_helper(self, node: ast.FunctionDef) -> None:
        parameter, optional = node.args.args[0].arg, len(node.args.args) > 1 and bool(node.args.defaults)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Subscript) and is_environ(inner.value) and dotted(inner.slice) == parameter:
                self._helpers[node.name] = not optional
            elif (
                isinstance(inner, ast.Call) and is_get(inner.func) and inner.args and dotted(inner.args[0]) == parameter
            ):
                self._helpers.setdefault(node.name, False)

    def _learn_wrapper(self, node: ast.FunctionDef) -> None:
        """Remember a function that hands its name on to one that reads variables."""
        for inner in ast.walk(node):
            handed = isinstance(inner, ast.Call) and inner.args and dotted(inner.args[0]) == node.args.args[0].arg
            if handed and dotted(inner.func) in self._helpers:
                self._helpers.setdefault(node.name, False)

    def _subscript(self, node: ast.AST) -> tuple[str, bool, ast.expr | None] | None:
        if not (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)):
            return None
        if is_environ(node.value) or dotted(node.value) in self._objects:
            return str(self.constants.value(node.slice) or ""), True, None
        return None

    def _call(self, node: ast.AST) -> tuple[str, bool, ast.expr | None] | None:
        if not isinstance(node, ast.Call):
            return None
        if computed := self._computed.read(node):
            return computed[0], False, computed[1]
        called = dotted(node.func)
        start, _, method = called.rpartition(".")
        name = self.constants.value(node.args[0]) if node.args else None
        name = name if isinstance(name, str) else ""
        if is_get(node.func):
            return name, False, _default(node)
        if called in self._objects or start in self._objects:
            name = name or _keyword(node, "var", self.constants) or ("" if node.args else _UNNAMED.get(method, ""))
            return name, not (_has_default(node) or method in self._lenient), _default(node)
        if start.endswith("dj_database_url") and method in {"config", "parse"}:
            known = _keyword(node, "env", self.constants) or "DATABASE_URL"
            return (known, False, _default(node)) if method == "config" else None
        if start in self._imported and start and method in self._helpers:
            called = method
        if called in self._helpers:
            insists = any(k.arg == "required" and self.constants.value(k.value) is True for k in node.keywords)
            return name, self._helpers[called] or (insists and not _has_default(node)), _default(node)
        return None


def _names_of_modules(module: Module) -> Iterator[str]:
    """Yield the names by which a module may speak of others, `secrets` after `from shop import secrets`."""
    for node in module.nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in node.names)


def _urgency(variable: Variable) -> int:
    return 2 * variable.required - (variable.required and bool(variable.condition))


def _default(node: ast.Call) -> ast.expr | None:
    given = [keyword.value for keyword in node.keywords if keyword.arg == "default"] or node.args[1:2]
    return given[0] if given else None


def _has_default(node: ast.Call) -> bool:
    return len(node.args) > 1 or _has_default_keyword(node)


def _has_default_keyword(node: ast.Call) -> bool:
    return any(keyword.arg == "default" for keyword in node.keywords)


def _schema(node: ast.expr) -> ast.expr:
    """Return the default in `environ.Env(DEBUG=(bool, False))`."""
    return node.elts[1] if isinstance(node, ast.Tuple) and len(node.elts) > 1 else node


def _keyword(node: ast.Call, name: str, constants: Constants) -> str:
    values = [constants.value(keyword.value) for keyword in node.keywords if keyword.arg == name]
    return values[0] if values and isinstance(values[0], str) else ""


def _is_method(node: ast.FunctionDef) -> bool:
    return node.args.args[0].arg in {"self", "cls"}
