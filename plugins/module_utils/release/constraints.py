"""Poetry's version constraints in the words of PEP 440."""

from __future__ import annotations

import re

_PART = re.compile(r"(\^|~(?!=)|>=|<=|==|!=|~=|>|<|=)?\s*([\w.*+!-]+)")


def specifier(constraint: str) -> str:
    """Return a constraint such as ``^1.2`` or ``>=1,<2 || ^3`` as PEP 440 has it.

    Of alternatives the last counts, which PEP 440 can't join: the newest.
    """
    parts = [_translated(operator, version) for operator, version in _PART.findall(constraint.split("||")[-1])]
    return ",".join(part for part in parts if part)


def python_marker(constraint: str) -> str:
    """Return the marker that a constraint on the Python version is."""
    markers = [" and ".join(_compared(part) for part in words.split(",")) for words in _alternatives(constraint)]
    return " or ".join(markers)


def _alternatives(constraint: str) -> list[str]:
    found = [specifier(words) for words in constraint.split("||")]
    return [words for words in found if words]


def _compared(part: str) -> str:
    operator, version = re.match(r"(\D+)(.*)", part).groups()
    name = "python_full_version" if version.count(".") > 1 and "*" not in version else "python_version"
    return f"{name} {operator} '{version}'"


def _translated(operator: str, version: str) -> str:
    if version == "*":
        return ""
    if operator == "^":
        return f">={version},<{_next(version, caret=True)}"
    if operator == "~":
        return f">={version},<{_next(version, caret=False)}"
    return f"{'==' if operator in ('', '=') else operator}{version}"


def _next(version: str, *, caret: bool) -> str:
    """Return the first version that a caret (the first part that is not 0) or a tilde (the minor version) excludes."""
    numbers = [int(re.match(r"\d*", part)[0] or 0) for part in version.split(".")]
    place = (
        next((n for n, number in enumerate(numbers) if number), len(numbers) - 1) if caret else min(1, len(numbers) - 1)
    )
    return ".".join(str(number) for number in [*numbers[:place], numbers[place] + 1])
