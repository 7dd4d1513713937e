"""Logs that no program writes to any more go by age, and by size the oldest first; the others stay."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os

import pytest
from conftest import ROOT

NOW, DAY, MIB = 1_800_000_000, 86400, 2**20


@pytest.fixture
def script():
    loader = importlib.machinery.SourceFileLoader("tidy_logs", str(ROOT / "roles/app/files/tidy-logs"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy_logs", loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def put(tmp_path):
    def put(name: str, days: float, size: int = 10) -> str:
        path = tmp_path / name
        with path.open("wb") as file:
            file.truncate(size)
        os.utime(path, (NOW - days * DAY, NOW - days * DAY))
        return str(path)

    return put


def test_what_is_old_goes_unless_it_is_written_to(script, tmp_path, put):
    live = {put("garden-web-1.log", 90)}
    for name, days in [("garden-web-1.log.1", 31), ("garden-web-0.log", 40), ("garden-web-2.log.1", 29)]:
        put(name, days)
    for name in ("deploys.log", "deploys.log.1", "schedule-report.log"):
        put(name, 400)
    gone = script.tidy(tmp_path, live, 30, 2048, NOW)
    assert sorted(path.name for path in gone) == ["garden-web-0.log", "garden-web-1.log.1"]


def test_too_much_goes_from_the_oldest_on(script, tmp_path, put):
    live = {put("live.log", 9, 3 * MIB)}
    for days in (3, 2, 1):
        put(f"old-{days}.log", days, 2 * MIB)
    gone = script.tidy(tmp_path, live, 30, 7, NOW)
    assert [path.name for path in gone] == ["old-3.log"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 7 * MIB


def test_programs_are_read_as_supervisor_reads_them(script, tmp_path, monkeypatch):
    (tmp_path / "a.conf").write_text("[program:a]\nstdout_logfile=/var/log/a/100%%.log\n")
    monkeypatch.setattr(script, "CONF", tmp_path)
    assert script.written_to() == {"/var/log/a/100%.log"}
