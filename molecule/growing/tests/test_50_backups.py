"""Backups of a cluster: whoever leads makes them, all can go back to a second, and a new leader begins at once."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from growing import APP, DATA, GROWN, places, red, status, writing
from members import database_leader, databases, redis_leader, state, whole
from polling import until
from scenario_host import play, run, shell

SERVICES = ["patroni", "backup-", "redis"]
PATRONI = "patronictl --config-file /etc/patroni/config.yml"


def psql(query: str, host: str = "") -> str:
    """Return what a query prints on a host, on the one that leads where none is named."""
    command = f'psql --host=/run/postgresql --username=postgres -XAtqc "{query}" garden'
    return shell(command, host=host or database_leader()).strip()


def listed() -> dict[str, list[dict[str, Any]]]:
    """Return what `make backups` lists, by host."""
    answer = play("backups", "-e", "format=json", inventory=GROWN, callback="answer")
    return json.loads(answer[answer.index("{") :])


def restore(at: float | str, what: str = "") -> str:
    """Run `make restore` to a moment, in epoch seconds, and wait until all are members again."""
    moment = at if isinstance(at, str) else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    told = play(
        "restore", "-e", json.dumps({"restore_at": moment, "restore_what": what}), inventory=GROWN, timeout=600
    )  # fmt: skip
    for host in DATA:
        until(lambda: whole(host), bool, 120)  # noqa: B023
    return told


def drill() -> subprocess.CompletedProcess[str]:
    """Run `make restore-drill`, whatever comes of it."""
    return run("restore_drill", inventory=GROWN)


def levels(job: str) -> dict[str, str]:
    """Return the level of a job of backups on each data host."""
    hosts = status()["hosts"]
    return {host: entry["level"] for host in DATA for entry in hosts[host]["backups"] if entry["job"] == job}


def lost_second() -> tuple[set[int], set[int], float]:
    """Write for some seconds and drop the table: what was confirmed before a second, what after it, and that second."""
    with writing() as confirmed:
        time.sleep(4)
        at = int(time.time()) + 1
        time.sleep(3)
    psql("DROP TABLE kept")
    rows = confirmed["postgres"]
    return {n for n, moment in rows if moment < at}, {n for n, moment in rows if moment > at + 0.5}, at


def assert_back(before: set[int], after: set[int]) -> None:
    """Every member has what was confirmed before that second, and nothing from after it."""
    assert len(before) > 10 and after
    for host in DATA:
        held = {int(n) for n in psql("SELECT n FROM kept", host).split()}
        assert before - held == set(), f"{host}: committed before that second, and lost"
        assert after & held == set(), f"{host}: committed after that second, and there"


def test_whoever_leads_makes_the_backup():
    play("backup", inventory=GROWN, timeout=400)
    leader = database_leader()
    wanted = {host: "ok" if host == leader else "neutral" for host in DATA}
    assert levels("database") == wanted
    assert [host for host, found in listed().items() if "database" in {entry["what"] for entry in found}] == DATA[:1]
    done = drill()
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_second_before_a_table_was_dropped():
    before, after, at = lost_second()
    leader = database_leader()
    told = restore(at)
    assert_back(before, after)
    assert f"{leader}: database is back" in told
    assert shell("ls -d /var/lib/postgresql/*/main.before-*", host=leader).split()
    # Those that have just been started are still starting.
    until(lambda: shell("supervisorctl status | grep -v RUNNING || true", host=APP), lambda rest: not rest, 60)


def test_a_new_leader_backs_up_at_once_and_a_moment_of_its_time_comes_back():
    old = database_leader()
    until(lambda: [host for host in DATA if not whole(host)], lambda absent: not absent, 60)
    # Nobody else may: what was committed is on this one.
    new = next(member["Member"] for member in databases(old) if member["Role"] == "Sync Standby")
    # Each job has run once since the restore, and found out who leads.
    shell("systemctl start backup-database", host=new, timeout=120)
    assert levels("database")[new] == "neutral"
    shell(f"{PATRONI} switchover main --leader {old} --candidate {new} --force", host=old)
    until(database_leader, new.__eq__, 60)
    labels = {entry["id"] for entry in listed()[DATA[0]]}
    shell("systemctl start backup-promoted", host=new, timeout=240)
    assert levels("database")[new] == "ok"
    assert {entry["id"] for entry in listed()[DATA[0]] if entry["what"] == "database"} - labels
    assert shell("systemctl is-active backup-promoted.timer", host=new).strip() == "active"
    before, after, at = lost_second()
    restore(at)
    assert_back(before, after)


def test_a_moment_that_cannot_be_reached_leaves_all_as_it_was():
    leader, rows = database_leader(), psql("SELECT count(*) FROM kept")
    refused = run("restore", "-e", json.dumps({"restore_at": "2001-01-01 00:00:00"}), inventory=GROWN, timeout=400)
    assert refused.returncode != 0
    assert "no backup had ended by then" in refused.stdout + refused.stderr
    for host in DATA:
        assert until(lambda: whole(host), bool, 120)  # noqa: B023
    assert (database_leader(), psql("SELECT count(*) FROM kept")) == (leader, rows)


def asked(host: str, *command: str) -> str:
    """Return what the application's user is answered by a host's own instance for state."""
    password = urlsplit(places()["redis"]).password
    return state(host, "garden", unquote(password), *command)


def test_keys_and_definitions_come_back_on_all_members():
    with writing() as confirmed:
        time.sleep(2)
    key = f"celery-task-meta-kept-{confirmed['redis'][-1][0]}"
    assert until(lambda: {asked(host, "get", key) for host in DATA}, lambda found: "" not in found, 30)
    play("backup", inventory=GROWN, timeout=400)
    asked(redis_leader(), "del", key)
    restore("latest", "redis,rabbitmq")
    # Whoever has the backup leads, and the others have copies of what came back.
    assert redis_leader() == DATA[0]
    assert until(lambda: {asked(host, "get", key) for host in DATA}, lambda found: "" not in found, 60)
    until(lambda: red(status()), lambda found: not found, 60)
