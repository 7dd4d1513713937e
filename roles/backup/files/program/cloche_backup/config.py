"""What the role has written for this host."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONFIG = Path("/etc/cloche/backup.json")


@dataclass(frozen=True)
class Postgres:
    """The cluster that pgBackRest's stanza ``main`` stands for; its data directory and its unit of systemd.

    ``several``: it is one of several servers under Patroni, of which one leads; one of them tells what there is
    (``listed``). The configuration of a server alone lies in a directory of its own.
    """

    version: str
    port: int
    data: Path
    unit: str
    configuration: Path
    scratch: Path
    scratch_port: int
    full_days: float
    sample_mb: int
    several: bool = False
    listed: bool = True

    @property
    def server(self) -> str:
        """The program of the server."""
        return f"/usr/lib/postgresql/{self.version}/bin/postgres"


@dataclass(frozen=True)
class Source:
    """One thing that restic keeps a snapshot of: ``media``, ``redis`` or ``rabbitmq``, of this name, at this path."""

    kind: str
    name: str
    path: Path

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Config:
    """Everything that a job needs to know. ``environment`` holds restic's secrets and is nobody's but its child's."""

    host: str
    retention_days: int
    postgres: Postgres | None
    sources: list[Source]
    repository: str
    options: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    records: Path = Path("/var/lib/cloche/backup")


def read(path: Path = CONFIG) -> Config:
    """Return the configuration; OSError, ValueError, KeyError or TypeError where the file is not the role's."""
    given: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    postgres = given.pop("postgres")
    if postgres:
        places = {name: Path(postgres[name]) for name in ("data", "configuration", "scratch")}
        postgres = Postgres(**{**postgres, **places})
    sources = [Source(source["kind"], source["name"], Path(source["path"])) for source in given.pop("sources")]
    records = {"records": Path(given.pop("records"))} if "records" in given else {}
    return Config(postgres=postgres or None, sources=sources, **given, **records)
