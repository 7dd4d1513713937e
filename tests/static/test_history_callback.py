"""How a verb ended is written to each host that has begun its line, whatever failed."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from conftest import plugin

callback = plugin("callback/history_record")


@pytest.fixture
def record(monkeypatch, tmp_path):
    """Return a callback whose hosts are files."""

    def reaching(host, _, argv):
        assert argv[:2] == ["python3", "-c"]
        return ["sh", "-c", "exit 1" if host == "lost" else f"cat > {tmp_path}/{host}"]

    monkeypatch.setattr(callback, "reaching", reaching)
    monkeypatch.setattr(callback.CallbackModule, "_reach", lambda self, host: {})
    return callback.CallbackModule()


def result(host="web-1", action="history_record", name="history : Write down who does what", **more):
    task = SimpleNamespace(action=action, get_name=lambda: name)
    return SimpleNamespace(host=SimpleNamespace(get_name=lambda: host), task=task, result=more)


def stats(failures=None, dark=None, changed=None):
    return SimpleNamespace(failures=failures or {}, dark=dark or {}, changed=changed or {})


def entry():
    return {"run": "1-site", "verb": "site", "who": "ann@desk", "at": "now"}


def test_a_run_without_the_action_writes_nothing(record, tmp_path):
    record.v2_runner_on_ok(result(action="ansible.builtin.copy", entry=entry()))
    record.v2_playbook_on_stats(stats())
    assert list(tmp_path.iterdir()) == []


def test_what_was_changed_is_counted_for_each_host(record, tmp_path):
    for host in ("web-1", "web-2"):
        record.v2_runner_on_ok(result(host, entry=entry()))
    record.v2_playbook_on_stats(stats(changed={"web-1": 3}))
    lines = {host: json.loads((tmp_path / host).read_text()) for host in ("web-1", "web-2")}
    assert {host: line["changed"] for host, line in lines.items()} == {"web-1": 3, "web-2": 0}
    assert lines["web-1"]["outcome"] == "done"
    assert lines["web-1"].items() >= entry().items()


def test_a_failure_tells_its_step_and_no_secret(record, tmp_path):
    record.v2_runner_on_ok(result(entry=entry()))
    record.v2_runner_on_failed(result("web-2", "x", "nginx : Start nginx", msg="no such unit"))
    record.v2_playbook_on_stats(stats(failures={"web-2": 1}))
    line = json.loads((tmp_path / "web-1").read_text())
    assert (line["outcome"], line["step"], line["why"]) == ("failed", "Start nginx (web-2)", "no such unit")
    record.v2_runner_on_failed(result(name="Write secrets", msg="s3cr3t", censored="the output has been hidden"))
    record.v2_playbook_on_stats(stats(failures={"web-1": 1}))
    assert json.loads((tmp_path / "web-1").read_text())["why"] == ""


def test_a_host_that_is_lost_is_warned_of_and_the_others_are_written(record, tmp_path, monkeypatch):
    warned: list[str] = []
    monkeypatch.setattr(record._display, "warning", warned.append)
    for host in ("lost", "web-1"):
        record.v2_runner_on_ok(result(host, entry=entry()))
    record.v2_playbook_on_stats(stats(dark={"lost": 1}))
    assert len(warned) == 1
    assert "lost keeps no line" in warned[0]
    assert json.loads((tmp_path / "web-1").read_text())["outcome"] == "failed"
