"""What `make status` says of what it found: levels, the table and the two ways to read it."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.status import judge, table

LIMITS = {
    "disk_free_mb": {"yellow": 4096, "red": 1024},
    "memory_available_percent": {"yellow": 10, "red": 5},
    "certificate_days": {"yellow": 21, "red": 7},
    "queue_ready": {"yellow": 1000, "red": 10000},
    "backup_hours": {"yellow": 26, "red": 30},
    "drill_days": {"yellow": 8, "red": 10},
    "archive_minutes": {"yellow": 5, "red": 15},
    "recent_minutes": 60,
}
SERVICE = {"name": "nginx", "state": "active", "seconds": 9000, "restarts": 0}
PROGRAM = {
    "name": "garden-web", "program": "garden-web-2", "release": "2", "state": "RUNNING",
    "seconds": 9000, "restarts": 0, "wanted": True, "reason": "",
}  # fmt: skip
QUEUE = {
    "application": "garden", "name": "default", "role": "work", "missing": False,
    "ready": 0, "unacknowledged": 0, "consumers": 1,
}  # fmt: skip
MEMBER = {"service": "postgres", "role": "leads", "missing": [], "why": ""}
PARKED = QUEUE | {"name": "dead-letter", "role": "parked", "consumers": 0}
CERTIFICATE = {"path": "/c.pem", "seconds": 90 * 86400, "lifetime": 90 * 86400, "renewal": None, "reason": ""}
#: One of a few days that renews itself.
WEEK = CERTIFICATE | {"lifetime": 7 * 86400, "renewal": "ok"}
BACKUP = {
    "job": "database", "outcome": "done", "seconds": 3600, "waiting": 9 * 86400, "label": "20261130-020000F", "why": "",
    "missing": [], "follows": False,
}  # fmt: skip
DRILL = BACKUP | {"job": "drill", "seconds": 2 * 86400}
NEVER = {"outcome": "", "seconds": None, "label": ""}
WEB_HOST = {"application": "garden", "host": "web-1", "state": "ready", "seconds": 60, "reason": ""}
FOUND = {
    "errors": [], "maintenance": [], "services": [SERVICE], "programs": [PROGRAM], "queues": [QUEUE, PARKED],
    "releases": [{"application": "garden", "release": "2", "seconds": 9000}],
    "certificates": [CERTIFICATE], "addresses": [], "web_hosts": [],
    "disk": {"path": "/", "total_mb": 40000, "free_mb": 20000},
    "memory": {"total_mb": 4000, "available_mb": 2000},
}  # fmt: skip
CASES = [
    ("ok", judge.service, SERVICE),
    ("ok", judge.service, SERVICE | {"restarts": 3}),
    ("yellow", judge.service, SERVICE | {"restarts": 3, "seconds": 59 * 60}),
    ("yellow", judge.service, SERVICE | {"state": "activating"}),
    ("red", judge.service, SERVICE | {"state": "inactive"}),
    ("red", judge.service, SERVICE | {"state": "missing", "seconds": None, "restarts": None}),
    ("ok", judge.member, MEMBER),
    ("yellow", judge.member, MEMBER | {"missing": ["data-2"]}),
    ("red", judge.member, MEMBER | {"role": "follows", "why": "follows nobody"}),
    ("ok", judge.program, PROGRAM),
    ("yellow", judge.program, PROGRAM | {"restarts": 1, "seconds": 5}),
    ("yellow", judge.program, PROGRAM | {"state": "STARTING"}),
    ("red", judge.program, PROGRAM | {"state": "STOPPED"}),
    ("red", judge.program, PROGRAM | {"state": "STOPPING"}),
    ("red", judge.program, PROGRAM | {"state": "ABSENT"}),
    ("red", judge.program, PROGRAM | {"state": "BACKOFF"}),
    ("red", judge.program, PROGRAM | {"state": "FATAL", "wanted": False}),
    ("yellow", judge.program, PROGRAM | {"wanted": False}),
    ("neutral", judge.program, PROGRAM | {"wanted": False, "release": None}),
    ("neutral", judge.program, PROGRAM | {"wanted": False, "state": "STOPPING"}),
    ("red", judge.release, {"application": "garden", "release": None}),
    ("ok", judge.web_host, WEB_HOST),
    ("yellow", judge.web_host, WEB_HOST | {"state": "not ready", "reason": "503"}),
    ("red", judge.web_host, WEB_HOST | {"state": "away", "reason": "Layer4 timeout"}),
    ("ok", judge.backup, BACKUP),
    ("yellow", judge.backup, BACKUP | {"seconds": 27 * 3600}),
    ("red", judge.backup, BACKUP | {"seconds": 31 * 3600}),
    ("red", judge.backup, BACKUP | {"outcome": "failed", "why": "no room"}),
    ("yellow", judge.backup, BACKUP | {"job": "files", "missing": ["media garden"]}),
    ("neutral", judge.backup, BACKUP | NEVER | {"waiting": 3600}),
    ("red", judge.backup, BACKUP | NEVER | {"waiting": 31 * 3600}),
    ("neutral", judge.backup, BACKUP | {"follows": True}),
    ("red", judge.backup, BACKUP | {"follows": True, "seconds": 31 * 3600}),
    ("ok", judge.backup, DRILL),
    ("yellow", judge.backup, DRILL | {"seconds": 9 * 86400}),
    ("red", judge.backup, DRILL | {"seconds": 11 * 86400}),
    ("red", judge.backup, DRILL | {"outcome": "failed", "why": "is not what was backed up"}),
    ("neutral", judge.backup, DRILL | NEVER | {"waiting": 7 * 86400}),
    ("ok", judge.backup, BACKUP | {"job": "archive", "outcome": "", "seconds": 60}),
    ("red", judge.backup, BACKUP | {"job": "archive", "outcome": "", "seconds": 1000}),
    ("ok", judge.queue, QUEUE),
    ("red", judge.queue, QUEUE | {"consumers": 0}),
    ("red", judge.queue, QUEUE | {"missing": True}),
    ("yellow", judge.queue, QUEUE | {"ready": None}),
    ("yellow", judge.queue, QUEUE | {"ready": 1001}),
    ("red", judge.queue, QUEUE | {"ready": 10001}),
    ("ok", judge.queue, PARKED),
    ("yellow", judge.queue, PARKED | {"ready": 1}),
    ("yellow", judge.queue, PARKED | {"unacknowledged": 1}),
    ("red", judge.queue, PARKED | {"name": "unrouted", "ready": 1}),
    ("neutral", judge.queue, QUEUE | {"role": "delayed", "consumers": 0, "ready": 5000}),
    ("ok", judge.certificate, CERTIFICATE | {"seconds": 21 * 86400}),
    ("yellow", judge.certificate, CERTIFICATE | {"seconds": 21 * 86400 - 1}),
    ("red", judge.certificate, CERTIFICATE | {"seconds": 7 * 86400 - 1}),
    ("red", judge.certificate, CERTIFICATE | {"seconds": -5}),
    ("ok", judge.certificate, WEEK | {"seconds": 2 * 86400}),
    ("yellow", judge.certificate, WEEK | {"seconds": 1.7 * 86400}),
    ("red", judge.certificate, WEEK | {"seconds": 0.8 * 86400}),
    ("red", judge.certificate, CERTIFICATE | {"renewal": "never"}),
    ("red", judge.certificate, CERTIFICATE | {"renewal": "failed", "reason": "no answer"}),
    ("yellow", judge.disk, {"free_mb": 4095}),
    ("red", judge.disk, {"free_mb": 1023}),
    ("yellow", judge.memory, {"total_mb": 1000, "available_mb": 99}),
    ("red", judge.memory, {"total_mb": 1000, "available_mb": 49}),
    ("yellow", judge.maintenance, {"application": "garden", "seconds": 5}),
    ("red", judge.error, {"part": "queues", "reason": "401"}),
]


@pytest.mark.parametrize(("level", "verdict", "entry"), CASES)
def test_level(level, verdict, entry):
    assert verdict(entry, LIMITS)[0] == level


def test_a_host_is_as_bad_as_its_worst_entry_and_an_environment_as_its_worst_host():
    hosts = {"one": FOUND, "two": FOUND | {"queues": [PARKED | {"ready": 2}]}}
    status = judge.environment("lab", hosts, LIMITS)
    assert [status["hosts"][name]["level"] for name in hosts] == ["ok", "yellow"]
    assert status["level"] == "yellow"


def test_a_release_that_differs_between_hosts_is_yellow_on_each():
    other = FOUND | {"releases": [{"application": "garden", "release": "1", "seconds": 5}]}
    status = judge.environment("lab", {"one": FOUND, "two": other}, LIMITS)
    assert [found["level"] for found in status["hosts"].values()] == ["yellow", "yellow"]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({}, "cannot be reached: it gave no answer"),
        (
            {"unreachable": True, "msg": "Task failed: EOF on stream; last lines received:\nNo such container: two\n"},
            "cannot be reached: No such container: two",
        ),
        (
            {"failed": True, "msg": "x", "module_stderr": "Traceback\n\nNameError: y\n"},
            "the module failed: NameError: y",
        ),
    ],
)
def test_a_host_without_a_result_is_red_and_says_why(result, reason):
    status = judge.environment("lab", {"one": FOUND, "two": result}, LIMITS)
    assert (status["hosts"]["one"]["level"], status["hosts"]["two"]["level"], status["level"]) == ("ok", "red", "red")
    assert [entry["reason"] for entry in status["hosts"]["two"]["errors"]] == [reason]
    assert f"RED  error  host      {reason}" in table.table(status)


def test_the_document_is_plain_json_with_a_list_for_each_kind():
    status = judge.environment("lab", {"one": FOUND}, LIMITS)
    again = json.loads(json.dumps(status))
    assert again == status
    assert [queue["name"] for queue in again["hosts"]["one"]["queues"]] == ["default", "dead-letter"]
    assert all(isinstance(again["hosts"]["one"][kind], list) for kind in judge.JUDGES)


def test_the_table_has_a_row_for_each_entry_and_ends_with_the_counts():
    hosts = {"one": FOUND, "two": FOUND | {"services": [SERVICE | {"state": "failed", "restarts": 4}]}}
    lines = table.table(judge.environment("lab", hosts, LIMITS)).splitlines()
    assert lines[0] == "one: ok"
    assert [line.split()[1] for line in lines[1:9]] == [
        "service", "release", "program", "queue", "queue", "certificate", "disk", "memory",
    ]  # fmt: skip
    (red,) = [line for line in lines if line.startswith("  RED")]
    assert red.split("  ")[1] == "RED"
    assert red.endswith("2 h 30 min    4 restarts, does not run")
    assert lines[-1] == "lab: red; 1 red, 0 yellow"
    assert not any(line != line.rstrip() for line in lines)


@pytest.mark.parametrize(
    ("renewal", "words"), [("never", "only stands in: no answer"), ("failed", "renewal failed: no answer")]
)
def test_a_renewal_that_failed_says_why(renewal, words):
    found = FOUND | {"certificates": [CERTIFICATE | {"renewal": renewal, "reason": "no answer"}]}
    assert f"  {words}" in table.table(judge.environment("lab", {"one": found}, LIMITS))


@pytest.mark.parametrize(
    ("seconds", "text"), [(-86400, "1 days ago"), (7200, "2 h left"), (90000, "1 d 1 h left"), (172800, "2 days left")]
)
def test_a_certificates_time(seconds, text):
    assert table.days(seconds) == text


def test_every_kind_of_entry_has_a_judge_and_a_row():
    assert list(judge.JUDGES) == list(table.ROWS)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""), (0, "0 s"), (59, "59 s"), (60, "1 min"), (125, "2 min 5 s"), (3600, "1 h"), (3605, "1 h"),
        (86400 + 7200, "1 d 2 h"), (-5, "0 s"),
    ],
)  # fmt: skip
def test_duration(seconds, text):
    assert table.duration(seconds) == text
