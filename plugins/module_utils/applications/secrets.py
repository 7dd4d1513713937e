"""Judges secrets without ever showing one: a problem carries the variable's name and the value's length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .problems import Problem, Unresolved

MINIMUM_LENGTH = 16
#: A value of these words alone (and digits and punctuation) was never generated. Longer ones first: `password`, `pass`.
_WORDS = re.compile(
    "placeholder|password|replace|example|default|goes|change|secret|passwd|please|django|insecure|cloche|token|dummy"
    "|value|fixme|admin|guest|fill|edit|todo|test|here|this|none|null|pass|your|tbd|foo|bar|baz|set|key|the|my|me|it|in"
)
_GENERATE = "generate one, for instance with `openssl rand -base64 32`"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_placeholder(value: str, placeholders: list[str] = ()) -> bool:
    """Return whether a value is a word to be replaced: changeme, <password>, xxxxxxxx, secret-123, ..."""
    text = value.strip().lower()
    if text in {word.lower() for word in placeholders}:
        return True
    if re.fullmatch(r"[<{\[$(]+[\w .:-]*[>}\])]+", text):
        return True
    # One character again and again, the beginning of the alphabet, digits in order.
    if len(set(text)) <= 2 or re.match(r"abcdef|012345|123456|qwert", text):
        return True
    # Only such words, with digits and punctuation between them: a generated secret may contain one by chance.
    return bool(re.search("[a-z]", text)) and not re.search("[^\\W\\d_]", _WORDS.sub("", text))


def secret_problems(apps: dict[str, dict[str, Any]], facts: dict[str, Any]) -> list[Problem]:
    """Return the problems with the secrets of an environment and its applications (place -> complete definition)."""
    own, foreign = dict(facts["secrets"]), {}
    for where, app in apps.items():
        password = (app["package_index"] or {}).get("password")
        foreign |= {f"{where}app_package_index.password": password} if password is not None else {}
        own |= {f"{where}app_secrets.{name}": value for name, value in app["secrets"].items() if value is not None}
        foreign |= {f"{where}app_secret_environment.{name}": v for name, v in app["secret_environment"].items()}
    found = [p for name, value in own.items() for p in _own(name, value, facts["placeholders"])]
    for name, value in foreign.items():
        found += list(_common(name, str(value), facts["placeholders"]))
    return found + _repeated(own)


def _own(name: str, value: Any, placeholders: list[str]) -> Iterator[Problem]:
    """A secret that the kit hands out: its length is ours to decide."""
    if isinstance(value, Unresolved):
        yield {"variable": name, "value": "(undefined)", "remedy": value.reason}
        return
    if not isinstance(value, str):
        yield {"variable": name, "value": "(no string)", "remedy": "put it in quotes"}
        return
    problems = list(_common(name, value, placeholders))
    if not problems and len(value) < MINIMUM_LENGTH:
        problems = [_problem(name, value, f"shorter than {MINIMUM_LENGTH} characters; {_GENERATE}")]
    yield from problems


def _common(name: str, value: str, placeholders: list[str]) -> Iterator[Problem]:
    if is_placeholder(value, placeholders):
        yield _problem(name, value, f"left as a placeholder; {_GENERATE}")
    elif _CONTROL.search(value):
        yield _problem(name, value, "contains a line break or another control character; remove it")


def _repeated(secrets: dict[str, Any]) -> list[Problem]:
    """A leak of one secret must not open a second door."""
    first: dict[str, str] = {}
    found = []
    for name, value in secrets.items():
        if isinstance(value, str) and value and first.setdefault(value, name) != name:
            found.append(_problem(name, value, f"equal to {first[value]}; {_GENERATE}"))
    return found


def _problem(name: str, value: str, remedy: str) -> Problem:
    return {"variable": name, "value": f"({len(value)} characters)", "remedy": remedy}
