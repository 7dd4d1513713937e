"""Lines of a requirements file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible.module_utils.release.markers import normalized
from ansible.module_utils.release.repository import SourceError

_TRUE, _FALSE = "python_version >= '0'", "python_version < '0'"
_CHOICE = re.compile(
    r"extra\s*==\s*(['\"])(?P<extra>[^'\"]+)\1"
    r"|(['\"])(?P<member>[^'\"]+)\3\s+(?P<negated>not\s+)?in\s+(?P<set>extras|dependency_groups)"
)


def entry(pin: str, marker: str = "", hashes: Iterable[str] = ()) -> str:
    """Return a line; ``pin`` is ``name==1.0`` or ``name @ URL``, ``hashes`` are as ``sha256:…``."""
    # Before the semicolon a space: it could belong to a URL.
    return " ".join([pin, *([f"; {marker}"] if marker else []), *(f"--hash={digest}" for digest in hashes)])


def chosen(marker: str, extras: Iterable[str]) -> str:
    """Return a marker that asks for extras or groups as one that asks for neither: of groups none is chosen."""
    wanted = {normalized(extra) for extra in extras}

    def decided(match: re.Match[str]) -> str:
        name = normalized(match["extra"] or match["member"])
        held = match["set"] != "dependency_groups" and name in wanted
        return _TRUE if held != bool(match["negated"]) else _FALSE

    return _CHOICE.sub(decided, marker)


def repository(url: str, commit: str, subdirectory: str = "") -> str:
    """Return the URL of a commit of a git repository, as pip reads it."""
    # As git's own `git@host:path`, which is no URL.
    if match := re.fullmatch(r"([\w.-]+@[\w.-]+):(?!//)(.+)", url):
        url = f"ssh://{match[1]}/{match[2]}"
    return f"git+{url}@{commit}" + (f"#subdirectory={subdirectory}" if subdirectory else "")


def toml(file: Path) -> dict[str, Any]:
    """Return the content of a TOML file; raise SourceError where it is none."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} can't be read: {error}") from error


def json_object(file: Path) -> dict[str, Any]:
    """Return the content of a JSON file; raise SourceError where it is none."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} can't be read: {error}") from error
