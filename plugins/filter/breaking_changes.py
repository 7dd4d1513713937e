"""Judge an inventory by the kit's breaking changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils

_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.operating.breaking_changes import Change, outdated  # noqa: E402


def outdated_problems(hostvars: dict[str, Any], changes: list[Change]) -> list[dict[str, str]]:
    """Return a problem for each variable and key of an application that a breaking change names; no value is read."""
    problems, told = [], set()
    for host in hostvars:
        for name, remedy in outdated(set(hostvars[host]), changes):
            if name not in told:
                told.add(name)
                problems.append({"variable": name, "value": "(of an older kit)", "remedy": remedy})
    for stem, written in _applications(hostvars).items():
        for name, remedy in outdated(set(written), changes):
            problems.append({"variable": f"apps/{stem}.yml {name}", "value": "(of an older kit)", "remedy": remedy})
    return problems


def _applications(hostvars: dict[str, Any]) -> dict[str, Any]:
    for host in hostvars:
        if "applications" in hostvars[host]:
            return hostvars[host]["applications"]
    return {}


class FilterModule:
    """Offer ``outdated_problems`` to templates."""

    def filters(self) -> dict[str, Any]:
        return {"outdated_problems": outdated_problems}
