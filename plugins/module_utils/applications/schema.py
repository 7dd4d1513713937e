"""Checks one definition against the schema and fills in its defaults."""

from __future__ import annotations

import difflib
from copy import deepcopy
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .problems import SECRET_NAME, Problem, Unresolved, problem
from .questions import asked

PREFIX = "app_"
Options = dict[str, Any]
_KINDS = {"str": "a string", "int": "a whole number", "list": "a list", "dict": "a mapping", "bool": "true or false"}
_UNQUOTED = "put it in quotes: YAML read it as something else than a string"


def checked(definition: dict[str, Any], options: Options, where: str) -> tuple[dict[str, Any], list[Problem]]:
    """Return what of a definition fits the schema, and a problem for everything that doesn't.

    `where` is put before each variable's path. A null counts as an omitted key.
    """
    clean, problems = {}, []
    for key, value in definition.items():
        path = f"{where}{key}"
        if key not in options:
            problems.append(_unknown(path, key, value, options))
        elif value is not None:
            problems += _check(path, value, options[key], clean, key)
    for key, option in options.items():
        if option.get("required") and definition.get(key) is None:
            problems.append(problem(f"{where}{key}", None, f"add it: {_described(option)}"))
    return clean, problems


def completed(definition: dict[str, Any], options: Options) -> dict[str, Any]:
    """Return a clean definition with its defaults (None where there is none), keys without the prefix `app_`."""
    # A copy: the validator hands the spec's own lists and dictionaries out as defaults.
    result = ArgumentSpecValidator(deepcopy(options)).validate(definition)
    return {key.removeprefix(PREFIX): value for key, value in result.validated_parameters.items()}


def _unknown(path: str, key: Any, value: Any, options: Options) -> Problem:
    near = difflib.get_close_matches(str(key), options, n=1, cutoff=0.6)
    remedy = (
        f"unknown key; did you mean {near[0]}?" if near else f"unknown key; known are {', '.join(options) or 'none'}"
    )
    # A misspelt name of a secret must not bring its value to light.
    hidden = bool(near and (SECRET_NAME.search(near[0]) or options[near[0]].get("no_log")))
    return problem(path, value, remedy) | ({"value": "(hidden)"} if hidden else {})


def _check(path: str, value: Any, option: dict[str, Any], clean: dict[str, Any], key: str) -> list[Problem]:
    """Put the fitting part of a value into clean[key]; return the problems with the rest."""
    kind = option["type"]
    if isinstance(value, Unresolved):
        return [problem(path, value, value.reason)]
    if found := _unanswered(path, value, option):
        return found
    if kind == "list":
        return _check_list(path, value, option, clean, key)
    if kind == "dict":
        return _check_dict(path, value, option, clean, key)
    return _check_scalar(path, value, option, clean, key)


def _unanswered(path: str, value: Any, option: dict[str, Any]) -> list[Problem]:
    """Return the problem with a line that was left to be filled in; a secret's are judged with the other secrets."""
    words = None if option.get("no_log") else asked(value)
    return [{"variable": path, "value": "(to be filled in)", "remedy": words}] if words else []


def _check_list(path: str, value: Any, option: dict[str, Any], clean: dict[str, Any], key: str) -> list[Problem]:
    # Ansible would split a string at its commas, and so tear a command apart.
    if not isinstance(value, list):
        return [_wrong(path, value, option)]
    problems, entries = [], []
    element = {name: option[name] for name in ("options", "no_log", "description") if name in option}
    for index, given in enumerate(value):
        entry = _expanded(given, option)
        name = entry.get("name", entry.get("path")) if isinstance(entry, dict) else None
        at = f"{path}[{name if isinstance(name, str) else index}]"
        holder: dict[str, Any] = {}
        found = _check(at, entry, element | {"type": option["elements"]}, holder, "entry")
        problems += found
        # An entry that lacks something required would be judged further by what it isn't.
        if "entry" in holder and not (found and option["elements"] == "dict" and _incomplete(holder["entry"], option)):
            entries.append(holder["entry"])
    clean[key] = entries
    return problems


def _expanded(entry: Any, option: dict[str, Any]) -> Any:
    """Return an entry of a list; a string stands for a mapping's required key where there is but one, as a command."""
    required = [name for name, sub in option.get("options", {}).items() if sub.get("required")]
    return {required[0]: entry} if isinstance(entry, str) and len(required) == 1 else entry


def _incomplete(entry: dict[str, Any], option: dict[str, Any]) -> bool:
    return any(sub.get("required") and name not in entry for name, sub in option.get("options", {}).items())


def _check_dict(path: str, value: Any, option: dict[str, Any], clean: dict[str, Any], key: str) -> list[Problem]:
    if not isinstance(value, dict):
        return [_wrong(path, value, option)]
    if "options" in option:
        clean[key], problems = checked(value, option["options"], f"{path}.")
        return problems
    problems = []
    for name, item in value.items():
        if isinstance(item, Unresolved):
            problems.append(problem(f"{path}.{name}", item, item.reason))
        elif found := _unanswered(f"{path}.{name}", item, option):
            problems += found
        elif not isinstance(item, (str, int, float)):
            problems.append(problem(f"{path}.{name}", item, "give a string or a number"))
    clean[key] = {n: item for n, item in value.items() if isinstance(item, (str, int, float))}
    return problems


def _check_scalar(path: str, value: Any, option: dict[str, Any], clean: dict[str, Any], key: str) -> list[Problem]:
    kind = option["type"]
    if kind == "str" and not isinstance(value, str):
        quotable = isinstance(value, (int, float))
        return [problem(path, value, _UNQUOTED) if quotable else _wrong(path, value, option)]
    if kind == "str" and not value:
        return [problem(path, value, f"give a value or omit the key: {_described(option)}")]
    spec = {key: {name: option[name] for name in ("type", "choices") if name in option}}
    result = ArgumentSpecValidator(spec).validate({key: value})
    if result.error_messages or (kind == "int" and isinstance(value, bool)):
        return [_wrong(path, value, option)]
    coerced = result.validated_parameters[key]
    if kind == "int" and coerced < 1:
        return [problem(path, value, f"must be at least 1: {_described(option)}")]
    clean[key] = coerced
    return []


def _wrong(path: str, value: Any, option: dict[str, Any]) -> Problem:
    kind = " or ".join(option["choices"]) if "choices" in option else _KINDS[option["type"]]
    return problem(path, value, f"must be {kind}: {_described(option)}")


def _described(option: dict[str, Any]) -> str:
    description = option.get("description", "")
    return (description if isinstance(description, str) else " ".join(description)).rstrip(".")
