"""What an environment already says that a new application has to fit into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_FIRST_PORT = 6380


class _Loader(yaml.SafeLoader):
    """Reads vault and other tags as plain text."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: str(getattr(node, "value", "")))


@dataclass(frozen=True)
class Environment:
    """An environment: its ``applications`` by file stem, ``main`` (group_vars/all/main.yml), ``groups`` to their hosts.

    ``postgres`` is what variables say to that group, those of ``main`` included.
    """

    applications: dict[str, Any]
    main: dict[str, Any]
    postgres: dict[str, Any]
    groups: dict[str, list[str]]

    @property
    def is_local(self) -> bool:
        """Whether browsers reach it on this machine, so that its domains are nobody's."""
        return self.main.get("public_host") == "localhost"

    def domain(self, name: str) -> str | None:
        """Return a domain for an application; None where somebody has to choose it."""
        return f"{name.replace('_', '-').strip('-')}.test" if self.is_local else None

    def redis_ports(self) -> tuple[int, int]:
        """Return the next two ports that no application's Redis has."""
        taken = set()
        for application in self.applications.values():
            if (application.get("app_secrets") or {}).get("redis") is not None:
                given = application.get("app_redis") or {}
                for index, part in enumerate(("cache", "state")):
                    taken.add((given.get(part) or {}).get("port", _FIRST_PORT + index))
                taken.update(instance.get("port") for instance in given.get("further") or [])
        free = [port for port in range(_FIRST_PORT, _FIRST_PORT + 2 * len(taken) + 2) if port not in taken]
        return free[0], free[1]


def read_environment(directory: Path) -> Environment:
    """Return an environment from its directory under inventories/. Raises yaml.YAMLError for a file that is no YAML."""
    applications = {path.stem: _mapping(path) for path in sorted(directory.glob("apps/*.yml"))}
    main = _mapping(directory / "group_vars/all/main.yml")
    postgres = main | _mapping(directory / "group_vars/postgres/postgres.yml")
    children = (_mapping(directory / "hosts.yml").get("all") or {}).get("children") or {}
    groups = {name: list((group or {}).get("hosts") or {}) for name, group in children.items()}
    return Environment(applications, main, postgres, groups)


def _mapping(path: Path) -> dict[str, Any]:
    content = yaml.load(path.read_text(), Loader=_Loader) if path.is_file() else None
    return content if isinstance(content, dict) else {}
