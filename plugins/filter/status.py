"""The hosts' status, judged and as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils

_MODULE_UTILS = Path(__file__).resolve().parent.parent / "module_utils"
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if str(_MODULE_UTILS) not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(_MODULE_UTILS))

from ansible.module_utils.status import judge, table  # noqa: E402


def judged_status(results: dict[str, dict[str, Any]], environment: str, limits: dict[str, Any]) -> dict[str, Any]:
    """Return the status of an environment: ``{environment, level, hosts}``; see module_utils/status/judge.py.

    ``results`` are what the module host_status returned by host, empty for a host that gave no answer; ``limits`` has
    disk_free_mb, memory_available_percent, certificate_days and queue_ready, each with yellow and red, and
    recent_minutes.
    """
    return judge.environment(environment, results, limits)


class FilterModule:
    """Offer ``results | judged_status(environment, limits)``, and ``status_table`` for its result."""

    def filters(self) -> dict[str, Any]:
        return {"judged_status": judged_status, "status_table": table.table}
