"""What an environment already says that a new application has to fit into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_PROGRAMS = ("web", "worker", "beat", "flower")
_FIRST_PORT = 6380


class _Loader(yaml.SafeLoader):
    """Reads vault and other tags as plain text."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: str(getattr(node, "value", "")))


@dataclass(frozen=True)
class Environment:
    """An environment: its ``applications`` by file stem, ``main`` (group_vars/all/main.yml), ``hosts`` (hosts.yml)."""

    applications: dict[str, Any]
    main: dict[str, Any]
    hosts: dict[str, Any]

    @property
    def is_local(self) -> bool:
        """Whether browsers reach it on this machine, so that its domains are nobody's."""
        return self.main.get("public_host") == "localhost"

    def domain(self, name: str) -> str | None:
        """Return a domain for an application; None where somebody has to choose it."""
        return f"{name.replace('_', '-').strip('-')}.test" if self.is_local else None

    def origin(self, domain: str) -> str:
        """Return the origin that browsers send for a domain."""
        port = self.main.get("public_https_port", 443)
        return f"https://{domain}" if port == 443 else f"https://{domain}:{port}"

    def redis_ports(self) -> tuple[int, int]:
        """Return the next two ports that no application's Redis has."""
        taken = set()
        for application in self.applications.values():
            if (application.get("app_secrets") or {}).get("redis") is not None:
                given = application.get("app_redis") or {}
                for index, part in enumerate(("cache", "state")):
                    taken.add((given.get(part) or {}).get("port", _FIRST_PORT + index))
        free = [port for port in range(_FIRST_PORT, _FIRST_PORT + 2 * len(taken) + 2) if port not in taken]
        return free[0], free[1]

    def address(self, group: str) -> str | None:
        """Return where the applications' programs reach a group's first host; None where that differs by host."""
        everything = self.hosts.get("all") or {}
        groups = {
            name: list((entry or {}).get("hosts") or {}) for name, entry in (everything.get("children") or {}).items()
        }
        programs = {host for name in _PROGRAMS for host in groups.get(name, [])}
        if not groups.get(group):
            return None
        server = groups[group][0]
        if programs == {server}:
            return "127.0.0.1"
        known = ((everything.get("hosts") or {}).get(server) or {}).get("address", server)
        return None if server in programs else known


def read_environment(directory: Path) -> Environment:
    """Return an environment from its directory under inventories/. Raises yaml.YAMLError for a file that is no YAML."""
    applications = {path.stem: _mapping(path) for path in sorted(directory.glob("apps/*.yml"))}
    return Environment(applications, _mapping(directory / "group_vars/all/main.yml"), _mapping(directory / "hosts.yml"))


def _mapping(path: Path) -> dict[str, Any]:
    content = yaml.load(path.read_text(), Loader=_Loader) if path.is_file() else None
    return content if isinstance(content, dict) else {}
