"""Change values at the top of a YAML file and leave every other character of it alone, comments above all."""

from __future__ import annotations

from typing import Any

import yaml

from .errors import SecretsError

#: Ansible takes a string with one of these for a template, unless it is tagged.
_TEMPLATES = ("{{", "{%", "{#")
_UNSAFE = "!unsafe"


class _Dumper(yaml.SafeDumper):
    """Quotes every string, and tags those that Ansible would evaluate."""


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    tag = _UNSAFE if any(mark in value for mark in _TEMPLATES) else "tag:yaml.org,2002:str"
    return dumper.represent_scalar(tag, value, style='"')


_Dumper.add_representer(str, _string)


def values(text: str) -> dict[str, Any]:
    """Return the values at the top of a document, by name. Raises SecretsError where it is no mapping.

    What Ansible would evaluate, or has encrypted by itself, is None: that it is there can be seen, not what it is.
    """
    return {key.value: _plain(value) for key, value in _pairs(text)}


def changed(text: str, changes: dict[str, Any]) -> str:
    """Return the text with other values; None removes a name. Raises SecretsError where more than that would change."""
    wanted = _nodes(text)
    result = text
    for name, value in changes.items():
        wanted.pop(name, None)
        if value is not None:
            wanted[name] = _shape(yaml.compose(dumped(value), yaml.SafeLoader))
        result = _put(result, name, value)
    if _nodes(result) != wanted:
        raise SecretsError(f"{', '.join(changes)} cannot be changed without changing more; edit the file by hand")
    return result


def dumped(value: Any) -> str:
    """Return a value on one line, strings in double quotes."""
    line = yaml.dump(value, Dumper=_Dumper, width=float("inf"), allow_unicode=True, default_flow_style=True)
    return line.removesuffix("...\n").rstrip("\n")


def _put(text: str, name: str, value: Any) -> str:
    found = [(key, node) for key, node in _pairs(text) if key.value == name]
    if not found:
        separator = "" if not text or text.endswith("\n") else "\n"
        return text if value is None else f"{text}{separator}{name}: {dumped(value)}\n"
    [(key, node)] = found
    start, end = node.start_mark.index, node.end_mark.index
    # A block ends where the next key begins.
    if text[start:end].endswith("\n"):
        end -= len(text[start:end]) - len(text[start:end].rstrip("\n"))
    if value is not None:
        return text[:start] + _spaced(text, start) + dumped(value) + text[end:]
    line = text.find("\n", end)
    return text[: key.start_mark.index] + ("" if line < 0 else text[line + 1 :])


def _spaced(text: str, start: int) -> str:
    return "" if text[start - 1 : start].isspace() else " "


def _pairs(text: str) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    try:
        document = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        # The error's own words quote the line.
        raise SecretsError(f"no YAML{f', line {mark.line + 1}' if mark else ''}: correct it") from None
    if document is None:
        return []
    if not isinstance(document, yaml.MappingNode):
        raise SecretsError("no mapping of names to values: correct it")
    names = [key.value for key, _ in document.value]
    if len(set(names)) < len(names):
        raise SecretsError("a name stands there twice: correct it")
    return document.value


def _nodes(text: str) -> dict[str, Any]:
    return {key.value: _shape(node) for key, node in _pairs(text)}


def _shape(node: yaml.Node) -> Any:
    """Return what two nodes have in common that mean the same."""
    if isinstance(node, yaml.MappingNode):
        return node.tag, [(_shape(key), _shape(value)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return node.tag, [_shape(value) for value in node.value]
    return node.tag, node.value


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value) for value in node.value]
    if node.tag == _UNSAFE:
        return node.value
    if not node.tag.startswith("tag:yaml.org") or any(mark in node.value for mark in _TEMPLATES):
        return None
    return yaml.SafeLoader("").construct_object(node)
