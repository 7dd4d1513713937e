"""What a host's backup programs are told: pgBackRest's configuration, the kit's own, units of systemd; and the list."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import ansible.module_utils

_MODULE_UTILS = Path(__file__).resolve().parent.parent / "module_utils"
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if str(_MODULE_UTILS) not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(_MODULE_UTILS))

from ansible.module_utils.backup import problems, settings, sources, table, units  # noqa: E402


def backup_json(
    target: dict[str, Any],
    host: str,
    passphrase: str,
    retention_days: int,
    postgres: dict[str, Any],
    sources: list[dict[str, str]],
) -> str:
    """Return the text of the configuration of the host's backup program, secrets included."""
    given = {
        "host": host,
        "retention_days": retention_days,
        "postgres": postgres or None,
        "sources": sources,
        **settings.restic(target, host, passphrase),
    }
    return json.dumps(given, indent=1, sort_keys=True) + "\n"


def backup_table(lists: dict[str, list[dict[str, Any]]]) -> str:
    """Return what hosts have as a table; ``lists`` is host to what its backup program listed."""
    return table.backups(lists, time.time())


class FilterModule:
    """Offer the functions of module_utils/backup to templates, each under a name that says whose it is."""

    def filters(self) -> dict[str, Any]:
        return {
            "backup_problems": problems.found,
            "backup_json": backup_json,
            "backup_pgbackrest": settings.pgbackrest,
            "backup_known_hosts": settings.known_hosts,
            "backup_sources": sources.of,
            "backup_units": units.files,
            "backup_moment": problems.is_moment,
            "backup_table": backup_table,
            "backup_done": table.done,
            "backup_restored": table.restored,
        }
