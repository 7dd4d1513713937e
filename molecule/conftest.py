"""For every scenario: when a check fails, show the journal and the logs of the service concerned."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# What scenarios share: scenario_host, polling, load.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

LINES = 40


def service_logs(host, services: list[str]) -> str:
    """Return the end of the journal of each unit, and of its files below /var/log."""
    parts = []
    for service in services:
        script = (
            f"journalctl --no-pager -n {LINES} -u '{service}*';"
            f" for log in /var/log/{service}*.log /var/log/{service}*/*.log; do"
            f' [ -f "$log" ] && echo "--- $log" && tail -n {LINES} "$log"; done'
        )
        parts.append(f"=== {service}\n{host.run(script).stdout}")
    return "\n".join(parts)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Add the logs of the units that the test module names in SERVICES to the report of a failed test."""
    outcome = yield
    report = outcome.get_result()
    host, services = item.funcargs.get("host"), getattr(item.module, "SERVICES", [])
    if report.when == "call" and report.failed and host is not None and services:
        report.sections.append(("service logs", service_logs(host, services)))
