"""What `make status` finds: each source in the words in which it comes."""

from __future__ import annotations

import datetime
import json

import pytest
from ansible.module_utils.status import certificates, machine, programs, queues, units
from pair_samples import make
from supervisor_fake import connect

NOW = 1_795_265_600
OLD, NEW = "20260101000000-1a2b3c4-aaaaaa", "20260202000000-5d6e7f8-bbbbbb"
SYSTEMCTL = """NRestarts=2
Id=nginx.service
LoadState=loaded
ActiveState=active
ActiveEnterTimestamp=@1795265000
InactiveEnterTimestamp=

NRestarts=0
Id=redis-server@garden-cache.service
LoadState=loaded
ActiveState=failed
ActiveEnterTimestamp=@1795260000
InactiveEnterTimestamp=@1795265500

Id=nosuch.service
LoadState=not-found
ActiveState=inactive
ActiveEnterTimestamp=
InactiveEnterTimestamp=

NRestarts=0
Id=postgresql@17-main.service
LoadState=loaded
ActiveState=active
ActiveEnterTimestamp=@1795265005
InactiveEnterTimestamp=
"""
LOG = f"""2026-02-02 12:43:32,913 INFO spawned: 'garden-web-{NEW}' with pid 4191
2026-02-02 12:50:00,001 WARN exited: garden-web-{NEW} (terminated by SIGKILL; not expected)
2026-02-02 12:50:02,001 INFO spawned: 'garden-web-{NEW}' with pid 4291
2026-02-02 12:52:00,001 INFO exited: garden-web-{NEW} (exit status 0; expected)
2026-02-02 12:53:00,001 INFO stopped: garden-beat-{NEW} (exit status 0)
"""


def info(name: str, state: str, **fields) -> dict:
    """What supervisord says of a process."""
    known = {"name": name, "group": name.removesuffix("_0").removesuffix("_1"), "statename": state, "spawnerr": ""}
    return known | {"now": NOW, "start": NOW - 100, "stop": NOW - 40} | fields


def test_units_come_in_the_order_asked_for_with_the_time_in_their_state():
    asked = ["postgresql@*.service", "redis-server@garden-cache.service", "nginx.service"]
    assert units.parse(SYSTEMCTL, asked, NOW) == [
        {"name": "postgresql@17-main", "state": "active", "seconds": 595, "restarts": 0},
        {"name": "redis-server@garden-cache", "state": "failed", "seconds": 100, "restarts": 0},
        {"name": "nginx", "state": "active", "seconds": 600, "restarts": 2},
    ]


@pytest.mark.parametrize("unit", ["nosuch.service", "redis-server@orchard-*.service"])
def test_a_unit_without_file_and_a_pattern_without_match_are_missing(unit):
    """A database whose cluster is gone must not be shown as nothing at all."""
    (entry,) = units.parse(SYSTEMCTL, [unit], NOW)
    assert (entry["name"], entry["state"]) == (unit.removesuffix(".service"), "missing")


def test_restarts_are_ends_that_nobody_asked_for():
    assert programs.exits(LOG) == {f"garden-web-{NEW}": 2}


def test_a_missing_program_of_the_live_release_is_named():
    wanted = {f"garden-web-{NEW}": NEW, f"garden-worker-slow-{NEW}": NEW}
    found = programs.describe([info(f"garden-web-{NEW}", "RUNNING")], programs.exits(LOG), wanted, set())
    assert [(e["name"], e["state"], e["seconds"], e["restarts"], e["wanted"]) for e in found] == [
        ("garden-web", "RUNNING", 100, 2, True),
        ("garden-worker-slow", programs.ABSENT, None, None, True),
    ]


def test_of_a_former_release_what_ends_is_shown_and_what_has_ended_is_not():
    processes = [
        info(f"garden-worker-slow-{OLD}", "STOPPING"),
        info(f"garden-web-{OLD}", "EXITED"),
        info(f"garden-beat-{OLD}", "FATAL", spawnerr="Exited too quickly"),
    ]
    found = programs.describe(processes, None, {}, set())
    assert [(e["name"], e["release"], e["state"], e["seconds"], e["reason"]) for e in found] == [
        ("garden-beat", OLD, "FATAL", 40, "Exited too quickly"),
        ("garden-worker-slow", OLD, "STOPPING", None, ""),
    ]


def test_a_stopped_program_that_is_still_described_is_shown():
    """A restart of supervisord would start it."""
    program = f"garden-web-{OLD}"
    assert programs.describe([info(program, "STOPPED")], None, {}, {program})[0]["state"] == "STOPPED"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (
            ("STOPPING", "RUNNING"),
            [("garden-worker-slow.2", "RUNNING", True), ("garden-worker-slow", "STOPPING", False)],
        ),
        (("STOPPED", "RUNNING"), [("garden-worker-slow.2", "RUNNING", True)]),
        (("STOPPING", "STOPPED"), [("garden-worker-slow", "STOPPING", True)]),
    ],
)
def test_of_a_program_that_came_back_beside_itself_one_is_wanted(states, expected):
    program = f"garden-worker-slow-{NEW}"
    processes = [info(program, states[0]), info(f"{program}.2", states[1])]
    found = programs.describe(processes, None, {program: NEW}, set())
    assert {(e["name"], e["state"], e["wanted"]) for e in found} == set(expected)
    assert {e["release"] for e in found} == {NEW}


def test_each_process_of_a_program_is_shown():
    program = f"garden-process-feed-{NEW}"
    processes = [info(f"{program}_0", "RUNNING"), info(f"{program}_1", "BACKOFF")]
    found = programs.describe(processes, None, {program: NEW}, set())
    assert [(e["name"], e["wanted"], e["release"]) for e in found] == [
        ("garden-process-feed_0", True, NEW),
        ("garden-process-feed_1", True, NEW),
    ]


def test_a_silent_supervisord_is_an_error_in_words(monkeypatch, tmp_path):
    fake, _ = connect(monkeypatch, tmp_path / "conf.d")

    def hang():
        raise TimeoutError("timed out")

    fake.getAllProcessInfo = hang
    with pytest.raises(programs.SupervisorError, match="supervisord does not answer: timed out"):
        programs.Inspector(directory=tmp_path).processes()


def queue(name: str, ready: int | None, consumers: int | None = 1, vhost: str = "garden") -> dict:
    figures = {"messages_ready": ready, "messages_unacknowledged": 0, "consumers": consumers}
    return {"name": name, "vhost": vhost} | ({} if ready is None else figures)


def test_queues_of_the_application_alone_with_countdowns_summed():
    listing = [
        queue("default", 3),
        queue("default", 99, vhost="orchard"),
        queue("dead-letter", 1, 0),
        queue("unrouted", None),
        queue("celery_delayed_1", 2),
        queue("celery_delayed_27", 4),
        queue("celery@worker.celery.pidbox", 7),
    ]
    found = queues.describe(listing, {"garden": ["default", "slow"]})
    assert [(e["name"], e["role"], e["ready"], e["missing"]) for e in found] == [
        ("default", "work", 3, False),
        ("slow", "work", None, True),
        ("dead-letter", "parked", 1, False),
        ("unrouted", "parked", None, False),
        ("delayed", "delayed", 6, False),
    ]


def test_memory_and_disk_in_mib():
    assert machine.memory("MemTotal: 24684000 kB\nMemFree: 1 kB\nMemAvailable:  20100000 kB\nHugePages_Total: 0\n") == {
        "total_mb": 24105,
        "available_mb": 19628,
    }
    assert machine.disk("/", 4096, 2**20, 2**18) == {"path": "/", "total_mb": 4096, "free_mb": 1024}


@pytest.mark.parametrize("year", [2026, 2049, 2050, 9999])
def test_a_certificates_end_is_read_as_both_kinds_of_time(year):
    """Up to 2049 with two digits of the year, from then on with four. What follows the first is its chain."""
    end = datetime.datetime(year, 11, 21, 12, 43, 26, tzinfo=datetime.UTC)
    text = "Some words before\n" + certificate(end) + certificate(end.replace(year=2030))
    assert certificates.validity(text) == (int(BEGIN.timestamp()), int(end.timestamp()))


BEGIN = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)


def certificate(end: datetime.datetime) -> str:
    return make(begin=BEGIN, end=end)[0]


@pytest.mark.parametrize(
    "text", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"], ids=["", "none", "cut"]
)
def test_what_is_no_certificate_is_refused(text):
    with pytest.raises(ValueError):
        certificates.validity(text)


OUTCOMES = [
    ("", None, ""),
    (None, "never", ""),
    ({"ok": False, "reason": "silence"}, "never", "silence"),
    ({"ok": True, "reason": "", "deployed": "1a"}, "ok", ""),
    ({"ok": False, "reason": "silence", "deployed": "1a"}, "failed", "silence"),
]


@pytest.mark.parametrize(("outcome", "renewal", "reason"), OUTCOMES)
def test_a_certificate_says_how_its_renewal_went(tmp_path, outcome, renewal, reason):
    """No file is named where somebody else renews it; one that is not there yet tells of no issue so far."""
    (tmp_path / "pair.pem").write_text(certificate(BEGIN + datetime.timedelta(days=90)))
    path = tmp_path / "outcome.json"
    if outcome:
        path.write_text(json.dumps(outcome))
    found = certificates.describe(
        str(tmp_path / "pair.pem"), "" if outcome == "" else str(path), BEGIN.timestamp() + 60
    )
    assert found == {
        "path": str(tmp_path / "pair.pem"), "seconds": 90 * 86400 - 60, "lifetime": 90 * 86400, "renewal": renewal,
        "reason": reason,
    }  # fmt: skip
