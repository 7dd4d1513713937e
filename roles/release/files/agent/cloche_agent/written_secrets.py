"""Secrets in effect that stand in the application's own source, by name and file."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_NAME = re.compile(r"(SECRET|PASSWORD|PASSWD|TOKEN|KEY|DSN)$")
_PUBLIC = re.compile(r"PUBLIC|PUBLISHABLE|SITE_KEY")
#: A name such as X_TOKEN may hold the name of a header: a secret is longer, and has digits.
_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])\S{16,}")
_LARGEST = 2**20


def find(django: bool) -> list[dict[str, str]]:
    """Return ``{name, file}`` for each secret whose value is a text in a module of the application that is loaded."""
    candidates = dict(_candidates()) if django else {}
    found = []
    texts = {name: text for name, text in _sources() if candidates}
    for name, value in sorted(candidates.items()):
        files = [file for file, text in texts.items() if any(f"{quote}{value}{quote}" in text for quote in "'\"")]
        found += [{"name": name, "file": file} for file in files[:1]]
    return found


def _candidates() -> Iterator[tuple[str, str]]:
    from django.conf import settings

    if settings.SECRET_KEY:
        yield "SECRET_KEY", str(settings.SECRET_KEY)
    for name in dir(settings):
        if name.isupper() and _NAME.search(name) and not _PUBLIC.search(name) and settings.is_overridden(name):
            value = getattr(settings, name)
            if _is_secret(name, value):
                yield name, value
    for alias, database in settings.DATABASES.items():
        if database.get("PASSWORD"):
            yield f'DATABASES["{alias}"]["PASSWORD"]', str(database["PASSWORD"])


def _is_secret(name: str, value: Any) -> bool:
    return isinstance(value, str) and bool(value if name.endswith("PASSWORD") else _RANDOM.fullmatch(value))


def _sources() -> Iterator[tuple[str, str]]:
    here = os.getcwd() + os.sep
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(here) and file.endswith(".py") and "site-packages" not in file:
            path = Path(file)
            if path.is_file() and path.stat().st_size <= _LARGEST:
                yield file.removeprefix(here), path.read_text(encoding="utf-8", errors="replace")
