"""Definitions as the kit completes them, and what the servers offer them, before preflight has judged anything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.applications.schema import checked, completed

from .inventory import Environment

_ROLES = Path(__file__).resolve().parents[3] / "roles"


@cache
def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((_ROLES / name).read_text())


def complete(stem: str, definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition with its defaults; what is wrong or to be filled in is left out."""
    options = _read("app/meta/argument_specs.yml")["argument_specs"]["definition"]["options"]
    clean, _ = checked(definition, options, "")
    return completed({"app_name": stem, "app_source": {}} | clean, options)


def connection_facts(environment: Environment) -> dict[str, Any]:
    """Return what the rules of connections ask of an environment's facts."""
    default = _read("postgres/defaults/main.yml")["postgres_max_connections"]
    given = environment.postgres.get("postgres_max_connections", default)
    return {
        "groups": environment.groups,
        "max_connections": given if isinstance(given, int) else default,
        "reserved_connections": _read("postgres/vars/main.yml")["__postgres_reserved_connections"],
    }
