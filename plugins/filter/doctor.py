"""What in an application's settings can lose a task, a request or a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils

_MODULE_UTILS = Path(__file__).resolve().parent.parent / "module_utils"
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if str(_MODULE_UTILS) not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(_MODULE_UTILS))

from ansible.module_utils.doctor import report  # noqa: E402


def doctor_reports(results: list[dict[str, Any]], host: str) -> list[dict[str, Any]]:
    """Return a report for each result of release_doctor in a loop over complete definitions; see report.report."""
    return [report.report(result, result["item"], host) for result in results]


class FilterModule:
    """Offer ``results | doctor_reports(host)``, and ``doctor_lines``, which shows them."""

    def filters(self) -> dict[str, Any]:
        return {"doctor_reports": doctor_reports, "doctor_lines": report.text}
