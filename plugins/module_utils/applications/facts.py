"""What the kit wires, as the templates of ``app_environment_map`` name it: ``{database.host}``."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

_REDIS = ("url", "host", "port", "user", "password", "db")
#: Part of an application to its facts. ``url`` has user and password in it, percent-encoded; ``password`` is as it is.
FACTS = {
    "database": ("url", "host", "port", "user", "password", "name", "sslmode", "sslrootcert"),
    "broker": ("url", "host", "port", "user", "password", "vhost"),
    "results": ("url",),
    "cache": _REDIS,
    "state": _REDIS,
    "django": ("secret_key", "fallbacks"),
    "site": ("url", "domain", "domains", "origins"),
    "files": ("static", "media"),
}
#: Facts of one release, which stand with it; all others lie in the application's private file.
OF_RELEASE = "files"
#: Of the instances in ``app_redis.further``: ``{redis.<name>.url}``.
_FURTHER = re.compile(rf"redis\.[a-z][a-z0-9_]*\.({'|'.join(_REDIS)})")
#: ``{database.password:quoted}`` is percent-encoded, for a URL that a project wants in a form of its own.
QUOTED = "quoted"


class InvalidTemplate(ValueError):
    """A template that nothing could be put into; the message says why, in words for whoever wrote it."""


def fields(template: str) -> list[tuple[str, str]]:
    """Return ``(part, fact)`` for each fact that a template names. Raises InvalidTemplate."""
    return [field for _, field, _ in _pieces(template) if field]


def of_release(template: str) -> bool:
    """Tell whether a template names facts of a release. Raises InvalidTemplate."""
    return any(part == OF_RELEASE for part, _ in fields(template))


def filled(template: str, facts: dict[str, dict[str, Any]]) -> str:
    """Return a template with its facts put in; ``facts`` is part to fact to value. Raises InvalidTemplate."""
    result = ""
    for literal, field, quoted in _pieces(template):
        result += literal
        if field:
            value = str(facts[field[0]][field[1]])
            result += quote(value, safe="") if quoted else value
    return result


def _pieces(template: str) -> Iterator[tuple[str, tuple[str, str] | None, bool]]:
    """Yield ``(text, fact after it or None, whether percent-encoded)``. Never evaluates anything."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise InvalidTemplate(f"no template ({error}); a brace that is meant is doubled") from None
    for literal, name, form, conversion in parsed:
        if name is None:
            yield literal, None, False
            continue
        part, _, fact = name.partition(".")
        if fact not in FACTS.get(part, ()) and not _FURTHER.fullmatch(name):
            raise InvalidTemplate(f"{{{name}}} is not wired; known are {', '.join(known())}")
        if conversion or form not in ("", QUOTED):
            raise InvalidTemplate(f"after {name} nothing may follow but :{QUOTED}")
        yield literal, (part, fact), form == QUOTED


def known() -> list[str]:
    """Return every fact, as ``database.url``."""
    return [f"{part}.{fact}" for part, facts in FACTS.items() for fact in facts] + ["redis.NAME.url"]
